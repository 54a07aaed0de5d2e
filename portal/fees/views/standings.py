"""An account's standing: why it is what it is, what follows and when, its history; more time, with a reason."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.fees import presenting
from portal.fees import standing as rules
from portal.fees.forms import ExtendForm
from portal.fees.models import Account
from portal.fees.services import standing
from portal.fees.views import finding
from portal.fees.views.acting import Act, carry
from portal.members.access import needs, person_of
from portal.members.policy import Action, can


@needs(Action.SEE_INVOICES)
@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    account = finding.account(request, pk)
    record = standing.now_of(account)
    actor = person_of(request).actor
    shown = {
        "account": account,
        "standing": presenting.standing(account, record),
        "is_suspended": bool(record and record.state == rules.State.SUSPENDED.value),
        "coming": standing.coming(account, at=timezone.now()),
        "history": history(account),
        "may_keep": bool(can(actor, Action.KEEP_FEES)),
        "is_network": bool(can(actor, Action.SEE_FEES)),
    }
    return render(request, "fees/standing.html", shown)


@needs(Action.KEEP_FEES)
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    account, by = finding.account(request, pk), person_of(request)
    act = Act(
        title=f"Give {account.organization.name} more time",
        word="Extend",
        done="The grace lasts longer.",
        organization=account.organization,
        back=reverse("fees-standing", args=[pk]),
        run=lambda form, at: standing.extend(account, by=by, at=at, **form.cleaned_data),
        says="Until that day what is overdue does not suspend it. A suspended organization may ask again at once.",
        undo="An extension stays: a later one adds, none takes away.",
    )
    return carry(request, act, ExtendForm)


def history(account: Account) -> list[dict[str, Any]]:
    """States, extensions and holds, the newest first."""
    rows = [
        {"at": row.recorded_at, "what": f"{row.get_state_display()} since {_day(row.since)}", "why": row.reasons}
        for row in account.standings.all()
    ]
    for extension in account.extensions.select_related("given_by"):
        what = f"Extended to {_day(extension.until)} by {extension.given_by.name}"
        rows.append({"at": extension.given_at, "what": what, "why": [extension.reason]})
    for hold in account.holds.select_related("made_by", "invoice"):
        what = f"Invoice {hold.invoice} {hold.get_kind_display().lower()}, left alone until {_day(hold.until)}"
        rows.append({"at": hold.made_at, "what": what, "why": [hold.reason]})
    return sorted(rows, key=lambda row: row["at"], reverse=True)


def _day(day: Any) -> str:
    return f"{day.day} {day:%B %Y}"
