"""A drill that is killed leaves no process and no folder behind, whatever killed it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.environment import ROOT
from tests.programs import wait_for

GROUND = """
import time
from tests.drills.serving import served
with served() as place:
    print(place.state, flush=True)
    time.sleep(600)
"""
"""The ground of most drills: a web, a database and a broker of their own."""
GONE_LIMIT = 40
"""Seconds."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_what_a_drill_has_started_ends_with_it(number: signal.Signals) -> None:
    drill = subprocess.Popen(
        [sys.executable, "-c", GROUND], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert drill.stdout is not None
    with drill.stdout:
        folder = Path(drill.stdout.readline().strip()).parent
    ours = psutil.Process(drill.pid).children(recursive=True)
    names = " ".join(" ".join(process.cmdline()) for process in ours)
    assert all(sign in names for sign in ("gunicorn", "postgres -D", "valkey-server")), names
    assert folder.name.startswith("consilium-drill-")
    os.kill(drill.pid, number)
    drill.wait(GONE_LIMIT)
    wait_for(lambda: not any(map(lives, ours)) and not folder.exists(), f"the end of {names}", limit=GONE_LIMIT)


def lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
