"""The present is the database's, whatever the host's clock shows; only tests that stop the clock go by the host's."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from consults import tasks
from consults.models import Assignment, ClockEvent, Consult, Message, Milestone, TimelineEntry
from portal import settings as real
from portal.common import heartbeat, outbox, present
from portal.common.models import AuditEvent, Heartbeat, IdempotentRequest, Mail, Notice
from portal.common.tasks import tidy
from tests.cast import Cast, sign_in
from tests.consults.helpers import drafted, sent
from tests.consults.test_api import QUESTION, Api

pytestmark = pytest.mark.django_db
WRONG = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1)]
AHEAD, BEHIND = timedelta(days=1), timedelta(days=-1)
SOON = timedelta(minutes=2)
"""So long a test may take."""
MOMENTS: list[tuple[type[Model], str]] = [
    (Consult, "submitted_at"),
    (Consult, "changed_at"),
    (Consult, "answered_at"),
    (ClockEvent, "at"),
    (Assignment, "started_at"),
    (Assignment, "ended_at"),
    (Message, "created_at"),
    (TimelineEntry, "at"),
    (Notice, "created_at"),
    (Mail, "created_at"),
    (Mail, "next_try_at"),
    (AuditEvent, "at"),
]


@pytest.fixture(autouse=True)
def as_in_production(settings: LazySettings) -> None:
    settings.CLOCK = real.CLOCK


def host_whose_clock_is(apart: timedelta) -> time_machine.travel:
    """The same process, with its clock put forward or back, and running on."""
    return time_machine.travel(datetime.now(UTC) + apart)


def moments(*more: tuple[type[Model], str]) -> list[datetime]:
    """Everything that was written, by when."""
    return [at for model, name in (*MOMENTS, *more) for at in values(model, name)]


def values(model: type[Model], name: str) -> list[datetime]:
    found = list(model._default_manager.exclude(**{name: None}).values_list(name, flat=True))
    assert found, f"no {name} of any {model.__name__}"
    return found


@pytest.mark.parametrize("apart", WRONG, ids=str)
def test_now_is_what_the_database_says(apart: timedelta) -> None:
    truth = datetime.now(UTC)
    with host_whose_clock_is(apart):
        now = present.now()
        assert abs(timezone.now() - now) > SOON
    assert abs(now - truth) < SOON
    assert now.utcoffset() == timedelta()


def test_now_moves_on_within_a_transaction_and_is_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(2):
        assert present.now() < present.now()


def test_tests_may_stop_the_clock(settings: LazySettings, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    settings.CLOCK = "host"
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    with time_machine.travel(noon, tick=False), django_assert_num_queries(0):
        assert present.now() == noon


@pytest.mark.parametrize("apart", WRONG, ids=str)
def test_what_is_written_over_rest_has_the_true_moment(cast: Cast, apart: timedelta) -> None:
    truth = datetime.now(UTC)
    with host_whose_clock_is(apart):
        clinician, specialist = Api(cast.clinician_prairie), Api(cast.specialist)
        path = f"consults/{clinician.post('consults/', QUESTION, key='asked').json()['number']}"
        for who, act in ((specialist, "claim"), (specialist, "ask"), (clinician, "reply"), (specialist, "answer")):
            assert who.post(f"{path}/{act}/", {"text": "70 kg"}, key=act).status_code == 200
    wrong = [at for at in moments((IdempotentRequest, "created_at")) if abs(at - truth) > SOON]
    assert wrong == []


@pytest.mark.parametrize("apart", WRONG, ids=str)
def test_what_is_written_by_pages_has_the_true_moment(cast: Cast, apart: timedelta) -> None:
    truth = datetime.now(UTC)
    with host_whose_clock_is(apart):
        draft = drafted(cast, at=present.now())
        clinician, specialist = (sign_in(Client(), person) for person in (cast.clinician_prairie, cast.specialist))
        data = {"draft": draft.number, "question": draft.question, "summary": draft.summary, "send": "1"}
        clinician.post("/ask/", data | {"specialty": "cardiology", "reason": "dosing"})
        for who, act in ((specialist, "claim"), (specialist, "ask"), (clinician, "reply"), (specialist, "answer")):
            assert who.post(f"/consults/{draft.number}/{act}/", {"text": "70 kg"}).status_code == 302
    wrong = [at for at in moments((Consult, "created_at")) if abs(at - truth) > SOON]
    assert wrong == []


def test_a_sweep_of_a_host_that_is_ahead_records_nothing_early(cast: Cast) -> None:
    sent(cast, at=datetime.now(UTC) - timedelta(hours=23))
    with host_whose_clock_is(AHEAD):
        tasks.sweep_clock()
    assert not Milestone.objects.exists()


def test_a_sweep_of_a_host_that_is_behind_misses_nothing(cast: Cast) -> None:
    sent(cast, at=datetime.now(UTC) - timedelta(hours=49))
    with host_whose_clock_is(BEHIND):
        tasks.sweep_clock()
    assert set(Milestone.objects.values_list("kind", flat=True)) >= {"half", "at-risk", "breach"}


def test_a_host_that_is_ahead_forgets_no_key_before_its_day_is_over(cast: Cast) -> None:
    for hours in (23, 25):
        at = datetime.now(UTC) - timedelta(hours=hours)
        IdempotentRequest.objects.create(person=cast.specialist, key=str(hours), fingerprint="x", created_at=at)
    with host_whose_clock_is(AHEAD):
        tidy()
    assert [row.key for row in IdempotentRequest.objects.all()] == ["23"]


@pytest.mark.parametrize(("apart", "due", "sent_now"), [(AHEAD, timedelta(minutes=3), 0), (BEHIND, -SOON, 1)])
def test_a_lease_of_the_outbox_ends_when_it_does(apart: timedelta, due: timedelta, sent_now: int) -> None:
    truth = datetime.now(UTC)
    mail = Mail.objects.create(key="k", to="a@b.example", subject="S", body="x", next_try_at=truth + due)
    with host_whose_clock_is(apart):
        assert outbox.send_due() == sent_now
    mail.refresh_from_db()
    assert (mail.sent_at is not None) == bool(sent_now)
    assert mail.sent_at is None or abs(mail.sent_at - truth) < SOON


@pytest.mark.parametrize("apart", WRONG, ids=str)
def test_a_heartbeat_is_as_old_as_it_is(apart: timedelta) -> None:
    with host_whose_clock_is(apart):
        heartbeat.beat("sweep")
        age = heartbeat.age("sweep")
    assert age is not None
    assert timedelta() <= age < SOON
    assert abs(Heartbeat.objects.get().at - datetime.now(UTC)) < SOON
