"""Promises in versions, calendars, a new urgency on the way, the first response, and the check of every clock."""

from datetime import date, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from consults import tasks
from consults.clock import Mark
from consults.demonstration import load_consults
from consults.models import CalendarVersion, Consult, Milestone, Promise, PromiseVersion
from consults.promises import choose
from consults.services import answering, clockwork, joining, promising, requesting, sending, verifying
from portal.common.models import AuditEvent, Mail, Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.demonstration import load_people
from tests.cast import Cast
from tests.consults.helpers import IN_STATE, NOON, after, claimed, closed, drafted, sent, waiting

pytestmark = pytest.mark.django_db
OFFICE = [[["08:00", "12:00"], ["13:00", "17:00"]]] * 5 + [[], []]
TODAY = date(2026, 11, 24)


def calendar(cast: Cast, **fields: Any) -> CalendarVersion:
    values: dict[str, Any] = {"name": "Office", "zone": "America/Chicago", "week": OFFICE, "country": "US"} | fields
    return promising.define_calendar(by=cast.network_admin, today=TODAY, **values)


def define(cast: Cast, urgency: str = "urgent", hours: float = 4, **fields: Any) -> PromiseVersion:
    return promising.define_promise(by=cast.network_admin, urgency=urgency, answer=timedelta(hours=hours), **fields)


def urgent(cast: Cast) -> Consult:
    draft = drafted(cast, urgency="urgent")
    return sending.send(draft, by=cast.clinician_prairie, attested=False, at=NOON)


def test_without_a_promise_of_its_own_it_is_48_hours(cast: Cast) -> None:
    consult = sent(cast)
    assert (consult.promised_seconds, consult.due_at) == (48 * 3600, after(48))
    assert consult.clock_events.get().promise is None


def test_a_promise_for_its_urgency(cast: Cast) -> None:
    version = define(cast)
    consult = urgent(cast)
    assert (consult.promised_seconds, consult.due_at) == (4 * 3600, after(4))
    assert consult.clock_events.get().promise == version
    assert sent(cast).due_at == after(48)


