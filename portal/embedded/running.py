"""Running our own programs for the supervisor: guarded, in the site's environment, ended when it is told to stop."""

import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from portal.embedded.errors import EmbeddedError
from portal.embedded.server import rotate
from portal.embedded.site import ROOT
from portal.embedded.watchdog import STOP_LIMIT, Watchdog

TAIL = 3000  # characters


class Stopped(Exception):
    """The supervisor was told to stop."""


class Runner:
    """Starts programs in one environment."""

    def __init__(self, environment: Mapping[str, str], watchdog: Watchdog, stopping: threading.Event) -> None:
        self._environment = environment
        self._watchdog = watchdog
        self._stopping = stopping

    def start(self, command: Sequence[str], log: Path | None) -> subprocess.Popen[bytes]:
        """Start a program that writes to ``log``, or to the terminal when that is None."""
        if log is None:
            return self._popen(command, None)
        rotate(log)
        with log.open("ab") as output:
            return self._popen(command, output.fileno())

    def run(self, command: Sequence[str], log: Path | None) -> None:
        """Run a program to its end.

        Raises EmbeddedError with the end of its log when it fails, and Stopped when the supervisor is told to stop.
        """
        process = self.start(command, log)
        try:
            while process.poll() is None:
                if self._stopping.wait(0.05):
                    raise Stopped
        finally:
            self._watchdog.end(process, signal.SIGTERM, STOP_LIMIT)
        if process.returncode:
            tail = f":\n{log.read_text(errors='replace')[-TAIL:]}" if log else " (see above)."
            raise EmbeddedError(f"{' '.join(command[1:])} failed{tail}")

    def _popen(self, command: Sequence[str], output: int | None) -> subprocess.Popen[bytes]:
        sys.stdout.flush()
        return subprocess.Popen(  # noqa: S603
            command,
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=self._watchdog.guard(signal.SIGTERM),
        )
