"""Short forms of the drills, each a program of its own; docs/drills.md has the long ones.

Every run has some of them; `DRILLS=all` adds those whose rules other tests hold too.
"""

import os
import subprocess
import sys

import pytest

from tests.environment import ROOT

LIMIT = 1200
"""Seconds, for a machine that is slow and busy; on one of its own each takes about a minute or less."""
SHORT = {
    "kills": ["--kills", "3", "--consults", "6", "--skip-lease", "--seed", "3"],
    "restore": ["--consults", "20"],
    "clock": ["--years", "2024"],
    "audit": ["--rows", "3000", "--rounds", "3"],
    "guesses": ["--guesses", "40"],
    "enumeration": ["--samples", "60"],
}
MORE = {
    "storms": ["--seconds", "4"],
    "memory": ["--hours", "0.25"],
    "archive": ["--consults", "20", "--load", "5"],
    "two_hosts": ["--seconds", "24"],
    "wrong_clocks": ["--seconds", "48", "--consults", "40", "--seed", "1"],
    "sweepers": ["--due", "2500"],
    "broker": ["--gone", "20", "--consults", "6"],
    "uploads": ["--files", "40"],
    "scripts": ["--payloads", "33"],
    "schema": ["--cases", "969"],
}
DRILLS = SHORT | (MORE if os.environ.get("DRILLS") == "all" else {})


@pytest.mark.parametrize("name", DRILLS)
def test_the_short_form_of_a_drill_misses_no_figure(name: str) -> None:
    command = [sys.executable, str(ROOT / "tests" / "drills" / f"{name}.py"), *DRILLS[name]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr[-20_000:]
