"""A requester's preparation of one question and its code; a month of one's own, and of one's organization."""

from datetime import date

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from consults.hours import NETWORK
from consults.models import Consult, Preparation, PreparationQuerySet
from consults.services import deciding, preparing
from consults.services.answering import MAX_MINUTES
from consults.views.billing import YES_NO
from consults.views.reading import visible
from portal.common import present
from portal.members.access import person_of, signed_in
from portal.members.models import Organization
from portal.members.views.helpers import as_csv, attempt, carry_out, paged

HEADER = (
    "month",
    "consult",
    "organization",
    "specialty",
    "requester",
    "minutes",
    "code",
    "refused because",
    "decided at",
)


class PreparationForm(forms.Form):
    """The requester's own minutes, and what only they know."""

    minutes = forms.IntegerField(
        min_value=1,
        max_value=MAX_MINUTES,
        label="Your minutes",
        help_text="Your own, spent on preparing this question.",
    )
    billed_lately = forms.ChoiceField(
        choices=YES_NO,
        required=False,
        label="Was this code billed for this patient lately?",
        help_text="Ask your payer how often it may be.",
    )
    refused_because = forms.CharField(
        required=False, max_length=200, label="If you bill nothing: why", help_text="Nothing about the patient."
    )

    def billed(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.cleaned_data["billed_lately"])


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """One's own preparation of a question: the code with its conditions, confirmed or refused."""
    row, by = visible(request, number), person_of(request)
    if not preparing.may_decide(row, by):
        raise Http404
    decision = preparing.own(by).filter(consult=row).first()
    known = {"minutes": decision.minutes, "billed_lately": "no" if decision.code else ""} if decision else {}
    form = PreparationForm(request.POST or None, initial=known)
    minutes, lately = decision.minutes if decision else 0, False if decision and decision.code else None
    if form.is_bound and form.is_valid():
        minutes, lately = form.cleaned_data["minutes"], form.billed()
        if ("confirm" in request.POST or "refuse" in request.POST) and attempt(
            form,
            lambda: preparing.decide(
                row,
                by=by,
                minutes=minutes,
                billed_lately=lately,
                refused_because=form.cleaned_data["refused_because"],
                is_refused="refuse" in request.POST,
                at=present.now(),
            ),
        ):
            messages.success(request, "Your decision is kept. You may change it here.")
            return redirect("consult-preparation", number=number)
    page = {
        "consult": row,
        "form": form,
        "suggestion": preparing.suggestion(row, minutes=minutes, billed_lately=lately),
        "decision": decision,
        "is_answered": row.state in (Consult.State.ANSWERED, Consult.State.CLOSED),
    }
    return render(request, "consults/preparation.html", page)


def cells(row: Preparation) -> tuple[object, ...]:
    consult, at = row.consult, row.decided_at.astimezone(NETWORK)
    return (
        f"{at:%Y-%m}",
        consult.number,
        consult.organization.name,
        consult.specialty.name if consult.specialty else "",
        row.person.name,
        row.minutes,
        row.code,
        row.refused_because,
        at.isoformat(timespec="seconds"),
    )


@signed_in
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """A month of one's own decisions; ``format=csv`` is a file."""
    by = person_of(request)
    if not by.actor.clinician_in:
        raise Http404
    return _month(request, preparing.own(by), name="preparation", organization=None)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def of_organization(request: HttpRequest, slug: str) -> HttpResponse:
    """A month of an organization's people, for its administrators, who also say whether it bills for preparing."""
    by = person_of(request)
    place = get_object_or_404(Organization, slug=slug, pk__in=by.actor.administrator_of)
    if request.method == "POST":
        bills = request.POST.get("bills") == "yes"
        done = "Your clinicians may bill for preparing now." if bills else "Nobody bills for preparing any more."
        carry_out(request, lambda: preparing.set_policy(by=by, organization=place, bills=bills, at=present.now()), done)
        return redirect("organization-preparation", slug=slug)
    return _month(
        request, preparing.of_organization(place, by=by), name=f"preparation-{place.slug}", organization=place
    )


def _month(
    request: HttpRequest, rows: PreparationQuerySet, *, name: str, organization: Organization | None
) -> HttpResponse:
    month: date = deciding.month_of(request.GET.get("month", ""), now=timezone.now())
    found = preparing.decided_in(month, rows)
    if request.GET.get("format") == "csv":
        return as_csv(f"{name}-{month:%Y-%m}", HEADER, (cells(row) for row in found))
    context = {
        "month": month,
        "page": paged(request, found),
        "sums": preparing.sums(found),
        "organization": organization,
        "bills": organization and preparing.bills(organization.pk),
    }
    return render(request, "consults/preparation_month.html", context)