def test_a_new_version_leaves_what_is_under_way(cast: Cast) -> None:
    define(cast)
    consult = urgent(cast)
    define(cast, hours=2)
    clockwork.sweep(now=after(1))
    consult.refresh_from_db()
    assert consult.due_at == after(4)
    assert urgent(cast).due_at == after(2)
    assert list(PromiseVersion.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_an_urgency_nothing_is_promised_for_cannot_be_asked_for(cast: Cast) -> None:
    draft = drafted(cast, urgency="urgent")
    with pytest.raises(Invalid) as raised:
        sending.send(draft, by=cast.clinician_prairie, attested=False, at=NOON)
    assert raised.value.fields.keys() == {"urgency"}
    promising.end_promise(define(cast).promise, by=cast.network_admin, at=NOON)
    with pytest.raises(Invalid):
        sending.send(draft, by=cast.clinician_prairie, attested=False, at=NOON)
    assert promising.urgencies() == [("standard", "Standard")]


def test_working_hours_and_a_holiday_lengthen(cast: Cast) -> None:
    define(cast, urgency="standard", hours=16, calendar=calendar(cast))
    consult = sent(cast)  # Tuesday 24 November, 6:00 in Chicago; Thursday is Thanksgiving
    assert consult.due_at == NOON.replace(day=25, hour=23), "Wednesday 17:00 in Chicago"
    later = sent(cast, at=NOON + timedelta(hours=8))  # 14:00: three hours are left that day
    assert later.due_at == NOON.replace(day=27, hour=20), "Friday 14:00: three, eight, no Thursday, and five"
    words = StringIO()
    call_command("explain_clock", later.number, at=NOON + timedelta(days=4), stdout=words)
    assert "only working hours counted (Mon–Fri 08:00–12:00 and 13:00–17:00, America/Chicago time)" in words.getvalue()
    assert "Thu 26 Nov (Thanksgiving Day)" in words.getvalue()
    assert "outside the hours that count" in words.getvalue()


def test_a_new_urgency_keeps_pauses_and_what_has_counted(cast: Cast) -> None:
    define(cast)
    consult = waiting(cast)  # asked back after two hours
    consult = promising.set_urgency(consult, by=cast.lead, urgency="urgent", at=after(5))
    assert (consult.due_at, consult.state) == (None, "waiting")
    consult = requesting.reply(consult, by=cast.clinician_prairie, text="70 kg", at=after(10))
    assert consult.due_at == after(12), "two of the four hours had counted before the pause"
    words = StringIO()
    call_command("explain_clock", consult.number, at=after(11), stdout=words)
    assert "Promised anew" in words.getvalue()
    assert "the 2 h that had counted stay counted" in words.getvalue()
    assert Notice.objects.filter(person=cast.clinician_prairie, text__contains="is now urgent").exists()
    assert not Mail.objects.filter(body__contains="apixaban").exists()
    clockwork.sweep(now=after(11))
    assert Milestone.objects.get(kind="half").due_at == after(10), "reached as it paused, passed as it ran on"
    assert verifying.verify(now=after(11)) == (1, [])


def test_a_mark_passed_under_the_old_promise_stays_recorded_at_its_moment(cast: Cast) -> None:
    define(cast)
    consult = urgent(cast)
    consult = promising.set_urgency(consult, by=cast.lead, urgency="standard", at=after(3))
    early = dict(Milestone.objects.filter(consult=consult).values_list("kind", "due_at"))
    assert early == {"half": after(2), "to-assignee": after(2)}
    assert consult.due_at == after(48)
    clockwork.sweep(now=after(60))
    kinds = dict(Milestone.objects.filter(consult=consult).values_list("kind", "due_at"))
    late = {
        "at-risk": after(48 * 0.85),
        "to-lead": after(48 * 0.85),
        "to-backup": after(36),
        "breach": after(48),
        "to-director": after(48),
    }
    assert kinds == early | late, "a rung that was reached is not reached again"
    assert verifying.verify(now=after(61)) == (1, [])


def test_a_promise_used_up_when_given_is_late_at_that_moment(cast: Cast) -> None:
    define(cast)
    consult = promising.set_urgency(sent(cast), by=cast.lead, urgency="urgent", at=after(10))
    clockwork.sweep(now=after(10))
    assert Milestone.objects.get(consult=consult, kind="breach").due_at == after(10)
    consult.refresh_from_db()
    assert (consult.due_at, consult.next_milestone_at) == (after(10), None)


@pytest.mark.parametrize(
    "who", ["clinician_prairie", "admin_prairie", "specialist", "specialist2", "editor", "network_admin", "auditor"]
)
def test_only_the_section_lead_changes_the_urgency(cast: Cast, who: str) -> None:
    define(cast)
    consult = claimed(cast)
    with pytest.raises(Refused):
        promising.set_urgency(consult, by=getattr(cast, who), urgency="urgent", at=after(2))


def test_the_urgency_of_what_is_over_or_the_same_does_not_change(cast: Cast) -> None:
    define(cast)
    with pytest.raises(Conflict):
        promising.set_urgency(closed(cast), by=cast.lead, urgency="urgent", at=after(20))
    for urgency in ("standard", "soon", "nonsense"):
        with pytest.raises(Invalid):
            promising.set_urgency(sent(cast), by=cast.lead, urgency=urgency, at=after(2))


@pytest.mark.parametrize("who", ["clinician_prairie", "admin_prairie", "specialist", "lead", "editor", "auditor"])
def test_only_network_administrators_say_what_is_promised(cast: Cast, who: str) -> None:
    person, version = getattr(cast, who), define(cast)
    with pytest.raises(Refused):
        promising.define_promise(by=person, urgency="urgent", answer=timedelta(hours=9))
    with pytest.raises(Refused):
        promising.end_promise(version.promise, by=person, at=NOON)
    with pytest.raises(Refused):
        promising.define_calendar(by=person, name="x", zone="UTC", week=OFFICE, today=TODAY)


def test_versions_are_never_changed(cast: Cast) -> None:
    define(cast, calendar=calendar(cast))
    for model in (PromiseVersion, CalendarVersion):
        with pytest.raises(DatabaseError), transaction.atomic():
            model._default_manager.update(number=9)
        with pytest.raises(DatabaseError), transaction.atomic():
            model._default_manager.all()._raw_delete("default")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"week": [[]] * 7, "country": ""}, "week"),
        ({"week": OFFICE[:6]}, "week"),
        ({"week": [[["17:00", "08:00"]]] * 7}, "week"),
        ({"country": "ZZ"}, "country"),
        ({"short": {TODAY: [["x", "y"]]}}, "week"),
    ],
)
def test_a_calendar_that_is_none_is_refused(cast: Cast, fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Invalid) as raised:
        calendar(cast, **fields)
    assert raised.value.fields.keys() == {wrong}
    assert not CalendarVersion.objects.exists()


