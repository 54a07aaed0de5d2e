"""Who may be given a consult, and whom the rule gives it to."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consults.hours import Shift
from consults.routing import (
    Asked,
    Candidate,
    assign,
    choose,
    expected_lateness,
    may_be_assigned,
    may_be_given,
    may_serve,
    seat_of,
)
from portal.members.policy import Allowed, Denied

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
"""A Tuesday."""
ASKED = Asked("C-1", specialty_id=7, requester_id=2, due_at=NOW + timedelta(hours=48), organization_id=5, tier="member")
LATER = NOW + timedelta(hours=1)


def person(number: int = 1, **facts: Any) -> Candidate:
    return replace(Candidate(number, f"Dr {number}", {7}, is_here=True), **facts)


def decide(**facts: Any) -> Allowed | Denied:
    return may_be_given(person(name="Dr Hale", **facts), specialty_id=7, requester_id=2, now=NOW)


def test_a_specialist_of_the_specialty_may_have_it() -> None:
    assert decide()
    assert decide(absences=[(NOW - timedelta(days=1), NOW)]), "back at this very moment"
    assert decide(absences=[(NOW + timedelta(seconds=1), LATER)]), "leaves in a second"


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"absences": [(NOW, NOW + timedelta(seconds=1))]}, "away"),
        ({"specialties": {8}}, "does not answer"),
        ({"is_active": False}, "does not answer"),
        ({"person_id": 2}, "asked it"),
    ],
)
def test_others_may_not_and_the_reason_says_why(facts: dict[str, Any], word: str) -> None:
    decision = decide(**facts)
    assert isinstance(decision, Denied)
    assert word in decision.reason
    assert assign([person(**facts)], ASKED, now=NOW).person_id is None


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"conflicts": {5}}, "this organization"),
        ({"tiers": ["regional"]}, "tier"),
        ({"cap": 2, "open_work": [None, LATER]}, "as many"),
    ],
)
def test_conflict_tier_and_cap(facts: dict[str, Any], word: str) -> None:
    decision = may_be_assigned(person(**facts), ASKED, now=NOW)
    assert isinstance(decision, Denied)
    assert word in decision.reason
    assert assign([person(**facts)], ASKED, now=NOW).person_id is None
    assert bool(may_serve(person(**facts), ASKED, now=NOW)) == ("cap" in facts), "by hand, the cap may be passed"


MOMENTS = st.integers(-40, 40).map(lambda hours: NOW + timedelta(hours=hours))
SPANS = st.tuples(MOMENTS, st.integers(1, 60)).map(lambda pair: (pair[0], pair[0] + timedelta(hours=pair[1])))
SHIFTS = st.tuples(st.integers(0, 6), st.integers(0, 21), st.integers(1, 2)).map(
    lambda part: Shift(part[0], time(part[1]), time(part[1] + part[2]))
)
PEOPLE = st.builds(
    Candidate,
    person_id=st.integers(1, 6),
    name=st.just("Dr"),
    specialties=st.sampled_from([{7}, {7, 8}, {8}]),
    is_active=st.sampled_from([True, True, False]),
    absences=st.lists(SPANS, max_size=3),
    week=st.lists(SHIFTS, max_size=5),
    time_zone=st.sampled_from(["UTC", "America/Chicago", "Pacific/Auckland"]),
    on_call=st.lists(st.dates(date(2026, 11, 23), date(2026, 12, 2)), max_size=2),
    cap=st.sampled_from([None, 1, 2]),
    languages=st.sampled_from([(), ("es",)]),
    conflicts=st.sampled_from([(), (5,)]),
    tiers=st.sampled_from([(), ("member",), ("regional",)]),
    open_work=st.lists(st.one_of(st.none(), MOMENTS), max_size=3),
    minutes_lately=st.floats(0, 500),
    is_here=st.booleans(),
)
CONSULTS = st.builds(
    Asked,
    number=st.sampled_from(["C-1", "C-2"]),
    specialty_id=st.just(7),
    requester_id=st.sampled_from([1, 9]),
    due_at=MOMENTS,
    organization_id=st.just(5),
    tier=st.sampled_from(["", "member"]),
    language=st.sampled_from(["", "es"]),
)


@given(st.lists(PEOPLE, max_size=6, unique_by=lambda one: one.person_id), CONSULTS)
def test_nobody_away_over_the_cap_or_in_conflict_is_ever_the_result(people: list[Candidate], asked: Asked) -> None:
    choice = assign(people, asked, now=NOW)
    assert choice.reason
    assert choice == assign(people, asked, now=NOW), "the same twice"
    assert choice == assign(list(reversed(people)), asked, now=NOW), "whatever the order"
    if choice.person_id is None:
        return
    one = next(one for one in people if one.person_id == choice.person_id)
    assert not any(start <= NOW < end for start, end in one.absences)
    assert one.cap is None or len(one.open_work) < one.cap
    assert 5 not in one.conflicts
    assert one.is_active
    assert 7 in one.specialties
    assert one.person_id != asked.requester_id
    assert not asked.tier or not one.tiers or asked.tier in one.tiers


def test_it_goes_to_whoever_answers_soonest() -> None:
    today, thursday = Shift(1, time(13), time(17)), Shift(3, time(13), time(17))
    choice = assign([person(1, week=[thursday]), person(2, week=[])][::-1], ASKED, now=NOW)
    assert choice.person_id == 1, "the one who works, though it is the requester's colleague who asked"
    choice = assign([person(1, week=[thursday]), person(3, week=[today])], ASKED, now=NOW)
    assert choice.person_id == 3
    assert "Dr 3" in choice.reason


def test_who_has_something_open_gets_no_more_and_it_waits() -> None:
    choice = assign([person(1, open_work=[LATER])], ASKED, now=NOW)
    assert choice.person_id is None
    assert "Whoever is free first" in choice.reason
    assert assign([person(1, open_work=[None])], ASKED, now=NOW).person_id == 1, "that one waits for a reply"


def test_it_is_not_pinned_to_someone_whose_not_coming_would_make_it_late() -> None:
    """Their hours are today and a week later: if a clinic runs late today, nobody would see it in time."""
    once = [Shift(1, time(13), time(14))]
    assert assign([person(1, week=once, is_here=False)], ASKED, now=NOW).person_id is None
    daily = [Shift(day, time(13), time(14)) for day in range(7)]
    assert assign([person(1, week=daily, is_here=False)], ASKED, now=NOW).person_id == 1
    assert assign([person(1, week=once, is_here=True)], ASKED, now=NOW).person_id == 1


def test_a_day_on_call_counts_as_answering_time() -> None:
    saturday = datetime(2026, 11, 28, 15, tzinfo=UTC)
    asked = replace(ASKED, due_at=saturday + timedelta(hours=24))
    pair = [person(1, on_call=[saturday.date()]), person(3)]
    assert assign(pair, asked, now=saturday).person_id == 1


def test_who_does_not_speak_the_language_is_never_assigned() -> None:
    spanish = replace(ASKED, language="es")
    pair = [person(1), person(3, languages=["es"], minutes_lately=900)]
    assert assign(pair, spanish, now=NOW).person_id == 3
    assert "in Spanish" in assign(pair, spanish, now=NOW).reason
    alone = assign(pair[:1], spanish, now=NOW)
    assert (alone.person_id, "in Spanish" in alone.reason) == (None, True), "it waits in the queue"
    assert assign(pair[:1], replace(ASKED, language="en"), now=NOW).person_id == 1, "who lists none speaks English"
    assert may_serve(pair[0], spanish, now=NOW), "by hand, one may know better"


def test_ties_go_to_who_did_least_and_then_turn_about() -> None:
    pair = [person(1, minutes_lately=300), person(3)]
    assert assign(pair, ASKED, now=NOW).person_id == 3
    equal = [person(1), person(3)]
    chosen = [assign(equal, replace(ASKED, number=f"C-{n}"), now=NOW).person_id for n in range(100)]
    assert 30 < chosen.count(1) < 70


def test_nobody_at_all() -> None:
    assert assign([], ASKED, now=NOW).person_id is None


def test_choosing_is_what_assigning_does() -> None:
    """The replay of a year calls ``choose`` with seats that it keeps; ``assign`` makes them afresh."""
    people = [person(number, minutes_lately=number * 10.0) for number in (1, 3, 4)]
    seats = [seat_of(one, now=NOW) for one in people]
    chosen = choose(seats, due=ASKED.due_at.timestamp(), now=NOW.timestamp(), turn="C-1")
    assert chosen == assign(people, ASKED, now=NOW).person_id


@given(st.floats(-1e6, 1e6), st.floats(0, 1e5))
def test_expected_lateness_lies_above_the_certain_one_and_grows(late: float, spread: float) -> None:
    a_thousandth = 1e-3  # of a second: what rounding may take
    assert expected_lateness(late, 0.0, spread=spread) >= max(0.0, late) - a_thousandth
    later = expected_lateness(late + 60, 0.0, spread=spread)
    assert later >= expected_lateness(late, 0.0, spread=spread) - a_thousandth
