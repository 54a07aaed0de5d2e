"""A call that nobody answered comes back at the time one said: due then, told once, never missed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from consults.models import Call
from consults.services import calls, calls_sweep
from portal.common.models import Notice
from portal.common.refusals import Conflict, Invalid, Refused
from tests.cast import Cast, sign_in
from tests.cast import away as be_away
from tests.consults.test_away import on_call
from tests.consults.test_calls import NOTE, again, kinds, minutes, taken


def tried(cast: Cast, number: float = 120, **more: Any) -> Call:
    return calls.tried(taken(cast, **more), by=cast.specialist, again_at=minutes(number), at=minutes(6))


@pytest.mark.django_db
class TestAgain:
    def test_it_waits_and_is_due_then(self, cast: Cast) -> None:
        call = tried(cast)
        assert (call.state, call.assignee, call.taken_at) == ("waiting", cast.specialist, None)
        assert (call.starts_at, call.due_at, call.next_mark_at) == (minutes(120), minutes(150), minutes(120))
        assert not calls_sweep.sweep(now=minutes(119)), "not before its time"
        told = Notice.objects.filter(person=cast.specialist)
        before = told.count()
        assert calls_sweep.sweep(now=minutes(121)) == {"begun": 1}
        assert told.count() == before + 1
        assert not calls_sweep.sweep(now=minutes(121)), "once"
        assert again(call).events.get(kind="begun", round=1).at == minutes(120), "at its own moment"

    def test_untaken_it_goes_to_the_backup_and_is_late_then(self, cast: Cast) -> None:
        on_call(cast, cast.specialist, cast.specialist2)
        call = tried(cast)
        assert calls_sweep.sweep(now=minutes(500)) == {"begun": 1, "passed": 1, "missed": 1}
        assert again(call).assignee == cast.specialist2
        marks = dict(again(call).events.filter(round=1).values_list("kind", "at"))
        assert (marks["passed"], marks["missed"]) == (minutes(135), minutes(150))

    def test_who_tried_it_and_is_away_by_then_is_not_told(self, cast: Cast) -> None:
        on_call(cast, cast.specialist2, cast.specialist)
        call = tried(cast)
        be_away(cast.specialist, minutes(600))
        calls_sweep.sweep(now=minutes(121))
        assert again(call).assignee == cast.specialist2

    def test_tried_twice_and_noted(self, cast: Cast) -> None:
        call = tried(cast)
        calls.take(call, by=cast.specialist, at=minutes(122))
        calls.tried(call, by=cast.specialist, again_at=minutes(200), at=minutes(123))
        with pytest.raises(Conflict):
            calls.tried(call, by=cast.specialist, again_at=minutes(300), at=minutes(124))
        calls_sweep.sweep(now=minutes(201))
        calls.take(call, by=cast.specialist, at=minutes(203))
        calls.sign_note(call, by=cast.specialist, note=NOTE, at=minutes(210))
        assert again(call).number == ""
        assert kinds(call).count("begun") == 3
        assert not calls_sweep.sweep(now=minutes(10_000))

    def test_it_may_be_called_earlier_or_cancelled_meanwhile(self, cast: Cast) -> None:
        assert calls.take(tried(cast), by=cast.specialist, at=minutes(60)).state == "taken"
        other = calls.cancel(tried(cast), by=cast.clinician_prairie, reason="Solved.", at=minutes(70))
        assert (other.state, other.next_mark_at) == ("cancelled", None)

    @pytest.mark.parametrize("number", [-5, 6, 6 + 14 * 24 * 60 + 1])
    def test_a_past_time_or_one_too_far_away_is_refused(self, cast: Cast, number: int) -> None:
        call = taken(cast)
        with pytest.raises(Invalid) as refused:
            calls.tried(call, by=cast.specialist, again_at=minutes(number), at=minutes(6))
        assert ("past" in refused.value.fields["again_at"]) == (number <= 6)
        assert (again(call).state, kinds(call).count("tried")) == ("taken", 0)

    def test_others_do_not(self, cast: Cast) -> None:
        call = taken(cast)
        for person in (cast.clinician_prairie, cast.specialist2):
            with pytest.raises(Refused):
                calls.tried(call, by=person, again_at=minutes(60), at=minutes(6))

    def test_the_page_reads_the_time_in_the_callers_zone(self, cast: Cast) -> None:
        now = timezone.now()
        call = calls.take(
            calls.request_call(
                by=cast.clinician_prairie, specialty=cast.cardiology, number="217 555 0143", topic="Which dose?", at=now
            ),
            by=cast.specialist,
            at=now,
        )
        cast.specialist.time_zone = "America/Denver"
        cast.specialist.save()
        client, path = sign_in(Client(), cast.specialist), f"/calls/{call.pk}/"
        assert "In your time zone, America/Denver" in client.get(path).content.decode()
        past = client.post(f"{path}tried/", {"again_at": "2020-01-01T10:00"}).content.decode()
        assert "This time is past. Give a later one." in past
        assert again(call).state == "taken"
        wanted = (now + timedelta(days=1)).replace(second=0, microsecond=0)
        local = wanted.astimezone(ZoneInfo("America/Denver"))
        client.post(f"{path}tried/", {"again_at": f"{local:%Y-%m-%dT%H:%M}"})
        assert again(call).again_at == wanted
        assert "To be tried again from" in client.get(path).content.decode()


def test_many_sweeps_at_once_bring_it_back_once(committed_cast: Cast) -> None:
    cast = committed_cast
    call = tried(cast)

    def sweep(_: int) -> int:
        try:
            return calls_sweep.sweep(now=minutes(121)).total()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(sweep, range(8))) == 1
    assert again(call).events.filter(kind="begun", round=1).count() == 1
    assert Notice.objects.filter(person=cast.specialist, text__contains="due now").count() == 1
