"""Beat ticks on when its host's clock jumps, and no worker drops a tick because its clock is another's."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from portal import settings
from portal.beat import Scheduler
from portal.celery import app

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SWEEP = "sweep the clocks"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BACK = [timedelta(seconds=5), HOUR, DAY]


class Beat(Scheduler):
    """The scheduler, which notes what it would send."""

    producer = None  # type: ignore[assignment]

    def __init__(self, schedule: Path) -> None:
        self.ticks: Counter[str] = Counter()
        super().__init__(app, schedule_filename=str(schedule))

    def apply_entry(self, entry: Any, producer: object = None) -> None:
        self.ticks[entry.name] += 1

    def run(self, clock: time_machine.Traveller, seconds: float) -> Counter[str]:
        """Tick for so long, sleeping in between as beat does; how often for what."""
        self.ticks.clear()
        while seconds > 0:
            slept = max(self.tick(), 0.001)
            clock.shift(slept)
            seconds -= slept
        return Counter(self.ticks)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.mark.parametrize("jump", BACK, ids=str)
def test_a_clock_put_back_stops_no_tick(clock: time_machine.Traveller, tmp_path: Path, jump: timedelta) -> None:
    with closing(Beat(tmp_path / "beat")) as beat:
        assert 9 <= beat.run(clock, 30)[SWEEP] <= 11
        clock.shift(-jump)
        assert 8 <= beat.run(clock, 30)[SWEEP] <= 11


@pytest.mark.parametrize("jump", [HOUR, DAY, 10 * DAY], ids=str)
def test_a_clock_put_forward_makes_each_tick_due_once(
    clock: time_machine.Traveller, tmp_path: Path, jump: timedelta
) -> None:
    with closing(Beat(tmp_path / "beat")) as beat:
        beat.run(clock, 30)
        clock.shift(jump)
        ticks = beat.run(clock, 1)
        assert set(ticks.values()) == {1}
        assert SWEEP in ticks
        assert 9 <= beat.run(clock, 30)[SWEEP] <= 11


def test_what_it_remembers_of_a_clock_that_was_ahead_holds_nothing_up(
    clock: time_machine.Traveller, tmp_path: Path
) -> None:
    with closing(Beat(tmp_path / "beat")) as beat:
        clock.shift(DAY)
        beat.run(clock, 30)
    clock.shift(-DAY)
    with closing(Beat(tmp_path / "beat")) as beat:
        assert 8 <= beat.run(clock, 30)[SWEEP] <= 11


def test_it_is_the_one_that_runs() -> None:
    assert app.conf.beat_scheduler == f"{Scheduler.__module__}:{Scheduler.__name__}"


def test_a_tick_is_good_for_workers_whose_clocks_are_two_days_from_beats() -> None:
    schedule: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    lives = [entry.get("options", {}).get("expires") for entry in schedule.values()]
    assert len(lives) > 20
    assert [life for life in lives if life is not None and life <= 2 * DAY.total_seconds()] == []
