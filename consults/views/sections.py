"""Who is on call now, for everyone; and a section's rota, routing and absences, for its lead."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consults import read_instead
from consults.colleagues import specialists
from consults.models import OnCallDay
from consults.policy import may_lead
from consults.presence_forms import ColleagueAbsenceForm, DutyForm, PolicyForm
from consults.services import assigning, availability, gating, rota
from portal.common import present
from portal.members.access import person_of, signed_in
from portal.members.models import Absence, Specialty
from portal.members.policy import Denied
from portal.members.views.helpers import attempt

SHOWN_DAYS = 28


@signed_in
@require_safe
def on_call(request: HttpRequest) -> HttpResponse:
    """Who is on call now for each specialty, and who stands in."""
    now = timezone.now()
    rows = (
        OnCallDay.objects.filter(day=rota.today(now))
        .select_related("specialty", "specialty__phone", "primary", "backup")
        .prefetch_related("primary__absences", "backup__absences")
        .order_by("specialty__name")
    )
    shown = [
        {
            "specialty": row.specialty,
            "dial": row.specialty.phone.dial if hasattr(row.specialty, "phone") else "",
            "primary": row.primary,
            "primary_away": row.primary.is_away(now),
            "backup": row.backup,
            "backup_away": bool(row.backup and row.backup.is_away(now)),
        }
        for row in rows
    ]
    own = Specialty.objects.filter(pk__in=person_of(request).actor.leads)
    return render(request, "consults/on_call.html", {"rows": shown, "day": rota.today(now), "led": own})


def led(request: HttpRequest, slug: str) -> Specialty:
    """The specialty, for its section lead; refused to anyone else."""
    specialty = get_object_or_404(Specialty, slug=slug)
    if isinstance(decision := may_lead(person_of(request).actor, specialty.pk), Denied):
        raise PermissionDenied(decision.reason)
    return specialty


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, slug: str) -> HttpResponse:
    """A section's routing, rota and absences; a POST sets the routing."""
    specialty, person = led(request, slug), person_of(request)
    form = PolicyForm(request.POST) if request.method == "POST" else None
    if form and form.is_valid():
        values = form.cleaned_data
        if attempt(form, lambda: rota.set_policy(by=person, specialty=specialty, **values)):
            messages.success(request, "Saved. It holds from the next question on.")
            return redirect("section", slug=slug)
    return _page(request, specialty, policy=form)


@signed_in
@require_POST
def duties(request: HttpRequest, slug: str) -> HttpResponse:
    """Put someone on call for some days."""
    specialty, person = led(request, slug), person_of(request)
    form = DutyForm(request.POST, specialty=specialty)
    if form.is_valid():
        values = form.cleaned_data
        if attempt(form, lambda: rota.set_days(by=person, specialty=specialty, **values)):
            messages.success(request, "The rota is saved.")
            return redirect("section", slug=slug)
    return _page(request, specialty, duty=form)


@signed_in
@require_POST
def absent(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that a colleague is away, who could not say so themselves."""
    specialty, person, now = led(request, slug), person_of(request), present.now()
    form = ColleagueAbsenceForm(request.POST, specialty=specialty)
    if form.is_valid():
        values = form.cleaned_data
        if attempt(form, lambda: availability.add_absence(by=person, now=now, **values)):
            messages.success(request, "Noted. Their open questions go to whoever is on call within a minute.")
            return redirect("section", slug=slug)
    return _page(request, specialty, absence=form)


def _page(
    request: HttpRequest,
    specialty: Specialty,
    *,
    policy: forms.Form | None = None,
    duty: forms.Form | None = None,
    absence: forms.Form | None = None,
) -> HttpResponse:
    now = timezone.now()
    today = rota.today(now)
    rows = OnCallDay.objects.filter(specialty=specialty, day__range=(today, today + timedelta(days=SHOWN_DAYS - 1)))
    by_day = {row.day: row for row in rows.select_related("primary", "backup")}
    present = assigning.policy_of(specialty.pk)
    first_free = next((day for n in range(366) if (day := today + timedelta(days=n)) not in by_day), today)
    context: dict[str, Any] = {
        "specialty": specialty,
        "policy_form": policy or PolicyForm(initial={"mode": present.mode, "direct_allowed": present.direct_allowed}),
        "duty_form": duty
        or DutyForm(specialty=specialty, initial={"since": first_free, "until": first_free + timedelta(days=6)}),
        "absence_form": absence or ColleagueAbsenceForm(specialty=specialty, initial={"first": today}),
        "days": [(day, by_day.get(day)) for day in (today + timedelta(days=n) for n in range(SHOWN_DAYS))],
        "absences": Absence.objects.filter(person__in=specialists(specialty), end_at__gt=now).select_related("person"),
        "now": now,
        "gate_version": gating.version_of(specialty.pk),
        "read_instead": read_instead.figure(specialty, now=now),
    }
    return render(request, "consults/section.html", context)
