"""A specialist's own availability: weekly hours, absences, limits, calendars."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consults import ics
from consults.models import Availability, OnCallDay
from consults.presence_forms import AbsenceForm, CalendarForm, LimitsForm, WeekForm
from consults.services import availability, rota
from portal.common import present
from portal.members.access import person_of, signed_in
from portal.members.models import Absence, Person, digest
from portal.members.views.helpers import attempt, carry_out


def _specialist(request: HttpRequest) -> Person:
    person = person_of(request)
    if not person.actor.specialist_in:
        raise PermissionDenied("Only those who answer questions have an availability.")
    return person


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """My availability; a POST keeps the weekly hours."""
    person = _specialist(request)
    form = WeekForm(request.POST, rows=()) if request.method == "POST" else None
    if form and form.is_valid():
        shifts = form.cleaned_data["shifts"]
        if attempt(form, lambda: availability.set_week(by=person, person=person, shifts=shifts)):
            messages.success(request, "Your weekly hours are saved.")
            return redirect("availability")
    return _page(request, person, week=form)


@signed_in
@require_POST
def limits(request: HttpRequest) -> HttpResponse:
    person, form = _specialist(request), LimitsForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        if attempt(form, lambda: availability.set_limits(by=person, person=person, **values)):
            messages.success(request, "What work you take is saved.")
            return redirect("availability")
    return _page(request, person, limits=form)


@signed_in
@require_POST
def away(request: HttpRequest) -> HttpResponse:
    """Add an absence of one's own."""
    person, form, now = _specialist(request), AbsenceForm(request.POST), present.now()
    if form.is_valid():
        values = form.cleaned_data
        if attempt(form, lambda: availability.add_absence(by=person, person=person, now=now, **values)):
            messages.success(request, "Noted. Nothing is assigned to you then; open work goes to whoever is on call.")
            return redirect("availability")
    return _page(request, person, absence=form)


@signed_in
@require_POST
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an absence back."""
    row = get_object_or_404(Absence, pk=pk, person=person_of(request))
    carry_out(
        request, lambda: availability.remove_absence(by=person_of(request), absence=row), "The absence is taken back."
    )
    return redirect("availability")


@signed_in
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take absences over from a calendar file."""
    person, form = _specialist(request), CalendarForm(request.POST, request.FILES)
    taken: list[int] = []
    if form.is_valid():
        data = form.cleaned_data["calendar"].read(ics.LARGEST + 1)

        def take() -> None:
            events = ics.absences(data, zone=timezone.get_current_timezone())
            taken.append(availability.take_calendar(by=person, events=events, now=present.now()))

        if attempt(form, take):
            n = taken[0]
            messages.success(request, f"{n} {'absence is' if n == 1 else 'absences are'} taken over from the file.")
            return redirect("availability")
    return _page(request, person, calendar=form)


@signed_in
@never_cache
@require_POST
def new_feed(request: HttpRequest) -> HttpResponse:
    """A new secret address for the feed, shown this once."""
    person = _specialist(request)
    return _page(request, person, secret=availability.new_feed(by=person))


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """One's days on call as a calendar, for whoever knows the secret address. Holds names of specialties alone."""
    row = (
        Availability.objects.filter(feed_digest=digest(token), person__is_active=True).select_related("person").first()
    )
    if row is None or not row.person.can_sign_in:
        raise Http404
    now, person = timezone.now(), row.person
    days = OnCallDay.objects.filter(day__gte=rota.today(now)).select_related("specialty")
    mine = days.filter(primary=person) | days.filter(backup=person)
    text = ics.feed(mine.order_by("day", "specialty"), person_id=person.pk, now=now, site=settings.SITE_URL)
    return HttpResponse(
        text,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="on-call.ics"', "Cache-Control": "private, no-store"},
    )


def _page(
    request: HttpRequest,
    person: Person,
    *,
    week: forms.Form | None = None,
    limits: forms.Form | None = None,
    absence: forms.Form | None = None,
    calendar: forms.Form | None = None,
    secret: str = "",
) -> HttpResponse:
    now = timezone.now()
    said = Availability.objects.filter(person=person).prefetch_related("conflicts").first()
    days = OnCallDay.objects.filter(day__gte=rota.today(now)).select_related("specialty", "primary", "backup")
    context: dict[str, Any] = {
        "week_form": week or WeekForm(rows=person.weekly_hours.all()),
        "limits_form": limits or LimitsForm(row=said),
        "absence_form": absence or AbsenceForm(initial={"first": timezone.localdate(now)}),
        "calendar_form": calendar or CalendarForm(),
        "absences": person.absences.filter(end_at__gt=now),
        "now": now,
        "away_until": person.away_at(now),
        "has_feed": bool(said and said.feed_digest),
        "feed": f"{settings.SITE_URL}{reverse('on-call-feed', args=[secret])}" if secret else "",
        "duties": rota.runs((days.filter(primary=person) | days.filter(backup=person)).order_by("day")[:120])[:12],
    }
    return render(request, "consults/availability.html", context)
