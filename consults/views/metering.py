"""The entitlement meter, and what the fee bought: for administrators, and auditors of the network."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from consults import metering, value
from consults.metering import RULES, Meter
from portal.common import pdf
from portal.fees import presenting
from portal.fees.models import Agreement, Invoice
from portal.fees.money import in_words
from portal.fees.pricing import NAMES, USAGE
from portal.fees.proration import Stretch
from portal.members.access import needs, person_of
from portal.members.policy import Action
from portal.members.views.helpers import ROWS, as_csv, paged

HEAD = ("organization", "year from", "counted until", "what", "included", "used", "left", "beyond", "price of those")


@needs(Action.SEE_INVOICES)
@require_safe
def usage(request: HttpRequest) -> HttpResponse:
    """Every running agreement that one may see with what is used of it; ``format=csv`` is a file."""
    now = timezone.now()
    rows = running(request)
    if request.GET.get("format") == "csv":
        return as_csv("usage", HEAD, (line for meter in metering.meters(rows, now) for line in _cells(meter)))
    page = paged(request, rows)
    context = {"page": page, "meters": [shown(meter) for meter in metering.meters(page, now)], "rules": _rules()}
    return render(request, "consults/usage.html", context)


@needs(Action.SEE_INVOICES)
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One agreement's year: each entitlement, and who used it; ``what`` shows those who used one, ``format`` is a file
    of who used what."""
    agreement = get_object_or_404(seen(request), pk=pk)
    meter = metering.meters([agreement], timezone.now())[0]
    what = next((kind for kind in USAGE if kind.value == request.GET.get("what")), None)
    people = metering.by_person(meter.uses, what)
    if request.GET.get("format") == "csv":
        cells = ((one.name, one.email, *(one.amounts[kind] for kind in USAGE)) for one in people)
        return as_csv(f"usage-{agreement.pk}", ("person", "e-mail address", *(NAMES[kind] for kind in USAGE)), cells)
    if request.GET.get("format") == "json":
        headers = {"Content-Disposition": f'attachment; filename="usage-{agreement.pk}.json"'}
        return JsonResponse({"people": [one.plain() for one in people]}, headers=headers)
    page = Paginator(people, ROWS).get_page(request.GET.get("page"))
    context = {
        "meter": shown(meter),
        "heads": [NAMES[kind] for kind in USAGE],
        "what": what.value if what else "",
        "whats": [(kind.value, NAMES[kind]) for kind in USAGE],
        "page": page,
        "people": [_line(one, one.name) for one in page],
        "places": [_line(one, one.name or "No facility named") for one in metering.by_place(meter.uses)],
        "rules": _rules(),
    }
    return render(request, "consults/usage_one.html", context)


@needs(Action.SEE_INVOICES)
@require_safe
def worth(request: HttpRequest, pk: int) -> HttpResponse:
    """What the fee bought in an invoice's days."""
    invoice, found = _worth(request, pk)
    context = {
        "invoice": invoice,
        "days": presenting.stretch(invoice.days),
        "figures": found,
        "is_running": invoice.until > invoice.account.day(timezone.now()),
    }
    return render(request, "consults/worth.html", context)


@needs(Action.SEE_INVOICES)
@require_safe
def worth_on_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as a PDF to go with the invoice, on its paper."""
    invoice, found = _worth(request, pk)
    name = str(invoice) if invoice.number else f"draft-{invoice.pk}"
    title = f"What the fee bought, {presenting.stretch(invoice.days)}"
    values = {
        "title": title,
        "paper": presenting.paper(invoice, [], 0)["paper"],
        "organization": invoice.account.organization.name,
        "figures": [[row.name, row.value, row.definition] for row in found],
        "foot": [f"With {'invoice ' if invoice.number else ''}{invoice}, {invoice.account.organization.name}"],
    }
    made = pdf.typeset("worth.typ", values)
    headers = {"Content-Disposition": f"attachment; filename={name}-what-it-bought.pdf"}
    return HttpResponse(made, content_type=pdf.CONTENT_TYPE, headers=headers)


def seen(request: HttpRequest) -> "QuerySet[Agreement]":
    rows = Agreement.objects.visible_to(person_of(request)).select_related("account__organization")
    return rows.prefetch_related("terms__version__plan")


def running(request: HttpRequest) -> "QuerySet[Agreement]":
    rows = Agreement.objects.running(timezone.now()).visible_to(person_of(request))
    rows = rows.select_related("account__organization").prefetch_related("terms__version__plan")
    return rows.order_by("account__organization__name", "pk")


def shown(meter: Meter) -> dict[str, object]:
    """A meter in the words of the page."""
    currency = meter.agreement.account.currency
    return {
        "agreement": meter.agreement,
        "organization": meter.agreement.account.organization,
        "year": presenting.stretch(meter.year),
        "counted": presenting.stretch(Stretch(meter.year.start, meter.until)) if meter.until > meter.year.start else "",
        "lines": [
            {
                "name": line.name,
                "included": presenting.number(line.included),
                "used": presenting.number(line.used),
                "left": presenting.number(line.left),
                "beyond": presenting.number(line.beyond),
                "price": in_words(line.beyond_cents, currency),
                "each": in_words(line.each_cents, currency),
                "projected": presenting.number(line.projected),
                "projected_price": in_words(line.projected_cents, currency),
                "share": None if line.share is None else int(line.share * 100),
                "tone": "late" if line.beyond else "attention" if line.share and line.share * 100 >= 80 else "good",
            }
            for line in meter.entitlements
        ],
    }


def _cells(meter: Meter) -> list[tuple[object, ...]]:
    place, year = meter.agreement.account.organization.name, meter.year.start
    currency = meter.agreement.account.currency
    return [
        (
            place,
            year,
            meter.until,
            line.name,
            line.included,
            line.used,
            line.left,
            line.beyond,
            in_words(line.beyond_cents, currency),
        )
        for line in meter.entitlements
    ]


def _line(share: metering.Share, name: str) -> dict[str, object]:
    cells = [(NAMES[kind], presenting.number(share.amounts[kind])) for kind in USAGE]
    return {"name": name, "email": share.email, "cells": cells}


def _rules() -> list[tuple[str, str]]:
    return [(NAMES[kind], RULES[kind]) for kind in USAGE]


def _worth(request: HttpRequest, pk: int) -> tuple[Invoice, list[value.Figure]]:
    rows = Invoice.objects.visible_to(person_of(request)).select_related("account__organization")
    invoice = get_object_or_404(rows, pk=pk)
    return invoice, value.statement(invoice.account.organization, invoice.days)
