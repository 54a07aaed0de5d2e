"""The work of an engagement: hours, milestones, the protocols it works with, measures and their points."""

import math
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from consults.engaging import Act
from consults.models import Engagement, EngagementHours, EngagementMilestone, Measure, MeasurePoint
from consults.services import base
from consults.services.engagements import finish, lock
from knowledge.models import Document
from portal.common.refusals import Conflict, Invalid
from portal.members.models import Person

MOST_MEASURES, MOST_POINTS = 20, 500


@transaction.atomic
def log_hours(
    engagement: Engagement, *, by: Person, day: date, hours: Decimal, what: str, at: datetime
) -> EngagementHours:
    """Note one's own hours of a day; a negative number takes back. Never more than what is left of those agreed."""
    row = lock(engagement, act=Act.LOG, by=by)
    if hours == 0 or not -24 <= hours <= 24:
        raise Invalid(hours="Give the hours of one day, such as 1.5; a negative number takes back.")
    if day > today_of(by, at):
        raise Invalid(day="Hours are noted when they are worked.")
    left = row.hours_left or Decimal(0)
    if hours > left:
        raise Invalid(hours=f"Only {left} of the hours agreed are left.")
    if row.hours_used + hours < 0:
        raise Invalid(hours="This takes back more than was noted.")
    entry = EngagementHours.objects.create(
        engagement=row, person=by, day=day, hours=hours, what=_short(what, 200, field="what"), entered_at=at
    )
    finish(row, "hours", by=by, at=at)
    return entry


@transaction.atomic
def add_milestone(engagement: Engagement, *, by: Person, name: str, due_on: date, at: datetime) -> EngagementMilestone:
    """Plan something to be reached by a day."""
    row = lock(engagement, act=Act.PLAN, by=by)
    made = EngagementMilestone.objects.create(engagement=row, name=_short(name, 160, field="name"), due_on=due_on)
    finish(row, "milestone", by=by, at=at)
    return made


@transaction.atomic
def reach(milestone: EngagementMilestone, *, by: Person, is_done: bool = True, at: datetime) -> EngagementMilestone:
    """Say that a milestone is reached, or that it is not after all."""
    row = lock(milestone.engagement, act=Act.PLAN, by=by)
    milestone.done_at = at if is_done else None
    milestone.save(update_fields=["done_at"])
    finish(row, "milestone-done", by=by, at=at)
    return milestone


@transaction.atomic
def set_documents(engagement: Engagement, *, by: Person, documents: Iterable[Document], at: datetime) -> Engagement:
    """Say which protocols it works with."""
    row = lock(engagement, act=Act.PLAN, by=by)
    row.documents.set(documents)
    finish(row, "documents", by=by, at=at)
    return row


@transaction.atomic
def add_measure(
    engagement: Engagement, *, by: Person, name: str, unit: str, definition: str, better: str, at: datetime
) -> Measure:
    """Say what is measured over time, and which way is better."""
    row = lock(engagement, act=Act.MEASURE, by=by)
    name = _short(name, 120, field="name")
    if better not in Measure.Better.values:
        raise Invalid(better="Say whether higher or lower is better.")
    if row.measures.filter(name=name).exists():
        raise Invalid(name="A measure of this name is there already.")
    if row.measures.count() >= MOST_MEASURES:
        raise Conflict(f"An engagement has at most {MOST_MEASURES} measures.")
    made = Measure.objects.create(
        engagement=row,
        name=name,
        unit=_short(unit, 40, field="unit"),
        definition=_short(definition, 400, field="definition"),
        better=better,
    )
    finish(row, "measure", by=by, at=at)
    return made


@transaction.atomic
def set_point(measure: Measure, *, by: Person, day: date, value: float, note: str = "", at: datetime) -> MeasurePoint:
    """Enter the value of a day; entered again, it replaces the former one, and the record says so."""
    row = lock(measure.engagement, act=Act.MEASURE, by=by)
    if not math.isfinite(value) or abs(value) > 1e12:
        raise Invalid(value="Give a number.")
    if day > today_of(by, at):
        raise Invalid(day="This day has not come yet.")
    if measure.points.exclude(day=day).count() >= MOST_POINTS:
        raise Conflict(f"A measure holds at most {MOST_POINTS} points.")
    fields = {"value": value, "note": note.strip()[:120], "entered_by": by, "entered_at": at}
    point, is_new = MeasurePoint.objects.update_or_create(measure=measure, day=day, defaults=fields)
    finish(row, "point" if is_new else "point-changed", by=by, at=at, measure=measure.pk, day=day.isoformat())
    return point


def today_of(by: Person, at: datetime) -> date:
    """The day it is for whoever enters something."""
    return at.astimezone(ZoneInfo(by.time_zone)).date()


def _short(text: str, most: int, *, field: str) -> str:
    value = base.text_of(text, field=field)
    if len(value) > most:
        raise Invalid(**{field: f"Use at most {most} characters; this has {len(value)}."})
    return value
