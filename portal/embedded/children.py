"""One program that the supervisor keeps running."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from portal.embedded.errors import EmbeddedError
from portal.embedded.watchdog import Watchdog

LONGEST_DELAY = 30.0  # seconds between two starts
STEADY = 15.0  # seconds after which a start counts as good: who is killed now and then is back at once


class Child:
    """A program that is started again whenever it ends, after a delay that grows while it keeps ending."""

    def __init__(
        self,
        name: str,
        start: Callable[[], subprocess.Popen[bytes]],
        watchdog: Watchdog,
        *,
        stop_signal: signal.Signals,
        log: Path,
        limit: float,
    ) -> None:
        self.name = name
        self.log = log
        self._start = start
        self._watchdog = watchdog
        self._stop_signal = stop_signal
        self._limit = limit
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._delay = 1.0
        self._due = 0.0

    def adopt(self, process: subprocess.Popen[bytes]) -> None:
        """Keep a program that was just started."""
        self._process, self._started = process, time.monotonic()

    def keep_running(self) -> None:
        """Start it when that is due, and say so when it has ended. Call this every second or so."""
        if self._process is None:
            if time.monotonic() >= self._due:
                self._try_start()
        elif self._process.poll() is not None:
            ended, self._process = self._process, None
            self._watchdog.end(ended, self._stop_signal, self._limit)
            self._plan_restart(_how(ended.returncode))
        elif time.monotonic() - self._started > STEADY:
            self._delay = 1.0

    def stop(self) -> None:
        """Stop it and everything it started, by force after its limit."""
        process, self._process = self._process, None
        if process is not None:
            self._watchdog.end(process, self._stop_signal, self._limit)

    def _try_start(self) -> None:
        try:
            self.adopt(self._start())
        except (EmbeddedError, OSError, subprocess.SubprocessError) as problem:
            self._plan_restart(f"did not start ({problem})")

    def _plan_restart(self, reason: str) -> None:
        print(f"{self.name} {reason}; starting it again in {self._delay:.0f} s. Its log: {self.log}", flush=True)
        self._due = time.monotonic() + self._delay
        self._delay = min(self._delay * 2, LONGEST_DELAY)


def _how(code: int) -> str:
    return f"was ended by signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"ended with status {code}"
