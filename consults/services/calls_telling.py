"""Who makes a call, and who is told of it. No text holds a number, a topic or anything clinical."""

from collections.abc import Iterable
from datetime import datetime

from consults import routing
from consults.hours import NETWORK
from consults.languages import speaks
from consults.models import Call, OnCallDay
from consults.services import assigning, telling
from portal.common.notices import tell
from portal.members.models import Person


def _day(row: Call, at: datetime) -> OnCallDay | None:
    day = at.astimezone(NETWORK).date()
    rows = OnCallDay.objects.filter(specialty=row.specialty_id, day=day)
    return rows.select_related("primary", "backup").first()


def _first_able(row: Call, people: Iterable[Person | None], *, at: datetime) -> Person | None:
    """The first of these who may make this call at the moment: here, in no conflict, and speaking its language."""
    asked = routing.Asked(
        number="",
        specialty_id=row.specialty_id,
        requester_id=row.requester_id,
        due_at=row.due_at,
        organization_id=row.organization_id,
        tier=row.organization.tier,
        language=row.language,
    )
    for one in people:
        if one is None:
            continue
        candidate = assigning.candidate(one)
        if speaks(candidate.languages, row.language) and routing.may_serve(candidate, asked, now=at):
            return one
    return None


def on_duty(row: Call, *, at: datetime, before: Person | None = None) -> Person | None:
    """Whoever had it ``before``, else who is on call then: never someone away. None where nobody is."""
    duty = _day(row, at)
    return _first_able(row, [before, *([duty.primary, duty.backup] if duty else [])], at=at)


def backup(row: Call, *, at: datetime) -> Person | None:
    """Who stands in for whoever has not taken it."""
    duty = _day(row, at)
    people = [one for one in (duty.backup, duty.primary) if one and one.pk != row.assignee_id] if duty else []
    return _first_able(row, people, at=at)


def _tell(people: Iterable[Person], row: Call, text: str, *, key: str) -> None:
    for one in {one.pk: one for one in people}.values():
        tell(person=one, kind="call", text=text, path=row.get_absolute_url(), key=f"call:{row.pk}:{row.round}:{key}")


def _leads(row: Call) -> list[Person]:
    return telling.leads_of(row.specialty_id) or telling.network_administrators()


def waiting(row: Call, *, at: datetime) -> None:
    """Whoever is on call is told; where nobody is, everyone of the specialty who is here, and its lead."""
    people = [row.assignee] if row.assignee else [*telling.specialists_of(row.specialty_id, now=at), *_leads(row)]
    _tell(people, row, f"A call-back is asked for ({row.specialty}).", key="waiting")


def marks(row: Call, kinds: list[str]) -> None:
    """Tell of the gravest of the marks found at once."""
    holder = [row.assignee] if row.assignee else []
    if "note-due" in kinds:
        _tell([*holder, *_leads(row)], row, f"A call ({row.specialty}) needs its signed note.", key="note-due")
    elif "missed" in kinds:
        text = f"A call-back ({row.specialty}) is late: nobody has taken it in the promised time."
        _tell([*holder, *_leads(row)], row, text, key="missed")
    elif "passed" in kinds:
        text = f"A call-back ({row.specialty}) waits and was not taken: please call."
        _tell(holder or _leads(row), row, text, key="passed")
    elif "begun" in kinds:
        _tell(holder or _leads(row), row, f"A call-back ({row.specialty}) is due now.", key="begun")


def requester(row: Call, what: str, *, at: datetime) -> None:
    _tell([row.requester], row, f"Your call ({row.specialty}) {what}", key=f"requester:{at.isoformat()}")


def assignee(row: Call, what: str, *, at: datetime) -> None:
    if row.assignee:
        _tell([row.assignee], row, f"A call-back ({row.specialty}) {what}", key=f"assignee:{at.isoformat()}")
