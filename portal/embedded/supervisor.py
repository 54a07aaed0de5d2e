"""Runs the whole site from one command: database, broker, web, worker, index and beat, until it is told to stop."""

import os
import signal
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
STEPS = 5
STOP_ORDER = ("web", "beat", "worker", "index", "broker", "postgres")  # nobody is left without what it works with


def supervise(state: Path) -> None:
    """Run the site for the state folder ``state`` until a signal ends it; then stop everything in order.

    Raises EmbeddedError when it cannot start, after stopping what had started.
    """
    state.mkdir(parents=True, exist_ok=True)
    stop = ".venv/bin/python -m portal.embedded stop"
    already = f"Consilium already runs from {state}: stop it there with Ctrl-C, or with {stop}"
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
        self._children: list[Child] = []
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
        accounts = self._logs / "accounts.txt"
        accounts.unlink(missing_ok=True)
        with self._timed("Starting web, worker, index and beat"):
            self._add(runner, "web", site.web(self._host, self._port))
            runner.run(site.manage("demonstration_accounts"), accounts)  # while the web starts
            self._wait_until_ready()
            self._add(runner, "worker", site.worker())
            self._add(runner, "index", site.keeper())
            self._add(runner, "beat", site.beat(self._state / "beat-schedule"))
        address = listening.address(self._host, self._port)
        print(f"\n{accounts.read_text()}\n  Consilium is ready at  {address}")
        print(f"  Ctrl-C stops it. Logs are in {self._logs}\n", flush=True)

    def _prepare(self, runner: Runner) -> None:
        log = self._logs / "prepare.log"
        with self._timed("Database tables") as note:
            log.unlink(missing_ok=True)
            runner.run(site.manage("migrate", "--noinput", "--no-color"), log)
            applied = log.read_bytes().count(b"... OK")
            note.append(f"{applied} migrations applied" if applied else "up to date")
        with self._timed("Styles and scripts"):
            runner.run(site.manage("collectstatic", "--noinput"), log)
        with self._timed("Demonstration data") as note:
            print(flush=True)
            runner.run(site.manage("load_demonstration"), None)
            note.append("      loaded")

    def _add(self, runner: Runner, name: str, command: list[str]) -> None:
        log = self._logs / f"{name}.log"
        limit = site.STOP_LIMIT
        child = Child(
            name, lambda: runner.start(command, log), self._watchdog, stop_signal=signal.SIGTERM, log=log, limit=limit
        )
        child.keep_running()
        self._children.append(child)

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
        for child in sorted(self._children, key=lambda child: STOP_ORDER.index(child.name)):
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
