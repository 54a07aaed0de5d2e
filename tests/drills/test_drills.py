"""The short forms of the drills, each a program of its own. docs/drills.md has the long ones."""

import subprocess
import sys

from tests.environment import ROOT

LIMIT = 300
"""Seconds; on a machine of its own each takes less than a minute."""


def drill(name: str, *options: str) -> str:
    """Run a drill; the line it printed. AssertionError where it misses a figure."""
    command = [sys.executable, str(ROOT / "tests" / "drills" / f"{name}.py"), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr[-20_000:]
    return done.stdout


def test_nothing_is_lost_or_doubled_when_processes_are_killed() -> None:
    assert "lost=0" in drill("kills", "--kills", "5", "--consults", "10", "--skip-lease", "--seed", "3")


def test_many_sweepers_at_once_record_each_mark_once() -> None:
    assert "wrong=0" in drill("sweepers", "--due", "2500")


def test_deadlines_are_the_same_moments_in_every_time_zone() -> None:
    assert "wrong=0" in drill("clock", "--years", "2024")
