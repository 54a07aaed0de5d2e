"""Ends what a test or a drill has started, and removes its folders, when the program itself is gone, however that came.

Neither kill -9 nor SIGTERM lets Python clean up, and one that cleans up may wait for minutes. So a small process waits
at the other end of a pipe, as the supervisor's own does (portal.embedded.watchdog): the pipe closes with the program.
"""

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import psutil

SERVERS = frozenset({"postgres", "valkey-server"})
STOP_LIMIT = 15.0
"""Seconds for a graceful end of them all: a supervisor stops what it has started in order."""


class Guard:
    """The program's end of the pipe. What is named to it is ended with the program, unless it is let go before."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve())], cwd="/", stdin=subprocess.PIPE, start_new_session=True
        )
        assert self._process.stdin is not None
        self._pipe = self._process.stdin.fileno()
        atexit.register(self._process.communicate)

    def take(self, what: int | Path) -> None:
        """A process that leads a group of its own; or a folder, with the servers that work in it."""
        self._tell("+", what)

    def let_go(self, what: int | Path) -> None:
        self._tell("-", what)

    def _tell(self, sign: str, what: int | Path) -> None:
        with contextlib.suppress(BrokenPipeError):
            os.write(self._pipe, f"{sign} {what}\n".encode())


@cache
def _guard_of(process: int) -> Guard:
    return Guard()


def guard() -> Guard:
    """This process's own: a forked one has another."""
    return _guard_of(os.getpid())


def _wait() -> dict[str, float]:
    """What is left when the program is gone, in the order it came, and when each process had begun."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    left: dict[str, float] = {}
    for line in sys.stdin:
        sign, _, what = line.rstrip("\n").partition(" ")
        if sign == "+":
            left[what] = _begun(int(what)) if what.isdigit() else 0.0
        else:
            left.pop(what, None)
    return left


def _begun(pid: int) -> float:
    """When it began; 0 for one that is not there."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).create_time()
    return 0.0


def _end_groups(leaders: dict[int, float]) -> None:
    """Those whose leader is gone may have others in them; a number that is another process's by now is not ours."""
    ours = [pid for pid, begun in leaders.items() if _begun(pid) in (begun, 0.0)]
    for pid in ours:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + STOP_LIMIT
    while any(_lives(pid) for pid in ours) and time.monotonic() < end:
        time.sleep(0.05)
    for pid in ours:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _lives(pid: int) -> bool:
    """Nobody may be there to reap it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def _remove(folder: Path) -> None:
    """The folder, after the servers that work in it, and the disks of its own: what they hold is thrown away anyhow."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.name() in SERVERS and Path(process.cwd()).is_relative_to(folder):
                process.kill()
    for disk in psutil.disk_partitions(all=True):
        if Path(disk.mountpoint).is_relative_to(folder):
            subprocess.run(["umount", "--lazy", disk.mountpoint], check=False)  # noqa: S607
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    found = _wait()
    _end_groups({int(what): begun for what, begun in reversed(found.items()) if what.isdigit()})
    for what in found:
        if not what.isdigit():
            _remove(Path(what))
