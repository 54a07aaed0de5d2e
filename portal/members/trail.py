"""Searching the audit trail: what is asked, what of it a person may see, a page of it, and an event as it is shown."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Q
from django.utils import timezone

from portal.common import tenancy
from portal.common.audit import record
from portal.common.models import AuditEvent, AuditEventQuerySet
from portal.members.models import Organization, Person

PER_PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES = """
WITH RECURSIVE names AS (
  (SELECT {column} AS name FROM common_auditevent ORDER BY 1 LIMIT 1)
  UNION ALL
  SELECT (SELECT {column} FROM common_auditevent WHERE {column} > names.name ORDER BY 1 LIMIT 1) FROM names
   WHERE names.name IS NOT NULL)
SELECT name FROM names WHERE name IS NOT NULL
"""


@dataclass(frozen=True)
class Asked:
    """What part of the trail is asked for; days are the reader's, both included."""

    person: str = ""
    action: str = ""
    kind: str = ""
    record: str = ""
    since: date | None = None
    until: date | None = None
    organization: int | None = None
    on_behalf: bool = False

    def as_json(self) -> dict[str, Any]:
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(self).items()}

    def said(self) -> dict[str, str]:
        """What was asked for, as detail of an event of the trail."""
        return {f"asked_{name}": str(value) for name, value in self.as_json().items() if value}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Asked":
        days = {name: date.fromisoformat(values[name]) if values[name] else None for name in ("since", "until")}
        return cls(**{**values, **days})


@dataclass(frozen=True)
class Part:
    """One page of the trail, newest first; the cursors lead to the pages beside it and are empty at the ends."""

    events: list[dict[str, Any]]
    newer: str
    older: str


def found(person: Person, asked: Asked) -> AuditEventQuerySet:
    """The events asked for that the person may see."""
    rows = AuditEvent.objects.visible_to(person)
    if asked.person:
        rows = rows.filter(Q(actor__icontains=asked.person) | Q(for_person__icontains=asked.person))
    if asked.action:
        rows = rows.filter(action=asked.action)
    if asked.kind:
        rows = rows.filter(object_type=asked.kind)
    if asked.record:
        rows = rows.filter(_record(asked.record.strip()))
    if asked.since:
        rows = rows.filter(at__gte=midnight(asked.since))
    if asked.until and asked.until < date.max:
        rows = rows.filter(at__lt=midnight(asked.until + timedelta(days=1)))
    if asked.organization:
        mine = Q(organization_id=None, of_organizations__contains=[asked.organization])
        rows = rows.filter(Q(organization_id=asked.organization) | mine)
    return rows.exclude(for_person="") if asked.on_behalf else rows


def part(rows: AuditEventQuerySet, person: Person, *, before: str = "", after: str = "", size: int = PER_PAGE) -> Part:
    """The newest events, or those behind or ahead of a cursor. Counts nothing: a trail grows for ever."""
    edge = _place(after or before)
    if edge is None:
        events = list(rows.order_by("-at", "-id")[: size + 1])
    elif after:
        events = list(rows.filter(_beyond(edge, "gt")).order_by("at", "id")[: size + 1])
    else:
        events = list(rows.filter(_beyond(edge, "lt")).order_by("-at", "-id")[: size + 1])
    has_more, events = len(events) > size, events[:size]
    backwards = bool(after) and edge is not None
    if backwards:
        events.reverse()
    has_newer = has_more if backwards else edge is not None
    has_older = True if backwards else has_more
    return Part(
        events=shown(events, person),
        newer=_cursor(events[0]) if events and has_newer else "",
        older=_cursor(events[-1]) if events and has_older else "",
    )


def shown(events: Iterable[AuditEvent], person: Person) -> list[dict[str, Any]]:
    """Events as they are shown and given away: to administrators of an organization neither address nor detail of
    people who were not theirs.
    """
    everything, mine = person.actor.is_auditor, person.actor.administrator_of
    return [_shown(event, everything or bool(mine.intersection(event.of_organizations))) for event in events]


def names() -> tuple[list[str], list[str]]:
    """Every action and every kind of record there is, by skipping along an index: names only, of the whole trail."""
    with tenancy.everything(), connection.cursor() as cursor:
        return _different(cursor, "action"), _different(cursor, "object_type")


def note_reading(person: Person, said: Mapping[str, str]) -> None:
    """Reading the trail is an event itself, with what was asked for."""
    detail: dict[str, Any] = dict(said)
    record(by=person, action="audit.read", object_type="audit", object_id="trail", **detail)


def organizations(person: Person) -> list[Organization]:
    """Those whose events the person may narrow the trail to."""
    rows = Organization.objects.all()
    return list(rows if person.actor.is_auditor else rows.filter(pk__in=person.actor.administrator_of))


def _different(cursor: CursorWrapper, column: str) -> list[str]:
    cursor.execute(_NAMES.format(column=column))
    return [name for (name,) in cursor.fetchall()]


def _shown(event: AuditEvent, is_whole: bool) -> dict[str, Any]:
    return {
        "id": event.pk,
        "at": event.at,
        "actor": event.actor,
        "on_behalf_of": event.for_person,
        "action": event.action,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "organization": event.organization_id,
        "address": event.address if is_whole else None,
        "request_id": event.request_id,
        "detail": {name: value for name, value in event.detail.items() if value is not None} if is_whole else {},
        "sequence": event.sequence,
        "digest": event.digest,
    }


def _record(words: str) -> Q:
    """A kind, a number, or both, such as “consult C-1001”; a bare number may be a consult's."""
    kind, _, number = words.rpartition(" ")
    forms = [number, number.upper(), number.lower(), f"C-{number}"]
    if kind:
        return Q(object_type__iexact=kind, object_id__in=forms)
    return Q(object_id__in=forms) | Q(object_type__iexact=number)


def midnight(day: date) -> datetime:
    """The beginning of the day where the reader is."""
    return timezone.make_aware(datetime.combine(day, time()))


def _cursor(event: AuditEvent) -> str:
    return f"{(event.at - _EPOCH) // timedelta(microseconds=1)}-{event.pk}"


def _place(cursor: str) -> tuple[datetime, int] | None:
    """The moment and the identifier a cursor stands for; None for none, and for nonsense."""
    micros, _, number = cursor.partition("-")
    if not (micros.isdecimal() and number.isdecimal() and len(micros) < 18 and len(number) < 19):
        return None
    return _EPOCH + timedelta(microseconds=int(micros)), int(number)


def _beyond(edge: tuple[datetime, int], side: str) -> Q:
    moment, number = edge
    return Q(**{f"at__{side}e": moment}) & (Q(**{f"at__{side}": moment}) | Q(**{f"id__{side}": number}))
