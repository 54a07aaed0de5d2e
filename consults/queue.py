"""The queue of a specialist: its figures and one of its pages, in one statement.

Written out, because Django takes longer to put five queries together than PostgreSQL to answer them. Who may see what
stays with ``Consult.objects.visible_to``; the rest of the statement only looks among what that finds.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.core.paginator import Page, Paginator

from consults import clock
from consults.calendars import Counting
from consults.models import Consult, ConsultQuerySet
from consults.models.consults import address_of
from consults.policy import Action, Facts, is_offered
from consults.presenting import ClockView, shown
from consults.services import logs
from portal.common.planned import planned
from portal.members.models import Person

PER_PAGE = 25
LAST = 2**31
"""No queue has so many pages, and PostgreSQL takes no larger number there."""
WHO = {"mine": "assignee = %s", "waiting": "assignee IS NULL"}
"""What is shown of the open questions, by the word in the address; all for any other."""

_SQL = """
WITH seen (id, assignee, due_at, promised_seconds) AS MATERIALIZED ({seen}),
figures AS (
SELECT count(*) AS open, count(*) FILTER (WHERE assignee = %s) AS mine,
       count(*) FILTER (WHERE assignee IS NULL) AS waiting,
       count(*) FILTER (WHERE due_at < statement_timestamp()) AS late,
       count(*) FILTER (WHERE due_at >= statement_timestamp()
         AND due_at <= statement_timestamp() + promised_seconds * make_interval(secs => %s)) AS at_risk FROM seen),
chosen AS (
SELECT id, due_at FROM seen WHERE {who} ORDER BY due_at NULLS LAST, id LIMIT {size}
OFFSET (SELECT {size} * (CASE WHEN %s BETWEEN 1 AND pages THEN %s ELSE pages END - 1)
          FROM (SELECT greatest(1, (count(*) + {size} - 1) / {size}) AS pages FROM seen WHERE {who}) AS counted))
SELECT (SELECT row_to_json(figures) FROM figures),
       (SELECT json_agg(json_build_array(slug, name) ORDER BY name) FROM members_specialty WHERE id = ANY(%s)),
       (SELECT json_agg(json_build_array(c.number, c.question, c.urgency, s.name, o.name, p.name,
               c.state, c.requester_id, c.organization_id, c.specialty_id, c.assignee_id, (
               SELECT json_agg(json_build_array(e.kind, e.at, e.promised_seconds, e.promise_id) ORDER BY e.at, e.id)
                 FROM consults_clockevent e WHERE e.consult_id = c.id AND e.cycle = c.cycle))
               ORDER BY chosen.due_at NULLS LAST, chosen.id)
          FROM chosen JOIN consults_consult c ON c.id = chosen.id
          JOIN members_organization o ON o.id = c.organization_id
          JOIN members_specialty s ON s.id = c.specialty_id LEFT JOIN members_person p ON p.id = c.assignee_id)
"""


Found = list[Any]
"""One question as the statement tells of it."""


@dataclass(frozen=True)
class Row:
    """One question as the queue shows it."""

    number: str
    question: str
    urgency: str
    """In words; empty for the standard one."""
    specialty: str
    organization: str
    assignee: str
    """Who has it; empty where nobody has."""
    is_mine: bool
    may_claim: bool
    clock: ClockView

    @property
    def address(self) -> str:
        return address_of(self.number)

    @property
    def whose(self) -> str:
        """Who has it, to its reader."""
        if self.is_mine:
            return "With me"
        return f"With {self.assignee}" if self.assignee else "Nobody has it yet"


@dataclass(frozen=True)
class Queue:
    counts: dict[str, int]
    """How many are open, mine, waiting to be taken, at risk (85 % used) and late."""
    specialties: list[tuple[str, str]]
    """The person's own: of each its slug and its name."""
    page: "Page[Row]"


def look(
    person: Person,
    *,
    now: datetime,
    zone: tzinfo,
    specialty: str = "",
    who: str = "",
    page: str | None = None,
    size: int = PER_PAGE,
) -> Queue:
    """Open questions of the person's specialties by time left; ``page`` as the address says it."""
    rows = Consult.objects.visible_to(person).open().filter(specialty_id__in=person.actor.specialist_in)
    if specialty:
        rows = rows.filter(specialty__slug=specialty)
    counts, specialties, found = _ask(rows, person, who, _number(page), size)
    paginator: Paginator[Row] = Paginator([], size)
    paginator.count = counts[who if who in WHO else "open"]
    shown = paginator.get_page(page)
    shown.object_list = _rows(found or [], person, now=now, zone=zone)
    return Queue(counts, specialties, shown)


def _number(page: str | None) -> int:
    """The page that is asked for as ``Paginator.get_page`` understands it; 0 for the last."""
    try:
        number = int(page or 1)
    except ValueError:
        return 1
    return number if 1 <= number < LAST else 0


def _ask(rows: ConsultQuerySet, person: Person, who: str, page: int, size: int) -> Any:
    """Counts, specialties, and the questions of one page (nothing where there are none)."""
    seen, values = rows.order_by().values_list("pk", "assignee", "due_at", "promised_seconds").query.sql_with_params()
    mine = [person.pk] if who == "mine" else []
    sql = _SQL.format(seen=seen, who=WHO.get(who, "true"), size=size)
    with planned() as cursor:
        last_part = 1 - clock.Mark.AT_RISK.share
        own = list(person.actor.specialist_in)
        cursor.execute(sql, [*values, person.pk, last_part, *mine, page, page, *mine, own])
        return cursor.fetchone()


def _rows(found: list[Found], person: Person, *, now: datetime, zone: tzinfo) -> list[Row]:
    promises = logs.countings({event[3] for one in found for event in one[-1] if event[3]})
    return [_row(one, person, promises, now=now, zone=zone) for one in found]


def _row(found: Found, person: Person, promises: dict[int, Counting], *, now: datetime, zone: tzinfo) -> Row:
    number, question, urgency, specialty, organization, assignee, *facts, log = found
    of = Facts(*facts)
    events = [
        clock.Event(kind, datetime.fromisoformat(at), seconds, promises.get(promise, clock.ELAPSED))
        for kind, at, seconds, promise in log
    ]
    reading = clock.read(events, now=now)
    return Row(
        number=number,
        question=question,
        urgency="" if urgency == Consult.Urgency.STANDARD else Consult.Urgency(urgency).label,
        specialty=specialty,
        organization=organization,
        assignee=assignee or "",
        is_mine=of.assignee_id == person.pk,
        may_claim=is_offered(Action.CLAIM, person.actor, of),
        clock=shown(reading, response_due_at=None, zone=zone),
    )
