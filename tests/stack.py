"""The running site for end-to-end tests, and a lone worker for task tests."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from portal.embedded import listening, site
from tests import database
from tests.environment import ROOT, STATE
from tests.mail import running_mail_server
from tests.programs import Program, child_environment, free_port, wait_for

STARTED = {"worker": " ready.", "index": "Keeping the search index", "beat": "beat: Starting"}


class Worker(Program):
    """A Celery worker with two processes."""


@contextmanager
def running_worker(**changes: str) -> Iterator[Worker]:
    """A worker on the test database and the tests' own queue, which starts empty."""
    from portal.celery import app

    app.control.purge()
    environment = child_environment(DATABASE_URL=database.url("DATABASE_URL"), **changes)
    worker = Worker(site.worker(), environment, STATE / "worker.log")
    try:
        worker.wait_for_line(" ready.")
        yield worker
    finally:
        worker.stop()


@contextmanager
def running_keeper(folder: Path) -> Iterator[Program]:
    """What keeps one host's index in ``folder`` current from the test database."""
    log = folder.with_name(f"{folder.name}.log")
    environment = child_environment(DATABASE_URL=database.url("DATABASE_URL"), SEARCH_INDEX_DIR=str(folder))
    keeper = Program(site.keeper(), environment, log)
    try:
        keeper.wait_for_line(STARTED["index"])
        yield keeper
    finally:
        keeper.stop()


class Stack:
    """The whole site: web, worker and beat, with its own database, queue, files and mail."""

    def __init__(self, folder: Path, environment: dict[str, str], messages: list[EmailMessage], port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._environment = environment
        self._messages = messages
        self._programs: dict[str, Program] = {}
        self._commands = {
            "web": site.web("127.0.0.1", port),
            "worker": site.worker(),
            "index": site.keeper(),
            "beat": site.beat(folder / "beat"),
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command in the site's environment; what it printed."""
        done = subprocess.run(site.manage(*arguments), cwd=ROOT, env=self._environment, capture_output=True, text=True)
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def mail(self) -> list[EmailMessage]:
        """The messages received so far."""
        return list(self._messages)

    def start(self, name: str) -> None:
        """Start the web, the worker, the index's keeper or beat; the web answers when this returns."""
        self._programs[name] = Program(self._commands[name], self._environment, self._folder / f"{name}.log")
        if name == "web":
            wait_for(lambda: listening.answers(self.url), f"{self.url}/healthz; the log:\n{self.log('web')}")
        else:
            self._programs[name].wait_for_line(STARTED[name])

    def stop(self, name: str) -> None:
        """Stop one of them in good order."""
        self._programs.pop(name).stop()

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to one of them, and to everything it started."""
        os.killpg(self._programs[name].process.pid, number)

    def log(self, name: str) -> str:
        """All that one of them has printed."""
        return self._programs[name].log()

    def stop_all(self) -> None:
        """Stop what runs."""
        for name in list(self._programs):
            self.stop(name)


@contextmanager
def running_stack(folder: Path) -> Iterator[Stack]:
    """The site with the demonstration's data; everything stops at the end."""
    name, port = f"{database.PREFIX}{os.getpid()}_stack", free_port()
    database.recreate(name)
    with running_mail_server() as (mail_url, messages):
        environment = child_environment(
            CONSILIUM_MODE="demonstration",
            DATABASE_URL=database.url("DATABASE_URL", name),
            DATABASE_OWNER_URL=database.url("DATABASE_OWNER_URL", name),
            CELERY_QUEUE=f"stack-{os.getpid()}",
            STATE_DIR=str(folder),
            EMAIL_URL=mail_url,
            PORT=str(port),
        )
        stack = Stack(folder, environment, messages, port)
        try:
            for command in (("migrate", "--noinput"), ("collectstatic", "--noinput"), ("load_demonstration",)):
                stack.manage(*command)
            for part in ("worker", "index", "beat", "web"):
                stack.start(part)
            yield stack
        finally:
            stack.stop_all()
            database.remove(name)