@pytest.mark.parametrize(("answer", "response"), [(0.5, None), (24 * 61, None), (4, 4), (4, 0.01)])
def test_a_promise_nobody_could_keep_or_check_is_refused(cast: Cast, answer: float, response: float | None) -> None:
    with pytest.raises(Invalid):
        define(cast, hours=answer, response=timedelta(hours=response) if response else None)
    assert not Promise.objects.exists()


def test_holidays_are_written_down(cast: Cast) -> None:
    version = calendar(cast, closed={date(2026, 12, 24): "Christmas Eve"})
    assert version.closed["2026-11-26"].startswith("Thanksgiving")
    assert version.closed["2026-12-24"] == "Christmas Eve"
    assert {day[:4] for day in version.closed} == {str(year) for year in range(2025, 2032)}
    assert AuditEvent.objects.filter(action="calendar.define").count() == 1


class TestFirstResponse:
    def test_it_is_shown_apart_and_ends_when_taken(self, cast: Cast) -> None:
        define(cast, response=timedelta(hours=1))
        consult = urgent(cast)
        assert (consult.response_due_at, consult.due_at, consult.next_milestone_at) == (after(1), after(4), after(1))
        consult = answering.claim(consult, by=cast.specialist, at=after(0.5))
        assert (consult.response_due_at, consult.next_milestone_at) == (None, after(2))
        clockwork.sweep(now=after(1.5))
        assert not Milestone.objects.exists()

    def test_nobody_taking_it_is_told_once_at_its_moment(self, cast: Cast) -> None:
        define(cast, response=timedelta(hours=1))
        consult = urgent(cast)
        assert clockwork.sweep(now=after(1.7))["not-taken"] == 1
        clockwork.sweep(now=after(1.8))
        assert [(row.kind, row.due_at) for row in Milestone.objects.all()] == [("not-taken", after(1))]
        assert Notice.objects.filter(person=cast.lead, kind="not-taken").count() == 1
        consult.refresh_from_db()
        assert (consult.response_due_at, consult.next_milestone_at) == (None, after(2))
        assert verifying.verify(now=after(1.9)) == (1, [])

    def test_taken_too_late_between_two_sweeps_is_on_the_record_too(self, cast: Cast) -> None:
        define(cast, response=timedelta(hours=1))
        answering.claim(urgent(cast), by=cast.specialist, at=after(1.5))
        assert Milestone.objects.get().due_at == after(1)
        assert not Notice.objects.filter(kind="not-taken").exists(), "nobody is warned of what is over"

    def test_going_back_to_the_queue_does_not_begin_it_again(self, cast: Cast) -> None:
        define(cast, response=timedelta(hours=1))
        consult = answering.claim(urgent(cast), by=cast.specialist, at=after(0.5))
        consult = answering.hand_over(consult, by=cast.specialist, to=None, at=after(0.7))
        assert consult.response_due_at is None
        assert verifying.verify(now=after(0.8)) == (1, [])


