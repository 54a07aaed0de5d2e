"""Programs that tests run beside themselves: started, watched through their log, killed, stopped."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.environment import ROOT
from tests.guard import guard


def wait_for(condition: Callable[[], bool], what: str, *, limit: float = 180.0, every: float = 0.1) -> None:
    """Wait until ``condition`` holds; AssertionError says ``what`` did not come."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {limit:.0f} s"
        time.sleep(every)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def child_environment(**changes: str) -> dict[str, str]:
    """This process's environment for a program with the real settings, not the tests' own."""
    return os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"} | changes


class Program:
    """One program with its log; its processes are a group of their own, and end with ours."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path, *, folder: Path = ROOT
    ) -> None:
        self._log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        guard().take(self.process.pid)

    def log(self) -> str:
        """All it has printed."""
        return self._log.read_text(errors="replace")

    def wait_for_line(self, text: str, *, limit: float = 180.0) -> None:
        """Wait until its log holds ``text``, for at most ``limit`` seconds."""
        wait_for(lambda: text in self.log() or self.process.poll() is not None, f"{text!r} in {self._log}", limit=limit)
        assert text in self.log(), f"it ended with {self.process.returncode}:\n{self.log()}"

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to its main process."""
        self.process.send_signal(number)

    def stop(self, limit: float = 15.0) -> None:
        """End it and everything it started, gracefully if it can."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(limit)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(limit)
        guard().let_go(self.process.pid)  # its number may soon be another process's
