"""Reminders: what is overdue and why it waits, every letter that was sent, and the letters as PDF."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.common import pdf
from portal.common.audit import record
from portal.common.notices import mark_read_at
from portal.fees import presenting_reminders
from portal.fees.forms_bank import CorrespondenceForm, HoldForm
from portal.fees.models import Account, Correspondence, Invoice, Reminder
from portal.fees.money import in_words
from portal.fees.services import reminding, standing
from portal.members.access import needs, person_of
from portal.members.policy import Action
from portal.members.views.helpers import attempt, paged


@needs(Action.SEE_INVOICES)
@require_safe
def reminders(request: HttpRequest) -> HttpResponse:
    """Of the accounts one may see: what is overdue, with holds and promises, and the log of letters."""
    person = person_of(request)
    mark_read_at(person, request.path)
    accounts = list(Account.objects.visible_to(person).select_related("organization", "correspondence"))
    page = paged(request, _seen(request).select_related("invoice"))
    shown = {
        "overdue": presenting_reminders.overdue(accounts, timezone.localdate()),
        "page": page,
        "rows": [(row, in_words(row.open_cents, row.account.currency)) for row in page],
        "accounts": [row for row in accounts if row.organization_id in person.actor.administrator_of],
        "is_network": person.actor.is_network_administrator or person.actor.is_auditor,
        "may_hold": person.actor.is_network_administrator,
    }
    return render(request, "fees/reminders.html", shown)


@needs(Action.SEE_INVOICES)
@require_safe
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter as it was sent."""
    row = get_object_or_404(_seen(request).select_related("invoice"), pk=pk)
    made = pdf.typeset("reminder.typ", presenting_reminders.paper(row), at=row.sent_at)
    record(
        by=person_of(request),
        action="fees.reminder.download",
        object_type="reminder",
        object_id=row.pk,
        organization_id=row.account.organization_id,
    )
    name = f"reminder-{row.level}-{row.invoice.number}.pdf"
    return HttpResponse(
        made, content_type=pdf.CONTENT_TYPE, headers={"Content-Disposition": f"attachment; filename={name}"}
    )


@needs(Action.KEEP_FEES)
@require_http_methods(["GET", "HEAD", "POST"])
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave an invoice alone for a time, or write down a promise."""
    invoice = get_object_or_404(Invoice.objects.final().select_related("account__organization"), pk=pk)
    form = HoldForm(request.POST or None, initial={"kind": "promise"})
    if request.method == "POST" and form.is_valid():
        values, by, now = form.cleaned_data, person_of(request), timezone.now()
        if attempt(form, lambda: standing.hold(invoice, by=by, at=now, **values)):
            return redirect("reminders")
    return render(request, "fees/hold.html", {"form": form, "invoice": invoice, "holds": invoice.holds.all()})


@needs(Action.SEE_INVOICES)
@require_http_methods(["GET", "HEAD", "POST"])
def correspondence(request: HttpRequest, pk: int) -> HttpResponse:
    """In which language and on which paper an account's letters are written."""
    person = person_of(request)
    account = get_object_or_404(Account.objects.visible_to(person).select_related("organization"), pk=pk)
    now = Correspondence.objects.filter(account=account).first() or Correspondence(account=account)
    form = CorrespondenceForm(request.POST or None, initial={"language": now.language, "paper": now.paper})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if attempt(form, lambda: reminding.write_in(account, by=person, **values)):
            return redirect("reminders")
    return render(request, "fees/correspondence.html", {"form": form, "account": account})


def _seen(request: HttpRequest) -> "QuerySet[Reminder]":
    accounts = Account.objects.visible_to(person_of(request))
    return Reminder.objects.filter(account__in=accounts).select_related("account__organization")
