"""The entitlement meter, and what the fee bought: for administrators, and auditors of the network."""

from decimal import Decimal

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from consults import metering, value
from consults.metering import RULES, Meter
from portal.common import pdf
from portal.fees import presenting
from portal.fees.models import Agreement, Invoice
from portal.fees.money import in_words
from portal.fees.pricing import NAMES, USAGE, Kind
from portal.fees.proration import Stretch
from portal.members.access import needs, person_of
from portal.members.policy import Action
from portal.members.views.helpers import as_csv, paged

HEAD = ("organization", "year from", "counted until", "what", "included", "used", "left", "beyond", "price of those")
PEOPLE_SHOWN = 200


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
    """One agreement's year: each entitlement, and who used it; ``format=csv`` is a file of who used what."""
    agreement = get_object_or_404(seen(request), pk=pk)
    meter = metering.meters([agreement], timezone.now())[0]
    people, places = (metering.by(meter.uses, name) for name in ("person", "place"))
    if request.GET.get("format") == "csv":
        cells = ((name, *(line[kind] for kind in USAGE)) for name, line in people)
        return as_csv(f"usage-{agreement.pk}", ("person", *(NAMES[kind] for kind in USAGE)), cells)
    context = {
        "meter": shown(meter),
        "heads": [NAMES[kind] for kind in USAGE],
        "people": [_line(name, line) for name, line in people[:PEOPLE_SHOWN]],
        "places": [_line(name or "No facility named", line) for name, line in places],
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


def _line(name: str, sums: dict[Kind, Decimal]) -> dict[str, object]:
    return {"name": name, "cells": [(NAMES[kind], presenting.number(sums[kind])) for kind in USAGE]}


def _rules() -> list[tuple[str, str]]:
    return [(NAMES[kind], RULES[kind]) for kind in USAGE]


def _worth(request: HttpRequest, pk: int) -> tuple[Invoice, list[value.Figure]]:
    rows = Invoice.objects.visible_to(person_of(request)).select_related("account__organization")
    invoice = get_object_or_404(rows, pk=pk)
    return invoice, value.statement(invoice.account.organization, invoice.days)
