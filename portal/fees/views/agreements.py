"""Agreements of an organization: signed, changed within their term, ended early; each rehearsed to the cent first."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.fees import presenting, presenting_plans
from portal.fees.forms import ChangeForm, EndForm, SignForm
from portal.fees.models import Account, Agreement, Invoice, Terms, stretches
from portal.fees.services import agreements as services
from portal.fees.services import invoicing
from portal.fees.views import finding
from portal.fees.views.acting import Act, carry
from portal.members.access import needs, person_of
from portal.members.models import Organization, Role
from portal.members.policy import Action, can
from portal.members.views.organizations import visible


@needs(Action.SEE_INVOICES)
@require_safe
def of_organization(request: HttpRequest, slug: str) -> HttpResponse:
    """Every agreement of an organization, the newest first, with the terms it has now."""
    organization = _organization(request, slug)
    person = person_of(request)
    rows = Agreement.objects.visible_to(person).filter(account__organization=organization)
    found = rows.select_related("account").prefetch_related("terms__version__plan")
    page = {
        "organization": organization,
        "rows": [_shown(row) for row in found],
        "accounts": Account.objects.visible_to(person).filter(organization=organization),
        "may_keep": bool(can(person.actor, Action.KEEP_FEES)),
    }
    return render(request, "fees/agreements.html", page)


@needs(Action.SEE_INVOICES)
@require_safe
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """One agreement: its terms over time, its price, and what was billed."""
    found = finding.agreement(request, pk)
    rows = list(found.terms.select_related("version__plan", "made_by"))
    person = person_of(request)
    page = {
        **_shown(found, rows),
        "stretches": [(row, presenting.stretch(days)) for row, days in stretches(rows, found.term)],
        "facts": presenting_plans.facts(rows[-1].version).items(),
        "invoices": Invoice.objects.visible_to(person).filter(agreement=found),
        "may_keep": bool(can(person.actor, Action.KEEP_FEES)),
        "organization": found.account.organization,
    }
    return render(request, "fees/agreement.html", page)


@needs(Action.KEEP_FEES)
def sign(request: HttpRequest, slug: str) -> HttpResponse:
    """A new agreement; the page shows its first invoice before it is signed."""
    organization, by = _organization(request, slug), person_of(request)

    def run(form: SignForm, at: datetime) -> object:
        signed = services.sign(by=by, organization=organization, at=at, **form.values)
        invoicing.draft_period(signed, by=by, number=0, at=at)
        return signed

    act = Act(
        title=f"Sign an agreement with {organization.name}",
        word="Sign the agreement",
        done="The agreement is signed, and its first invoice drafted.",
        organization=organization,
        back=reverse("organization-agreements", args=[slug]),
        run=run,
        says="The price is frozen with the version of the plan. You see the first invoice before it is signed.",
        undo="An agreement is changed from a day on, or ended early.",
        then=lambda row: reverse("agreement", args=[getattr(row, "pk", None)]),
    )
    initial = {
        "starts_on": timezone.localdate(),
        "facilities": organization.facilities.count(),
        "clinicians": organization.roles.filter(name=Role.Name.CLINICIAN, person__is_active=True).count(),
    }
    return carry(request, act, lambda data: SignForm(data, initial=initial))


@needs(Action.KEEP_FEES)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Other terms from a day on; the page shows the credit notes and the new invoice first."""
    found, by = finding.agreement(request, pk), person_of(request)
    last = list(found.terms.select_related("version__plan"))[-1]

    def run(form: ChangeForm, at: datetime) -> object:
        return services.change(found, by=by, at=at, **form.cleaned_data)

    act = Act(
        title=f"Change the agreement with {found.account.organization.name}",
        word="Change the agreement",
        done="The agreement is changed.",
        organization=found.account.organization,
        back=reverse("agreement", args=[pk]),
        run=run,
        says="From the day on, what was billed is credited to the day, and the new terms are billed as a draft.",
        undo="Change it back from the same day on.",
    )
    initial = {name: getattr(last, name) for name in ("tier", "facilities", "clinicians", "discount_points")}
    initial |= {"version": last.version_id, "on": found.account.day(timezone.now())}
    return carry(request, act, lambda data: ChangeForm(data, held=last.version, initial=initial))


@needs(Action.KEEP_FEES)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    found, by = finding.agreement(request, pk), person_of(request)
    act = Act(
        title=f"End the agreement with {found.account.organization.name}",
        word="End the agreement",
        done="The agreement is ended.",
        organization=found.account.organization,
        back=reverse("agreement", args=[pk]),
        run=lambda form, at: services.end(found, by=by, at=at, **form.cleaned_data),
        says="What was billed beyond its last day is credited to the day.",
        undo="An end stays. Sign a new agreement instead.",
        danger=True,
    )
    return carry(request, act, EndForm)


def _organization(request: HttpRequest, slug: str) -> Organization:
    """The organization; auditors of the network see each one's money, though not the organization's own page."""
    if person_of(request).actor.is_auditor:
        return get_object_or_404(Organization, slug=slug)
    return visible(request, slug)


def _shown(row: Agreement, terms: list[Terms] | None = None) -> dict[str, Any]:
    today = timezone.localdate()
    rows = terms if terms is not None else list(row.terms.all())
    held = [one for one in rows if one.starts_on <= today] or rows[:1]
    state, tone = "Holds", "good"
    if row.term.until <= today:
        state, tone = "Over", ""
    elif row.starts_on > today:
        state, tone = "Not begun", ""
    return {
        "agreement": row,
        "terms": held[-1],
        "term": presenting.stretch(row.term) if row.term.days else "No day",
        "state": state,
        "tone": tone,
    }
