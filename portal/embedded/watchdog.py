"""Stops everything the supervisor started when the supervisor itself is killed.

The kernel's parent-death signal would be lost when a server changes its user, so a small process waits at the other end
of a pipe instead: the pipe closes when the supervisor is gone, however that came.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import psutil

from portal.embedded.site import ROOT

STOP_LIMIT = 10.0  # seconds


class Watchdog:
    """The supervisor's end of the pipe."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "portal.embedded.watchdog", str(STOP_LIMIT)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603
        assert self._process.stdin is not None
        self._pipe = self._process.stdin.fileno()

    def guard(self, stop_signal: signal.Signals) -> Callable[[], None]:
        """What a new child does before it becomes its program: name itself, so that no moment is unguarded."""

        def name_itself() -> None:
            self._tell(f"+ {os.getpid()} {int(stop_signal)}")

        return name_itself

    def end(self, process: subprocess.Popen[bytes], stop_signal: signal.Signals, limit: float) -> None:
        """Stop a guarded child and whatever it started, by force after ``limit`` seconds. It may have ended already."""
        process.send_signal(stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(limit)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._tell(f"- {process.pid} 0")  # its number may soon be another process's

    def close(self) -> None:
        """End the watchdog; whatever is still guarded is stopped."""
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()

    def _tell(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # a killed watchdog is no reason to stop the site
            os.write(self._pipe, f"{line}\n".encode())


def watch(limit: float) -> None:
    """Follow what the supervisor says until it is gone, then stop what it has left, ``limit`` seconds for each."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        sign, pid, stop_signal = line.split()
        if sign == "+":
            groups[int(pid)] = int(stop_signal)
        else:
            groups.pop(int(pid), None)
    # Those that work with the servers were started after them, and stop first.
    for group in reversed(groups):
        _stop_group(group, groups[group], limit)


def _stop_group(group: int, stop_signal: int, limit: float) -> None:
    """Stop the main process of a group, which knows how to end the others, then kill what is left of it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        main = psutil.Process(group)
        main.send_signal(stop_signal)
        end = time.monotonic() + limit
        while main.status() != psutil.STATUS_ZOMBIE and time.monotonic() < end:  # nobody may be there to reap it
            time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    watch(float(sys.argv[1]))
