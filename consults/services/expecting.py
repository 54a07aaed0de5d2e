"""What to expect of a question that is being written: what is promised at each urgency, and who looks at it next."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import OuterRef, Subquery

from consults.calendars import ELAPSED, Counting
from consults.clock import PROMISE
from consults.hours import NETWORK, spans_of
from consults.models import OnCallDay, Promise, PromiseVersion
from consults.promises import choose
from consults.services import rota
from portal.members.models import Organization, Person, Specialty

AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class Promised:
    """What would be promised if the question were sent now."""

    length: timedelta
    counting: Counting
    due_at: datetime


def promised(
    place: Organization | None, specialty: Specialty | None, *, urgencies: Iterable[str], now: datetime
) -> dict[str, Promised]:
    """By urgency, in two queries however many there are. The network's standard where nothing else is promised."""
    rows = list(Promise.objects.filter(ended_at=None)) if place else []
    chosen: dict[str, Promise | None] = {}
    for urgency in urgencies:
        chosen[urgency] = choose(
            rows,
            urgency=urgency,
            specialty_id=specialty.pk if specialty else None,
            tier=place.tier if place else "",
            organization_id=place.pk if place else None,
        )
    newest = PromiseVersion.objects.filter(promise=OuterRef("promise")).order_by("-number").values("pk")[:1]
    versions = {
        version.promise_id: version
        for version in PromiseVersion.objects.filter(
            promise__in=[row for row in chosen.values() if row], pk=Subquery(newest)
        ).select_related("calendar")
    }
    return {urgency: _due(versions.get(row.pk) if row else None, now) for urgency, row in chosen.items()}


def _due(version: PromiseVersion | None, now: datetime) -> Promised:
    length = timedelta(seconds=version.answer_seconds) if version else PROMISE
    counting = version.counting if version else ELAPSED
    return Promised(length, counting, counting.reach(now, length))


@dataclass(frozen=True)
class Looks:
    """Who on call looks at the section's questions next, and from when; ``is_now`` where they do at this moment."""

    person: Person
    since: datetime
    is_now: bool


def next_by_rota(specialty: Specialty, *, now: datetime) -> Looks | None:
    """By the rota of the coming week, without those who are away then; None where it names nobody."""
    today = rota.today(now)
    days = OnCallDay.objects.filter(specialty=specialty, day__range=(today, today + AHEAD))
    people: dict[int, Person] = {}
    duties = defaultdict(set)
    for row in days.select_related("primary").prefetch_related("primary__absences"):
        people[row.primary_id] = row.primary
        duties[row.primary_id].add(row.day)
    found = []
    for key, person in people.items():
        away = [(absence.start_at, absence.end_at) for absence in person.absences.all()]
        spans = spans_of([], zone=NETWORK, since=now, until=now + AHEAD, absences=away, duties=duties[key])
        found += [(start, key) for start, end in spans if end > now.timestamp()][:1]
    if not found:
        return None
    start, key = min(found)
    since = datetime.fromtimestamp(start, tz=UTC)
    return Looks(people[key], since, since <= now)
