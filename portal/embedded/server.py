"""One server program: starting it, asking whether it answers, stopping it."""

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from portal.embedded.account import Account
from portal.embedded.errors import EmbeddedError

START_LIMIT = 60.0  # seconds; recovery after a crash can take a while
LOG_LIMIT = 5_000_000  # bytes
LOG_TAIL = 2000  # characters
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LC_ALL": "C",
    "TZ": "UTC",
}  # nothing of ours leaks into a server


@dataclass(frozen=True)
class Server:
    """A server program that works in a folder of its own."""

    name: str
    command: tuple[str, ...]
    folder: Path
    pid_file: Path
    socket: Path
    greeting: bytes  # what to send it,
    welcome: bytes  # and how its answer begins when it is ready
    stop_signal: signal.Signals
    log: Path
    account: Account

    def processes(self) -> list[psutil.Process]:
        """Every living process of this server: those working in its folder. The main one comes first."""
        found = [process for process in psutil.process_iter() if _works_in(process, self.folder)]
        return sorted(found, key=lambda process: process.create_time())

    def main_process(self) -> psutil.Process | None:
        """The server's main process, when it is alive."""
        try:
            process = psutil.Process(int(self.pid_file.read_text().split()[0]))
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return None
        return process if _works_in(process, self.folder) else None

    def answers(self) -> bool:
        """Whether it is ready for work now."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(5)
                connection.connect(str(self.socket))
                connection.sendall(self.greeting)
                return connection.recv(4096).startswith(self.welcome)
        except OSError:
            return False

    def launch(self, before_exec: Callable[[], None] | None = None) -> subprocess.Popen[bytes]:
        """Start it as a child in a session of its own, so that a terminal's Ctrl-C does not reach it.

        What a killed one left behind is cleared first. Call it holding the lock.
        """
        self._clear_leftovers()
        rotate(self.log)
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder if not self.account.foreign else "/",
                env=ENVIRONMENT,
                start_new_session=True,
                preexec_fn=before_exec,
                **identity(self.account),
            )

    def wait_until_ready(self, child: subprocess.Popen[bytes] | None) -> None:
        """Wait until it answers; ``child`` is None when another process started it.

        Raises EmbeddedError with the end of its log when it ends or takes too long.
        """
        end = time.monotonic() + START_LIMIT
        while not self.answers():
            ended = self.main_process() is None if child is None else child.poll() is not None
            if ended or time.monotonic() > end:
                raise EmbeddedError(
                    f"The embedded {self.name} did not start; its log {self.log} ends:\n{self.log_tail()}"
                )
            time.sleep(0.02)

    def stop(self, limit: float = 15.0) -> None:
        """Stop it: as it likes best, then by force."""
        main = self.main_process()
        if main is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                main.send_signal(self.stop_signal)
            with contextlib.suppress(psutil.TimeoutExpired):
                main.wait(limit)
        if main is None or main.is_running():
            for process in self.processes():
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()

    def log_tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-LOG_TAIL:] if self.log.exists() else ""

    def _clear_leftovers(self) -> None:
        """After kill -9: wait for its last processes to go, then remove the files that would refuse a new start.

        A process that nobody has reaped yet counts as gone, which PostgreSQL itself does not see.
        """
        end = time.monotonic() + START_LIMIT
        while left := self.processes():
            if time.monotonic() > end:
                numbers = ", ".join(str(process.pid) for process in left)
                raise EmbeddedError(f"Processes of an earlier {self.name} are still alive: {numbers}.")
            time.sleep(0.05)
        for file in (self.pid_file, self.socket, self.socket.with_name(f"{self.socket.name}.lock")):
            file.unlink(missing_ok=True)


def identity(account: Account) -> dict[str, Any]:
    """Arguments of a new process that make it run as ``account``."""
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account.foreign else {}


def rotate(log: Path) -> None:
    """Put a large log aside, as NAME.1, in the place of the one before it."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_name(f"{log.name}.1"))


def _works_in(process: psutil.Process, folder: Path) -> bool:
    """Whether a process lives and has ``folder`` as its working folder: true of our servers alone."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(folder)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
