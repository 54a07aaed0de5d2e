"""What beat and the services ask for by name is known to a worker."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import settings
from tests.environment import ROOT
from tests.programs import child_environment

APPS = ("portal", "knowledge", "consults")
NAME = re.compile(r"(?:portal|knowledge|consults)\.(?:\w+\.)*tasks\w*\.\w+")
LOADED = """
import json
from portal.celery import app
app.loader.import_default_modules()
print(json.dumps(sorted(app.tasks)))
"""


@pytest.fixture(scope="module")
def known() -> set[str]:
    """The tasks of a worker that has just started: of a process of its own, as the tests import more than it does."""
    program = [sys.executable, "-c", LOADED]
    done = subprocess.run(program, cwd=ROOT, env=child_environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def strings(path: Path) -> Iterator[str]:
    """Every string written in a file, the names of constants' values among them."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def asked_for() -> set[str]:
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py") if path.name != "settings.py"]
    return {text for path in files for text in strings(path) if NAME.fullmatch(text)}


def test_a_worker_knows_what_beat_asks_for(known: set[str]) -> None:
    scheduled = {str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert len(scheduled) > 20
    assert sorted(scheduled - known) == []


def test_a_worker_knows_what_services_wake(known: set[str]) -> None:
    names = asked_for()
    assert {"portal.common.tasks.send_outbox", "portal.members.tasks.work_on_rosters"} <= names
    assert sorted(names - known) == []
