"""Offers to renew: which agreements end soon, an offer with what it costs beside today, and its answer."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.common.notices import mark_read_at
from portal.fees import presenting, presenting_renewals
from portal.fees.forms import NothingForm
from portal.fees.forms_renewals import AcceptForm, DeclineForm, RenewForm, WithdrawForm
from portal.fees.models import Renewal
from portal.fees.services import renewals as services
from portal.fees.views import finding
from portal.fees.views.acting import Act, carry
from portal.members.access import needs, person_of
from portal.members.policy import Action, can
from portal.members.views.helpers import attempt, paged

SHOWN = 50
"""Of the agreements that end soon; the others follow as these are dealt with."""


@needs(Action.SEE_INVOICES)
@require_safe
def renewals(request: HttpRequest) -> HttpResponse:
    """Agreements that end soon, and every offer one may see, the newest first."""
    person = person_of(request)
    soon = presenting_renewals.ending(person, timezone.localdate(), settings.RENEWAL_MONTHS)
    offers = Renewal.objects.visible_to(person).select_related("account__organization", "version__plan")
    page = paged(request, offers)
    shown = {
        "ending": [{"agreement": row, "last": presenting.stretch(row.term)} for row in soon[:SHOWN]],
        "months": settings.RENEWAL_MONTHS,
        "page": page,
        "rows": [_row(row) for row in page],
        "is_network": bool(can(person.actor, Action.SEE_FEES)),
        "may_keep": bool(can(person.actor, Action.KEEP_FEES)),
    }
    return render(request, "fees/renewals.html", shown)


@needs(Action.KEEP_FEES)
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The terms of an offer; what they cost is shown beside today's before anything is sent."""
    agreement, by = finding.agreement(request, pk), person_of(request)
    last = list(agreement.terms.select_related("version__plan"))[-1]
    organization = agreement.account.organization
    initial = {
        "version": last.version_id,
        "cycle": agreement.cycle,
        "facilities": last.facilities,
        "clinicians": last.clinicians,
        "days_to_pay": agreement.days_to_pay,
        "draft_days": agreement.draft_days,
    }
    if held := agreement.renewals.filter(state=Renewal.State.DRAFT).first():
        initial |= {name: getattr(held, name) for name in ("cycle", "facilities", "clinicians", "discount_points")}
        initial |= {"version": held.version_id, "days_to_pay": held.days_to_pay, "draft_days": held.draft_days}
    form = RenewForm(request.POST or None, currency=agreement.account.currency, initial=initial)
    if request.method == "POST" and form.is_valid():
        made: list[Renewal] = []
        values = form.terms(agreement.until)
        if attempt(form, lambda: made.append(services.draft(agreement, by=by, terms=values, at=timezone.now()))):
            return redirect("renewal", made[0].pk)
    page = {
        "form": form,
        "agreement": agreement,
        "organization": organization,
        "last": presenting.stretch(agreement.term),
    }
    return render(request, "fees/renewal_draft.html", page)


@needs(Action.SEE_INVOICES)
@require_safe
def renewal(request: HttpRequest, pk: int) -> HttpResponse:
    """One offer beside what holds today, and what happened to it."""
    row, person = _found(request, pk), person_of(request)
    mark_read_at(person, request.path)
    now = presenting_renewals.last_terms(row)
    page = {
        **_row(row),
        "organization": row.account.organization,
        "currency": row.account.currency,
        "costs": presenting_renewals.costs(row, now),
        "facts": presenting_renewals.facts(row, now),
        "history": presenting_renewals.history(row, person),
        "may_keep": bool(can(person.actor, Action.KEEP_FEES)),
        "may_answer": row.is_open(timezone.now()) and row.account.organization_id in person.actor.administrator_of,
        "is_draft": row.state == Renewal.State.DRAFT,
        "is_waiting": row.state == Renewal.State.OFFERED,
    }
    return render(request, "fees/renewal.html", page)


@needs(Action.KEEP_FEES)
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    row, by = _found(request, pk), person_of(request)
    act = _act(
        row,
        title=f"Offer {row.account.organization.name} to renew",
        word="Send the offer",
        done="The offer is sent.",
        run=lambda form, at: services.offer(row, by=by, at=at),
        says="Its terms are frozen, and the administrators of the organization are told by mail.",
        undo="An offer can be withdrawn until it is answered.",
    )
    return carry(request, act, NothingForm)


@needs(Action.KEEP_FEES)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    row, by = _found(request, pk), person_of(request)
    act = _act(
        row,
        title=f"Withdraw the offer to {row.account.organization.name}",
        word="Withdraw it",
        done="The offer is withdrawn.",
        run=lambda form, at: services.withdraw(row, by=by, at=at, **form.cleaned_data),
        undo="What was withdrawn stays so. Another offer can be made.",
        danger=True,
    )
    return carry(request, act, WithdrawForm)


@needs(Action.SEE_INVOICES)
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    row, by = _own(request, pk), person_of(request)
    day = row.starts_on
    act = _act(
        row,
        title=f"Decline to renew the membership of {row.account.organization.name}",
        word="Decline the offer",
        done="The offer is declined. The network reads why.",
        run=lambda form, at: services.decline(row, by=by, at=at, **form.cleaned_data),
        says=f"The membership is over from {day.day} {day:%B %Y} on, unless another offer is made and accepted.",
        undo="An answer stays. Ask the network for another offer.",
        danger=True,
    )
    return carry(request, act, DeclineForm)


@needs(Action.SEE_INVOICES)
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """The sentence that is agreed to, and who agrees."""
    row, by = _own(request, pk), person_of(request)
    said = services.sentence_of(row)
    form = AcceptForm(request.POST or None, initial={"name": by.name, "sentence": said})
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("name", "sentence")}
        if attempt(form, lambda: services.accept(row, by=by, at=timezone.now(), **values)):
            return redirect("renewal", row.pk)
    page = {**_row(row), "form": form, "sentence": said, "is_waiting": row.is_open(timezone.now())}
    return render(request, "fees/renewal_accept.html", page | {"organization": row.account.organization})


def _found(request: HttpRequest, pk: int) -> Renewal:
    rows = Renewal.objects.visible_to(person_of(request)).select_related(
        "account__organization", "version__plan", "agreement", "drafted_by", "offered_by", "ended_by"
    )
    return get_object_or_404(rows, pk=pk)


def _own(request: HttpRequest, pk: int) -> Renewal:
    """An offer to one's own organization; others who see it are told that it is not theirs to answer."""
    row = _found(request, pk)
    if row.account.organization_id not in person_of(request).actor.administrator_of:
        raise PermissionDenied("Only administrators of the organization answer an offer to it.")
    return row


def _act(row: Renewal, *, run: Any, **words: Any) -> Act:
    return Act(organization=None, back=reverse("renewal", args=[row.pk]), run=run, **words)


def _row(row: Renewal) -> dict[str, Any]:
    return {
        "renewal": row,
        "term": presenting.stretch(row.term),
        "year": services.year_of(row),
        "state": state_of(row, timezone.now()),
        "tone": presenting_renewals.TONES.get(row.state, ""),
    }


def state_of(row: Renewal, at: datetime) -> str:
    """An offer that nobody answered in time has lapsed, before the hourly look says so."""
    is_over = row.state == Renewal.State.OFFERED and not row.is_open(at)
    return Renewal.State.LAPSED.label if is_over else row.get_state_display()
