"""Who gets a consult. Pure: people as values, ``now`` given. Nobody away is ever assigned.

``assign`` gives it to whoever makes lateness least to be expected, over this consult and those it would stand before.
It holds back: who has enough ahead of it gets no more, and it waits in the queue, where the next one free takes the
most urgent. ``tests/bench/routing.py`` replays a year against other rules with this very code.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import exp, log1p
from zlib import crc32
from zoneinfo import ZoneInfo

from consults.hours import USUAL_WEEK, Hours, Shift, Span, is_within, spans_of
from consults.languages import name_of, speaks
from portal.members.policy import Allowed, Decision, Denied

HORIZON = timedelta(days=21)
"""How far ahead someone's answering time is looked at."""
USUAL_MINUTES = 15.0
"""What an answer takes where someone's own recent answers are too few (median of published eConsult services)."""
USUAL_SPREAD = 4.0
"""By how many hours an answer comes earlier or later than expected, where recent answers are too few to say."""
ENOUGH = 1
"""Who has so many open questions is given no more: the next waits in the queue for whoever is free first."""
MISSED = 0.12
"""How often someone does not come in the stretch in which they usually answer: a clinic that runs late."""
SAME = 300.0
"""Differences of expected lateness below so many seconds are none: fairness decides."""


@dataclass(frozen=True)
class Candidate:
    """A person as far as routing is concerned."""

    person_id: int
    name: str
    specialties: Collection[int]
    is_active: bool = True
    absences: Sequence[Span] = ()
    week: Sequence[Shift] = ()
    time_zone: str = "UTC"
    on_call: Collection[date] = ()
    cap: int | None = None
    languages: Collection[str] = ()
    conflicts: Collection[int] = ()
    tiers: Collection[str] = ()
    open_work: Sequence[datetime | None] = ()
    """When each open consult is due; None for one whose clock stands."""
    minutes: float = USUAL_MINUTES
    spread_hours: float = USUAL_SPREAD
    minutes_lately: float = 0.0
    is_here: bool = False

    def is_away(self, now: datetime) -> bool:
        return is_within(now, self.absences)


@dataclass(frozen=True)
class Asked:
    """A consult as far as routing is concerned. No language, and no tier, asks for nobody in particular."""

    number: str
    specialty_id: int
    requester_id: int
    due_at: datetime
    organization_id: int = 0
    tier: str = ""
    language: str = ""


@dataclass(frozen=True)
class Choice:
    """Who gets it, or nobody, and why in words."""

    person_id: int | None
    reason: str


@dataclass(slots=True)
class Seat:
    """A candidate made ready for choosing. Moments are seconds since the epoch."""

    person_id: int
    hours: Hours
    due: Sequence[float]
    """When their open work is due, in order."""
    seconds: float
    spread: float
    load: float
    """Minutes lately for each hour of answering time ahead: the less, the sooner it is their turn."""
    is_here: bool = False
    """Whether they are at the site now, so that nobody need reckon with their not coming."""


def may_be_given(candidate: Candidate, *, specialty_id: int, requester_id: int, now: datetime) -> Decision:
    """Whether a consult of this specialty may be given to the candidate, with the reason where it may not."""
    if not candidate.is_active or specialty_id not in candidate.specialties:
        return Denied(f"{candidate.name} does not answer questions of this specialty.")
    if candidate.person_id == requester_id:
        return Denied("A question cannot be given to the person who asked it.")
    if candidate.is_away(now):
        return Denied(f"{candidate.name} is away. Choose someone else, or leave it to the specialty's queue.")
    return Allowed()


def may_serve(candidate: Candidate, asked: Asked, *, now: datetime) -> Decision:
    """The same for this consult: conflicts of interest and the tier count too."""
    decision = may_be_given(candidate, specialty_id=asked.specialty_id, requester_id=asked.requester_id, now=now)
    if isinstance(decision, Denied):
        return decision
    if asked.organization_id in candidate.conflicts:
        return Denied(f"{candidate.name} does not answer questions of this organization.")
    if asked.tier and candidate.tiers and asked.tier not in candidate.tiers:
        return Denied(f"{candidate.name} does not answer for organizations of this tier.")
    return Allowed()


def may_be_assigned(candidate: Candidate, asked: Asked, *, now: datetime) -> Decision:
    """The same for the rule, which also keeps to the language and the cap. A person who hands over by hand may know
    better."""
    decision = may_serve(candidate, asked, now=now)
    if decision and not speaks(candidate.languages, asked.language):
        return Denied(f"{candidate.name} does not answer in {name_of(asked.language)}.")
    if decision and candidate.cap is not None and len(candidate.open_work) >= candidate.cap:
        return Denied(f"{candidate.name} has as many open questions as they take.")
    return decision


