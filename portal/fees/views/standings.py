"""An account's standing: why it is what it is, what follows and when, its history; more time, with a reason."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.fees import presenting
from portal.fees import standing as rules
from portal.fees.forms import ExtendForm
from portal.fees.presenting_standing import history
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
