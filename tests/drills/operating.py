"""The commands of docs/operations.md, run as they stand there."""

import os
import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from portal.embedded.account import Account
from portal.embedded.programs import Programs
from portal.embedded.server import identity
from tests.environment import ROOT
from tests.guard import guard


def blocks(heading: str) -> list[str]:
    """The blocks of shell commands that a part of the page gives, in its order."""
    page = (ROOT / "docs" / "operations.md").read_text()
    part = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [
        text for language, text in re.findall(r"^```(\w*)\n(.*?)^```$", part, re.DOTALL | re.MULTILINE) if not language
    ]


def path(programs: Programs) -> str:
    """A search path that finds PostgreSQL's programs first."""
    return f"{programs.postgres}:{os.environ['PATH']}"


def start(
    commands: str, folder: Path, environment: Mapping[str, str], account: Account | None = None
) -> subprocess.Popen[bytes]:
    """Start commands as an operator would, or as the account of the database server."""
    who = identity(account) if account else {}
    command = ["bash", "-euo", "pipefail", "-c", commands]
    process = subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True, **who)
    guard().take(process.pid)
    return process


def run(commands: str, folder: Path, environment: Mapping[str, str], account: Account | None = None) -> float:
    """Run them to their end; the seconds they took."""
    begun = time.monotonic()
    process = start(commands, folder, environment, account)
    status = process.wait()
    guard().let_go(process.pid)
    assert status == 0, f"status {status}:\n{commands}"
    return time.monotonic() - begun
