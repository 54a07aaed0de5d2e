"""The supervisor: restarts what dies, stops everything, and leaves nothing behind however it ends."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.environment import ROOT
from tests.programs import Program, free_port, wait_for

SMALL_SITE = [sys.executable, "-m", "tests.portal.embedded.small_site"]
PARTS = ("postgres", "broker", "web", "worker", "index", "beat")


def environment(state: Path, port: int) -> dict[str, str]:
    given = ("DATABASE_URL", "DATABASE_OWNER_URL", "CELERY_BROKER_URL", "CONSILIUM_MODE")
    kept = {name: value for name, value in os.environ.items() if name not in given}
    return kept | {"STATE_DIR": str(state), "PORT": str(port)}


class SmallSite(Program):
    """A supervisor at work, and the processes below it."""

    def __init__(self, state: Path) -> None:
        super().__init__([*SMALL_SITE, "demo"], environment(state, free_port()), state / "supervisor.log")
        self.wait_for_line("Consilium is ready at")

    def below(self) -> list[psutil.Process]:
        """Every process that it started, and those that they started."""
        return psutil.Process(self.process.pid).children(recursive=True)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if _runs(process)]


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two questions
        return False


@pytest.fixture
def small_site(state: Path) -> Iterator[SmallSite]:
    site = SmallSite(state)
    yield site
    if site.process.poll() is None:
        site.stop(limit=30)


def test_it_says_what_it_does(small_site: SmallSite) -> None:
    log = small_site.log()
    assert "1/5  Database and message broker" in log
    assert "1 migrations applied" in log
    assert "the accounts of demonstration" in log


def test_a_killed_part_is_started_again_and_said(small_site: SmallSite) -> None:
    killed = next(process for process in small_site.below() if process.name() == "postgres")
    killed.kill()
    small_site.wait_for_line("postgres was ended by signal 9 (SIGKILL); starting it again in 1 s. Its log: /")
    wait_for(lambda: any(process.name() == "postgres" for process in small_site.below()), "another postgres")


def test_sigterm_stops_everything_even_what_will_not_listen(small_site: SmallSite) -> None:
    below = small_site.below()
    assert len(below) > len(PARTS)
    small_site.kill(signal.SIGTERM)
    assert small_site.process.wait(30) == 0
    assert alive(below) == []
    assert small_site.log().rstrip().endswith("Stopped.")


def test_kill_9_of_the_supervisor_leaves_nothing(small_site: SmallSite) -> None:
    below = small_site.below()
    small_site.kill(signal.SIGKILL)
    small_site.process.wait()
    wait_for(lambda: not alive(below), "the end of every process", limit=30)


def test_stop_ends_a_running_site(small_site: SmallSite, state: Path) -> None:
    done = subprocess.run([*SMALL_SITE, "stop"], cwd=ROOT, env=environment(state, 1), capture_output=True, text=True)
    assert done.stdout == "Stopped the site.\n"
    assert small_site.process.wait(5) == 0


def refusal(state: Path, port: int | str) -> str:
    """What a supervisor that will not start says; it ends with status 1."""
    changes = environment(state, 1) | {"PORT": str(port)}
    done = subprocess.run([*SMALL_SITE, "demo"], cwd=ROOT, env=changes, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    return done.stderr


def test_a_second_one_for_the_same_folder_is_refused(small_site: SmallSite, state: Path) -> None:
    said = refusal(state, free_port())
    assert said.startswith("Consilium already runs from")
    assert f"(process {small_site.process.pid})" in said


def test_a_taken_port_is_one_line_that_names_the_way_out(state: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refusal(state, port)
    assert (
        said == f"Port {port} on 127.0.0.1 is taken by another program. Choose another one: make demo PORT={port + 1}\n"
    )


def test_a_port_that_is_none_is_named(state: Path) -> None:
    assert refusal(state, "eighty") == "PORT is 'eighty'; it must be a number from 1 to 65535.\n"
