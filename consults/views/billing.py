"""The billing code of one consult, and a month of decisions."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from consults.hours import NETWORK
from consults.models import BillingDecision
from consults.services import deciding, mending
from consults.views.reading import visible
from portal.common import present
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.access import person_of, signed_in
from portal.members.views.helpers import as_csv

YES_NO = [("", "Not said yet"), ("no", "No"), ("yes", "Yes")]
HEADER = (
    "month",
    "consult",
    "organization",
    "specialty",
    "specialist",
    "minutes",
    "code",
    "refused because",
    "decided at",
    "minutes decided on",
    "confirm anew",
)


class BillingForm(forms.Form):
    """What only the specialist knows of the patient; and the reason where no code is billed."""

    seen = forms.ChoiceField(
        choices=YES_NO, required=False, label="Did you see this patient within 14 days before or after?"
    )
    billed_lately = forms.ChoiceField(
        choices=YES_NO, required=False, label="Did you bill such a code for this patient within 7 days?"
    )
    consent = forms.BooleanField(required=False, label="The requester recorded the patient's consent.")
    refused_because = forms.CharField(
        required=False, max_length=200, label="If you bill nothing: why", help_text="Nothing about the patient."
    )

    def said(self) -> deciding.Said:
        values = self.cleaned_data
        known = {"yes": True, "no": False}
        return deciding.Said(known.get(values["seen"]), known.get(values["billed_lately"]), values["consent"])


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """The suggestion with its conditions; confirmed or refused by whoever spent the minutes."""
    row, by = visible(request, number), person_of(request)
    if not by.actor.specialist_in or not deciding.minutes_of(row, by):
        raise Http404
    decision = BillingDecision.objects.filter(consult=row, specialist=by).first()
    known = {"seen": "no", "billed_lately": "no", "consent": True} if decision and decision.code else {}
    form = BillingForm(request.POST or None, initial=known)
    said = form.said() if form.is_bound and form.is_valid() else deciding.Said()
    if known and not form.is_bound:
        said = deciding.Said(seen=False, billed_lately=False, consent=True)
    if form.is_bound and form.is_valid() and ("confirm" in request.POST or "refuse" in request.POST):
        try:
            deciding.decide(
                row,
                by=by,
                said=said,
                refused_because=form.cleaned_data["refused_because"],
                is_refused="refuse" in request.POST,
                at=present.now(),
            )
            messages.success(request, "Your decision is kept. You may change it here.")
            return redirect("consult-billing", number=number)
        except Invalid as invalid:
            for field, text in invalid.fields.items():
                form.add_error(field if field in form.fields else None, text)
        except (Refused, Conflict) as refused:
            form.add_error(None, str(refused))
    minutes = deciding.minutes_of(row, by)
    page = {
        "consult": row,
        "form": form,
        "minutes": minutes,
        "suggestion": deciding.suggestion(row, person=by, said=said),
        "decision": decision,
        "is_stale": decision and deciding.is_stale(decision, minutes=minutes),
        "spent": [one for one in mending.spent(row, person=by, now=timezone.now()) if one.message.author_id == by.pk],
    }
    return render(request, "consults/billing.html", page)


def cells(row: BillingDecision) -> tuple[object, ...]:
    consult = row.consult
    at = row.decided_at.astimezone(NETWORK)
    minutes: int = row.minutes_now  # type: ignore[attr-defined] # annotated by decided_in
    return (
        f"{at:%Y-%m}",
        consult.number,
        consult.organization.name,
        consult.specialty.name if consult.specialty else "",
        row.specialist.name,
        minutes,
        row.code,
        row.refused_because,
        at.isoformat(timespec="seconds"),
        row.minutes,
        "yes" if deciding.is_stale(row, minutes=minutes) else "no",
    )


@signed_in
@require_safe
def month(request: HttpRequest) -> HttpResponse:
    """A month of decisions, for section leads and the network's administrators; ``format=csv`` is a file."""
    by = person_of(request)
    if not deciding.may_export(by):
        raise PermissionDenied("Only section leads and administrators of the network see a month of decisions.")
    chosen = deciding.month_of(request.GET.get("month", ""), now=timezone.now())
    rows = deciding.decided_in(chosen, by=by)
    if request.GET.get("format") == "csv":
        return as_csv(f"billing-{chosen:%Y-%m}", HEADER, (cells(row) for row in rows))
    return render(request, "consults/billing_month.html", {"month": chosen, "rows": rows[:500]})