class TestVerify:
    def test_every_state_and_the_demonstration_agree_with_their_logs(self, cast: Cast) -> None:
        for state in IN_STATE:
            IN_STATE[state](cast)
        clockwork.sweep(now=after(7))
        count, differences = verifying.verify(now=after(7))
        assert (count, differences) == (len(IN_STATE) - 1, [])

    @pytest.mark.parametrize(
        ("change", "figure"),
        [
            ({"due_at": after(99)}, "the due moment"),
            ({"next_milestone_at": None}, "the next mark"),
            ({"promised_seconds": 7}, "the promise in seconds"),
            ({"cycle": 3}, "the round"),
            ({"response_due_at": after(1)}, "the first response"),
        ],
    )
    def test_what_was_changed_behind_its_back_is_named(self, cast: Cast, change: dict[str, Any], figure: str) -> None:
        consult = sent(cast)
        Consult.objects.filter(pk=consult.pk).update(**change)
        with pytest.raises(CommandError, match=r"1 consults, \d differences"):
            call_command("verify_clocks", at=after(1), stdout=(out := StringIO()))
        assert f"{consult.number}: {figure} is stored as" in out.getvalue()

    def test_a_mark_that_nobody_recorded_is_named(self, cast: Cast) -> None:
        sent(cast)
        found = {difference.figure for difference in verifying.verify(now=after(30))[1]}
        assert found == {"round 1, the mark “half”", "round 1, the mark “to-assignee”"}
        clockwork.sweep(now=after(30))
        assert verifying.verify(now=after(30)) == (1, [])

    def test_a_mark_moved_is_named(self, cast: Cast) -> None:
        consult = sent(cast)
        Milestone.objects.create(consult=consult, cycle=1, kind=Mark.HALF.value, due_at=after(3))
        figures = {row.figure for row in verifying.verify(now=after(5))[1]}
        assert "round 1, the mark “half”" in figures

    def test_the_nightly_task_tells_the_administrators(self, cast: Cast) -> None:
        assert tasks.verify_clocks() == 0
        consult = sent(cast)
        Consult.objects.filter(pk=consult.pk).update(promised_seconds=7)
        assert tasks.verify_clocks() > 0
        assert tasks.verify_clocks() > 0
        notice = Notice.objects.get(person=cast.network_admin, kind="clocks")
        assert consult.number in notice.text

    def test_the_command_says_so_when_all_agree(self, cast: Cast) -> None:
        sent(cast)
        call_command("verify_clocks", at=after(1), stdout=(out := StringIO()))
        assert out.getvalue() == "1 consults, 0 differences\n"


def test_the_demonstration_agrees_with_its_logs(db: None) -> None:
    load_people()
    assert load_consults()
    count, differences = verifying.verify(now=timezone.now())
    assert count
    assert [str(row) for row in differences] == []


def row(urgency: str, specialty: int | None, tier: str, organization: int | None) -> SimpleNamespace:
    return SimpleNamespace(urgency=urgency, specialty_id=specialty, tier=tier, organization_id=organization)


PLACES = (st.sampled_from([None, 1, 2]), st.sampled_from(["", "m"]), st.sampled_from([None, 7]))
ROWS = st.lists(st.builds(row, st.sampled_from("ab"), *PLACES), max_size=8)


@given(ROWS)
def test_the_promise_chosen_fits_and_none_fits_more_exactly(rows: list[SimpleNamespace]) -> None:
    found = choose(rows, urgency="a", specialty_id=1, tier="m", organization_id=7)
    fitting = [r for r in rows if r.urgency == "a" and r.specialty_id != 2]
    if not fitting:
        assert found is None
        return
    assert found in fitting
    assert found.organization_id == 7 or all(r.organization_id is None for r in fitting)


def test_moved_to_another_specialty_it_gets_that_ones_promise_and_keeps_its_pauses(cast: Cast) -> None:
    define(cast, urgency="standard", hours=24, specialty=cast.hospital_medicine)
    consult = requesting.reply(waiting(cast), by=cast.clinician_prairie, text="70 kg", at=after(10))
    moved = joining.transfer(consult, by=cast.specialist, to=cast.hospital_medicine, reason="Not ours", at=after(11))
    assert moved.due_at == after(24 + 8), "two hours counted, eight paused, one counted; 24 promised"
    back = joining.transfer(moved, by=cast.lead, to=cast.cardiology, reason="Ours after all", at=after(12))
    assert back.due_at == after(48 + 8)
    clockwork.sweep(now=after(13))
    assert verifying.verify(now=after(13)) == (1, [])