def assign(candidates: Iterable[Candidate], asked: Asked, *, now: datetime) -> Choice:
    """Whom to give a consult to by least expected lateness, or nobody yet, with the reason."""
    able = [person for person in candidates if may_be_assigned(person, asked, now=now)]
    tongue = f" in {name_of(asked.language)}" if asked.language else ""
    if not able:
        return Choice(None, f"Nobody who may answer it{tongue} is here with room for more. It waits in the queue.")
    seats = [seat_of(person, now=now) for person in able]
    chosen = choose(seats, due=asked.due_at.timestamp(), now=now.timestamp(), turn=asked.number)
    if chosen is None:
        return Choice(None, "Everyone who may answer it has enough before it. Whoever is free first takes it.")
    name = next(person.name for person in able if person.person_id == chosen)
    others = len(able) - 1
    among = f", sooner than {others} {'other' if others == 1 else 'others'}" if others else ", who alone may"
    return Choice(chosen, f"Least lateness to be expected: {name} is likely to answer it{tongue} on time{among}.")


def seat_of(candidate: Candidate, *, now: datetime) -> Seat:
    """The candidate with their answering time of the next three weeks worked out."""
    spans = spans_of(
        candidate.week or USUAL_WEEK,
        zone=ZoneInfo(candidate.time_zone),
        since=now,
        until=now + HORIZON,
        absences=candidate.absences,
        duties=candidate.on_call,
    )
    hours = Hours(spans)
    return Seat(
        person_id=candidate.person_id,
        hours=hours,
        due=sorted(due.timestamp() for due in candidate.open_work if due),
        seconds=candidate.minutes * 60,
        spread=candidate.spread_hours * 3600,
        is_here=candidate.is_here,
        load=candidate.minutes_lately * 3600 / hours.total if hours.total else 0.0,
    )


def choose(seats: Iterable[Seat], *, due: float, now: float, turn: str, enough: int = ENOUGH) -> int | None:
    """The seat that adds least to the lateness to be expected; None where that one has enough before it, or where
    waiting in the queue costs less than their not coming would.

    Of those that add the same, whoever answers soonest, then who has done least for their hours; then in an order that
    differs from consult to consult, so that nobody is first for ever.
    """
    best: tuple[int, int, float, int, int] | None = None
    chosen, held = None, False
    for seat in seats:
        ahead = sum(other <= due for other in seat.due)
        expected = added_lateness(seat, due=due, now=now, ahead=ahead)
        if expected is None:
            continue
        turns = crc32(f"{turn}/{seat.person_id}".encode())
        key = (round(expected.added / SAME), round(expected.at / SAME), round(seat.load, 3), turns, seat.person_id)
        if best is None or key < best:
            best, held = key, len(seat.due) >= enough or expected.risk > SAME
            chosen = seat.person_id
    return None if held else chosen


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to be expected if a seat had the consult, in seconds: when it is answered, the lateness that adds, and
    how much of that lies in their not coming when they usually do."""

    at: float
    added: float
    risk: float


def added_lateness(seat: Seat, *, due: float, now: float, ahead: int) -> Expected | None:
    """What a seat adds to lateness if it had a consult due then; None where they never get to it.

    Work is done in the order it falls due: what is due later is put off by one answer.
    """
    hours, done = seat.hours, seat.hours.worked(now)
    at = hours.moment(done + (ahead + 1) * seat.seconds)
    if at is None:
        return None
    added = expected_lateness(at, due, spread=seat.spread)
    risk = 0.0
    if not seat.is_here:
        again = hours.after(at, seat.seconds)
        risk = MISSED * (expected_lateness(again, due, spread=seat.spread) - added)
    for place, other in enumerate(seat.due[ahead:], start=ahead + 1):
        before, after = (hours.moment(done + count * seat.seconds) for count in (place, place + 1))
        if before is None or after is None:
            return None
        added += expected_lateness(after, other, spread=seat.spread)
        added -= expected_lateness(before, other, spread=seat.spread)
    return Expected(at, added + risk, risk)


def expected_lateness(at: float, due: float, *, spread: float) -> float:
    """The mean of how late an answer comes that is expected ``at``, which may be earlier or later by about the spread
    (logistic, whose mean excess over a bound has this closed form)."""
    width = max(spread, 60.0)
    over = (at - due) / width
    return width * (over + log1p(exp(-over)) if over > 0 else log1p(exp(over)))
