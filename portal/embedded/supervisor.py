"""Runs the whole site from one command: database, broker, web, worker and beat, until it is told to stop."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from portal.embedded import listening, site
from portal.embedded.children import Child
from portal.embedded.errors import EmbeddedError
from portal.embedded.locking import exclusive
from portal.embedded.running import Runner, Stopped
from portal.embedded.services import Services
from portal.embedded.watchdog import Watchdog

READY_LIMIT = 90.0  # seconds
STEPS = 6


def supervise(state: Path) -> None:
    """Run the site for the state folder ``state`` until a signal ends it; then stop everything in order.

    Raises EmbeddedError when it cannot start, after stopping what had started.
    """
    state.mkdir(parents=True, exist_ok=True)
    already = f"Consilium already runs from {state}: stop it there with Ctrl-C, or with python -m portal.embedded stop"
    with exclusive(lock_of(state), limit=0, refusal=already):
        port, host = listening.port_and_host()
        listening.refuse_taken(host, port)
        Supervisor(state, host, port).run()


def lock_of(state: Path) -> Path:
    """Held by the supervisor of ``state`` for as long as it lives."""
    return state / "supervisor.lock"


class Supervisor:
    """The site's processes and the order in which they start and stop."""

    def __init__(self, state: Path, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._state = state
        self._logs = state / "log"
        self._logs.mkdir(exist_ok=True)
        self._stopping = threading.Event()
        self._watchdog = Watchdog()
        self._children: list[Child] = []  # in the order they started
        self._step = 0

    def run(self) -> None:
        """Everything, from the first step to the last child stopped."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._told_to_stop)
        try:
            self._start()
            while not self._stopping.wait(0.5):
                self._keep_running()
        except Stopped:
            pass
        finally:
            self._stop()

    def _start(self) -> None:
        services = Services(self._state, self._watchdog)
        with self._timed("Database and message broker"):
            self._children += services.start()
        runner = Runner(self._environment(services.addresses()), self._watchdog, self._stopping)
        self._prepare(runner)
        with self._timed("Starting web, worker and beat"):
            for child in self._site(runner):
                child.keep_running()
                self._children.append(child)
            self._wait_until_ready()
        print(flush=True)
        runner.run(site.manage("demonstration_accounts"), None)
        address = listening.address(self._host, self._port)
        print(f"\n  Consilium is ready at  {address}\n  Ctrl-C stops it. Logs are in {self._logs}\n", flush=True)

    def _prepare(self, runner: Runner) -> None:
        log = self._logs / "prepare.log"
        with self._timed("Database tables") as note:
            before = log.stat().st_size if log.exists() else 0
            runner.run(site.manage("migrate", "--noinput", "--no-color"), log)
            applied = log.read_bytes()[before:].count(b"... OK")
            note.append(f"{applied} migrations applied" if applied else "up to date")
        with self._timed("Styles and scripts"):
            runner.run(site.manage("collectstatic", "--noinput"), log)
        print(f"  {self._next_step()}  Demonstration data", flush=True)
        runner.run(site.manage("load_demonstration"), None)

    def _site(self, runner: Runner) -> Iterator[Child]:
        commands = {
            "worker": site.worker(),
            "beat": site.beat(self._state / "beat-schedule"),
            "web": site.web(self._host, self._port),
        }
        for name, command in commands.items():
            log = self._logs / f"{name}.log"

            def start(command: list[str] = command, log: Path = log) -> subprocess.Popen[bytes]:
                return runner.start(command, log)

            yield Child(name, start, self._watchdog, stop_signal=signal.SIGTERM, log=log, limit=site.STOP_LIMIT)

    def _environment(self, addresses: dict[str, str]) -> dict[str, str]:
        mode = os.environ.get("CONSILIUM_MODE", "demonstration")
        ours = {"CONSILIUM_MODE": mode, "STATE_DIR": str(self._state), "PORT": str(self._port), "PYTHONUNBUFFERED": "1"}
        return os.environ | ours | addresses

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + READY_LIMIT
        while not listening.answers(listening.address(self._host, self._port)):
            if self._stopping.wait(0.2):
                raise Stopped
            if time.monotonic() > end:
                raise EmbeddedError(f"The web server does not answer; its log: {self._logs / 'web.log'}")
            self._keep_running()

    def _keep_running(self) -> None:
        for child in self._children:
            child.keep_running()

    def _told_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping.set()

    def _stop(self) -> None:
        if self._children:
            print("\nStopping ...", flush=True)
        for child in reversed(self._children):
            child.stop()
        self._watchdog.close()
        if self._children:
            print("Stopped.", flush=True)

    def _next_step(self) -> str:
        self._step += 1
        return f"{self._step}/{STEPS}"

    @contextmanager
    def _timed(self, what: str) -> Iterator[list[str]]:
        """Show a step and how long it took, with the notes put into the list."""
        print(f"  {self._next_step()}  {what} ...", end="", flush=True)
        begun, notes = time.monotonic(), list[str]()
        yield notes
        print("".join(f" {note}," for note in notes), f"{time.monotonic() - begun:.1f} s", flush=True)
