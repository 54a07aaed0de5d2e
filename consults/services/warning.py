"""Whom the sweep tells of what was reached: collected for a whole batch, and written in a few statements."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from consults.arithmetic import moment
from consults.clock import Key, Mark, Reading
from consults.ladder import Rung, Step, Wait
from consults.models import Consult
from consults.services import away, ladders, telling
from portal.common.notices import Telling, tell_all
from portal.members.models import Person

MARKS = {mark.value: mark for mark in Mark}
RUNGS = {rung.value: rung for rung in Rung}
WAITS = {wait.value: wait for wait in Wait}
NOT_TAKEN = "not-taken"
WORDS = {
    Mark.HALF: "half of the promised time is used",
    Mark.AT_RISK: "85 % of the promised time is used",
    Mark.BREACH: "the promised time has passed without an answer",
}


class Batch:
    """What is to be told of some consults at ``now``. Who stands on a rung is looked up once for each specialty."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._tellings: list[Telling] = []
        self._leads: dict[int, list[Person]] = {}
        self._others: dict[int, list[Person]] = {}
        self._backups: dict[int, list[Person]] = {}

    def reached(
        self, consult: Consult, reading: Reading, before: Collection[Key], new: Collection[Key]
    ) -> dict[str, str]:
        """Tell of what is ``new`` about one consult: of several marks found at once only of the gravest.

        Whoever's rung is reached is told of it, and of each graver mark after it. Returns the names of those told, for
        each new rung above the first that anyone stands on.
        """
        names = [name for name, _ in new]
        if NOT_TAKEN in names:
            self._not_taken(consult)
        marks = [MARKS[name] for name in names if name in MARKS]
        new_rungs = [RUNGS[name] for name in names if name in RUNGS]
        old_rungs = [RUNGS[name] for name, _ in before if name in RUNGS] if marks else []
        if Mark.BREACH in marks:
            self._requester(consult, "late", LATE)
        if new_rungs or old_rungs:
            kind = marks[-1].value if marks else new_rungs[-1].value
            words = WORDS[marks[-1]] if marks else _words(reading, new_rungs[-1])
            due = reading.passed(Mark.BREACH) or consult.due_at
            self._climb(consult, self._people(consult, [*new_rungs, *old_rungs]), kind=kind, words=words, due=due)
        if waits := [WAITS[name] for name in names if name in WAITS]:
            self._waiting(consult, waits[-1], len(reading.pauses))
        told = {rung.value: self._standing(consult, rung) for rung in new_rungs if rung is not Rung.ASSIGNEE}
        return {rung: ", ".join(person.name for person in people) for rung, people in told.items() if people}

    def _not_taken(self, consult: Consult) -> None:
        """The section lead is told, or whoever stands in for one."""
        text = f"Consult {consult.number} has been taken by nobody in the promised time."
        for person in self._led(consult) or self._administrators:
            self._add(person, consult, NOT_TAKEN, text)

    def tell(self) -> None:
        """Write it all into notices and the outbox."""
        tell_all(self._tellings)

    def _climb(
        self, consult: Consult, people: Iterable[Person], *, kind: str, words: str, due: datetime | None
    ) -> None:
        held = "" if consult.assignee_id else " Nobody has taken it."
        for person in people:
            when = f" Due {moment(due, ZoneInfo(person.time_zone))}." if due else ""
            self._add(person, consult, kind, f"Consult {consult.number}: {words}.{when}{held}")

    def _waiting(self, consult: Consult, wait: Wait, pause: int) -> None:
        text = WAITING if wait is not Wait.CLOSING else CLOSING
        self._requester(consult, wait.value, text, part=f":{pause}")

    def _requester(self, consult: Consult, kind: str, what: str, part: str = "") -> None:
        self._add(consult.requester, consult, kind, f"Your consult {consult.number} {what}", part)

    def _add(self, person: Person, consult: Consult, kind: str, text: str, part: str = "") -> None:
        key = f"{consult.number}:{consult.cycle}:{kind}{part}"
        self._tellings.append(Telling(person, kind, text, consult.get_absolute_url(), key))

    def _people(self, consult: Consult, rungs: Iterable[Rung]) -> list[Person]:
        """Who stands on these rungs, each once."""
        found = {person.pk: person for rung in rungs for person in self._standing(consult, rung)}
        return list(found.values())

    def _standing(self, consult: Consult, rung: Rung) -> list[Person]:
        """A question that nobody has, and a specialty without a lead, still leave a promise to somebody."""
        leads = self._led(consult)
        if rung is Rung.ASSIGNEE:
            if consult.assignee:
                return [consult.assignee]
            return leads or [*self._specialists(consult), *self._administrators]
        if rung is Rung.BACKUP:
            return self._on_call(consult)
        if rung is Rung.LEAD:
            return leads or [*([] if consult.assignee_id else self._specialists(consult)), *self._administrators]
        return [self._director] if self._director else []

    def _led(self, consult: Consult) -> list[Person]:
        specialty = consult.specialty_id or 0
        if specialty not in self._leads:
            self._leads[specialty] = telling.leads_of(specialty)
        return self._leads[specialty]

    def _specialists(self, consult: Consult) -> list[Person]:
        specialty = consult.specialty_id or 0
        if specialty not in self._others:
            self._others[specialty] = telling.specialists_of(specialty, now=self.now)
        return self._others[specialty]

    def _on_call(self, consult: Consult) -> list[Person]:
        """The backup of the day; the primary, where the backup has the question or there is none."""
        specialty = consult.specialty_id or 0
        if specialty not in self._backups:
            self._backups[specialty] = list(away.on_call(specialty, now=self.now))
        others = [person for person in self._backups[specialty] if person.pk != consult.assignee_id]
        return others[:1]

    @cached_property
    def _administrators(self) -> list[Person]:
        return telling.network_administrators()

    @cached_property
    def _director(self) -> Person | None:
        return ladders.director()


LATE = "is late: the promised time has passed. Those responsible have been told."
WAITING = "still waits for your reply. The clock is paused until then."
CLOSING = "waits for your reply, and will soon be closed without one. A reply opens it again at any time."


def _words(reading: Reading, rung: Rung) -> str:
    """Where the promise stands, for who is told between two marks."""
    if reading.is_late:
        return WORDS[Mark.BREACH]
    step = next((step for step in reading.ladder.steps if step.rung is rung), Step(rung, 0))
    share = round(100 * step.needed(reading.promised) / reading.promised)
    return f"{share} % of the promised time is used"
