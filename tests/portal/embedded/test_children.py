"""How long the supervisor waits before it starts something again."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded import children
from portal.embedded.children import Child
from portal.embedded.watchdog import Watchdog


class Clock:
    """Stands in for the module that tells the time."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(children, "time", clock)
    return clock


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    watchdog = Watchdog()
    yield watchdog
    watchdog.close()


def test_the_delay_grows_to_half_a_minute(clock: Clock, watchdog: Watchdog, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> subprocess.Popen[bytes]:
        raise OSError("no such program")

    child = Child("web", fail, watchdog, stop_signal=signal.SIGTERM, log=Path("web.log"), limit=1)
    for _ in range(7):
        child.keep_running()
        clock.now += children.LONGEST_DELAY
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "web did not start (no such program); starting it again in 1 s. Its log: web.log"
    assert [line.split(" in ")[1].split()[0] for line in said] == ["1", "2", "4", "8", "16", "30", "30"]


def test_a_while_up_makes_the_delay_short_again(
    clock: Clock, watchdog: Watchdog, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", "import time; time.sleep(60)"]
        started.append(subprocess.Popen(command, start_new_session=True, preexec_fn=watchdog.guard(signal.SIGTERM)))
        return started[-1]

    child = Child("web", start, watchdog, stop_signal=signal.SIGTERM, log=Path("web.log"), limit=5)
    for up in (1.0, 1.0, children.STEADY + 1):
        child.keep_running()
        clock.now += up
        child.keep_running()
        started[-1].kill()
        started[-1].wait()
        child.keep_running()
        clock.now += children.LONGEST_DELAY
    said = capsys.readouterr().out.splitlines()
    assert [line.split(" in ")[1].split()[0] for line in said] == ["1", "2", "1"]
    assert said[0].startswith("web was ended by signal 9 (SIGKILL)")
