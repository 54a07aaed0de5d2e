"""Improvement engagements: the list, asking for one, one engagement, and its run charts."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from consults import runcharts, runpictures
from consults.engagement_forms import (
    CloseForm,
    DeclineForm,
    DocumentsForm,
    EngagementForm,
    HoursAgreedForm,
    LogForm,
    MeasureForm,
    MilestoneForm,
    PersonForm,
    PointForm,
)
from consults.engaging import may_now
from consults.models import Engagement, Measure, MeasurePoint
from consults.services import engagements
from portal.common import audit, present
from portal.common.notices import mark_read_at
from portal.members.access import person_of, signed_in
from portal.members.kept import posted_or_kept
from portal.members.views.helpers import as_csv, attempt, paged


@dataclass(frozen=True)
class Shown:
    """A measure as the page shows it."""

    row: Measure
    chart: runcharts.Chart
    words: str
    points: list[tuple[MeasurePoint, bool]]
    stretches: list[tuple[str, date, date]]
    form: PointForm


def one(request: HttpRequest, pk: int) -> Engagement:
    """The engagement, if this person may see it; 404 otherwise, as if it did not exist."""
    rows = Engagement.objects.visible_to(person_of(request)).select_related("organization", "sponsor", "asked_by")
    return get_object_or_404(rows, pk=pk)


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The engagements this person takes part in or answers for, newest first."""
    person, state = person_of(request), request.GET.get("state", "")
    rows = Engagement.objects.visible_to(person).select_related("organization", "sponsor")
    if state in Engagement.State.values:
        rows = rows.filter(state=state)
    context = {
        "page": paged(request, rows),
        "state": state,
        "states": Engagement.State.choices,
        "may_ask": bool(person.actor.administrator_of),
    }
    return render(request, "consults/engagements.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask the network for help with one area."""
    person = person_of(request)
    if not person.actor.administrator_of:
        raise PermissionDenied("Only administrators of an organization ask for an engagement.")
    form = EngagementForm(posted_or_kept(request), person=person)
    made: list[Engagement] = []
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if attempt(form, lambda: made.append(engagements.ask(by=person, at=present.now(), **values))):
            messages.success(request, "Asked for. The network decides, and the sponsor is told.")
            return redirect(made[0])
    return render(request, "consults/engagement_form.html", {"form": form})


@signed_in
@require_safe
def engagement(request: HttpRequest, pk: int) -> HttpResponse:
    """One engagement: goal and scope, hours, milestones, protocols and measures."""
    row = one(request, pk)
    mark_read_at(person_of(request), row.get_absolute_url())
    return page_of(request, row)


def page_of(
    request: HttpRequest, row: Engagement, *, bound: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """The engagement's page; ``bound`` holds a form that needs attention, by its name."""
    person, bound = person_of(request), bound or {}
    audit.record(
        by=person,
        action="engagement.read",
        object_type="engagement",
        object_id=row.pk,
        organization_id=row.organization_id,
    )
    context = {
        "engagement": row,
        "may": {act.value for act in may_now(person.actor, engagements.facts_of(row))},
        "people": row.people.select_related("person"),
        "milestones": row.milestones.all(),
        "hours": row.hours.select_related("person")[:100],
        "hours_used": row.hours_used,
        "hours_left": row.hours_left,
        "documents": row.documents.visible_to(person).select_related("current_revision"),
        "measures": [shown(measure, bound) for measure in row.measures.prefetch_related("points")],
        "agree_form": bound.get("agree") or HoursAgreedForm(initial={"hours": row.hours_agreed}),
        "decline_form": bound.get("decline") or DeclineForm(),
        "close_form": bound.get("close") or CloseForm(),
        "log_form": bound.get("hours") or LogForm(initial={"day": timezone.localdate()}),
        "milestone_form": bound.get("milestone") or MilestoneForm(),
        "documents_form": bound.get("documents") or DocumentsForm(person=person, row=row),
        "person_form": bound.get("person") or PersonForm(row=row, is_consultant=False),
        "consultant_form": bound.get("consultant") or PersonForm(row=row, is_consultant=True),
        "measure_form": bound.get("measure") or MeasureForm(),
    }
    return render(request, "consults/engagement.html", context, status=status)


def shown(measure: Measure, bound: dict[str, Any]) -> Shown:
    series = measure.series
    chart = runcharts.read([value for _, value in series])
    marked = {place for first, last in (*chart.shifts, *chart.trends) for place in range(first, last + 1)}
    return Shown(
        measure,
        chart,
        runpictures.in_words(series, chart, name=measure.name, unit=measure.unit),
        [(point, place in marked) for place, point in enumerate(measure.points.all())],
        [
            (kind, series[first][0], series[last][0])
            for kind, found in (("Shift", chart.shifts), ("Trend", chart.trends))
            for first, last in found
        ],
        bound.get(f"point{measure.pk}") or PointForm(measure=measure.pk, initial={"day": timezone.localdate()}),
    )


def _measure(request: HttpRequest, pk: int, measure: int) -> Measure:
    return get_object_or_404(one(request, pk).measures.prefetch_related("points"), pk=measure)


@signed_in
@require_safe
def chart(request: HttpRequest, pk: int, measure: int) -> HttpResponse:
    """A measure's run chart as a picture."""
    found = _measure(request, pk, measure)
    read = runcharts.read([value for _, value in found.series])
    drawn = runpictures.picture(found.series, read, name=found.name, unit=found.unit)
    headers = {"Cache-Control": "private, no-store", "Content-Security-Policy": "default-src 'none'; sandbox"}
    return HttpResponse(drawn, content_type="image/svg+xml", headers=headers)


@signed_in
@require_safe
def points(request: HttpRequest, pk: int, measure: int) -> HttpResponse:
    """A measure's points as CSV."""
    found = _measure(request, pk, measure)
    rows = [(point.day.isoformat(), point.value, found.unit, point.note) for point in found.points.all()]
    return as_csv(f"measure-{found.pk}", ("day", "value", "unit", "note"), rows)
