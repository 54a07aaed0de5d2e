"""Reminders of reviews: which are due on a day, and what the sweep tells whom."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from knowledge import reminders, tasks
from knowledge.models import Review
from knowledge.services import decide, replace_reviewer, withdraw_submission
from knowledge.services.remindreviewers import remind_reviewers
from portal.common import rows
from portal.common.models import Mail, Notice
from tests.cast import Cast, away
from tests.knowledge.reviews import in_days, review_of, submitted, told

DUE = date(2026, 12, 10)
days = st.integers(0, 40).map(lambda number: date(2026, 11, 20) + timedelta(days=number))


def key(today: date, asked_on: date = date(2026, 11, 1)) -> str | None:
    found = reminders.step(due_on=DUE, asked_on=asked_on, today=today)
    return found.key if found else None


def test_the_steps_by_the_day() -> None:
    found = [key(DUE + timedelta(days=number)) for number in range(-4, 8)]
    late = ["late-3", "late-3", "late-3", "late-6", "late-6"]
    assert found == [None, None, "soon", "soon", "due", "due", "due", *late]


@given(due_on=days, asked_on=days, seen=st.sets(days))
def test_whenever_one_looks(due_on: date, asked_on: date, seen: set[date]) -> None:
    """However seldom or often: a step is never before its day, never as old as the asking, told once, in order."""
    told: dict[str, date] = {}
    steps = []
    for today in sorted(seen):
        step = reminders.step(due_on=due_on, asked_on=asked_on, today=today)
        again = reminders.step(due_on=due_on, asked_on=asked_on, today=today)
        assert step == again
        if step is None:
            assert today < due_on - timedelta(days=reminders.SOON) or asked_on >= today - timedelta(days=2)
            continue
        assert asked_on < step.day <= today
        assert today - step.day < timedelta(days=reminders.EVERY)
        if step.key not in told:
            steps.append(step.day)
        told[step.key] = step.day
    assert steps == sorted(set(steps))
    gaps = [(later - day).days for day, later in pairwise(steps)]
    assert all(gap >= 2 for gap in gaps)


@given(due_on=days, today=days)
def test_editors_are_told_from_the_seventh_day_on(due_on: date, today: date) -> None:
    assert reminders.escalates(due_on=due_on, today=today) == ((today - due_on).days >= 7)


@pytest.mark.parametrize(
    ("offset", "said"),
    [(-2, "due in 2 days"), (-1, "due tomorrow"), (0, "due today"), (1, "1 day overdue"), (8, "8 days overdue")],
)
def test_how_it_is_said(offset: int, said: str) -> None:
    assert reminders.words(due_on=DUE, today=DUE + timedelta(days=offset)) == said


def at(days: int, hour: int = 15) -> datetime:
    """That many days from now, by day in every zone of the cast."""
    return datetime.combine(in_days(days), datetime.min.time(), UTC) + timedelta(hours=hour)


@pytest.mark.django_db
def test_the_sweep_tells_each_step_once(tmp_path: Path, cast: Cast) -> None:
    submitted(tmp_path, cast, cast.lead, days=7)
    heard = []
    for day in range(21):
        before = len(told(cast.lead))
        for hour in (14, 15, 15, 20):
            remind_reviewers(now=at(day, hour))
        heard += [(day, text) for text in told(cast.lead)[before:] if "asked" not in text]
    assert [day for day, _ in heard] == [5, 7, 10, 13, 16, 19]
    assert heard[0][1] == "Your review of “About a” is due in 2 days."
    assert heard[2][1] == "Your review of “About a” is 3 days overdue."
    assert Mail.objects.filter(to=cast.lead.email).count() == len(heard) + 1
    for editor in (cast.editor, cast.reviewer):
        assert [text for text in told(editor) if "overdue" in text] == [
            "The review of “About a” by Paola Reyes is 7 days overdue. Remind them, replace them or claim it."
        ]


@pytest.mark.django_db
def test_a_late_sweep_catches_up_with_one(tmp_path: Path, cast: Cast) -> None:
    submitted(tmp_path, cast, cast.lead, days=7)
    remind_reviewers(now=at(12))
    assert [text for text in told(cast.lead) if "asked" not in text] == ["Your review of “About a” is 5 days overdue."]


@pytest.mark.django_db
def test_nobody_is_reminded_of_what_is_not_waited_for(tmp_path: Path, cast: Cast) -> None:
    decided = submitted(tmp_path, cast, cast.lead, cast.specialist, kind="protocol")
    decide(review=review_of(decided, cast.lead), decision="approved", by=cast.lead)
    withdraw_submission(revision=submitted(tmp_path, cast, cast.lead, slug="b"), by=cast.editor)
    Notice.objects.all().delete()
    assert remind_reviewers(now=at(20)) == 1
    assert told(cast.lead) == []
    assert len(told(cast.specialist)) == 1


@pytest.mark.django_db
def test_the_deputy_of_one_who_is_away_acts_and_is_reminded(tmp_path: Path, cast: Cast) -> None:
    revision = submitted(tmp_path, cast, cast.lead, days=7)
    away(cast.lead, at(30))
    Notice.objects.all().delete()
    for _ in range(2):
        remind_reviewers(now=at(1))
    assert told(cast.editor) == [
        "Paola Reyes, asked to review “About a”, is away and has no deputy. Name one, or replace them."
    ]
    replace_reviewer(review=review_of(revision, cast.lead), reviewer=cast.lead, deputy=cast.specialist, by=cast.editor)
    for day in (2, 3, 5, 5):
        remind_reviewers(now=at(day))
    assert told(cast.specialist)[1:] == ["Your review of “About a” is due in 2 days."]
    assert "Paola Reyes is away: you decide as their deputy." in told(cast.specialist)[0]
    assert told(cast.lead) == []


@pytest.mark.django_db
def test_the_task_runs_and_its_cost_grows_with_the_batches_only(
    tmp_path: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "FEW", 0)  # a few go in one statement fewer
    assert tasks.remind_reviewers() == 0

    def queries(slugs: range) -> int:
        for number in slugs:
            submitted(tmp_path, cast, cast.lead, slug=f"d-{number}")
        with CaptureQueriesContext(connection) as captured:
            remind_reviewers(now=at(16))
        return len(captured)

    assert queries(range(2)) == queries(range(2, 22)) <= 8
    assert Review.objects.count() == 22
