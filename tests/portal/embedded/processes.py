"""Real processes that attach, for the tests of attaching."""

import subprocess
import sys
from pathlib import Path

from tests.environment import ROOT

ATTACH = """
import pathlib, sys
from portal.embedded import attach
print(attach(pathlib.Path(sys.argv[1]), durable=False).database_url, flush=True)
sys.stdin.read()
"""


class Attached:
    """Another process that has attached to a state folder, and stays until told to leave."""

    def __init__(self, state: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", ATTACH, str(state)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def database_url(self) -> str:
        """The address it got; waits until it has attached."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        """Let it end in good order."""
        self.process.communicate(timeout=30)

    def kill(self) -> None:
        """End it with kill -9."""
        self.process.kill()
        self.process.communicate(timeout=30)
