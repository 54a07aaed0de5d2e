"""A drill's site: run by the real supervisor, struck at will, asked over HTTP, looked at in its database."""

import random
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg.rows import namedtuple_row

from portal.embedded import broker, listening, postgres
from portal.embedded.addresses import APPLICATION, SUPERUSER, Addresses, addresses_of, password
from portal.embedded.home import home_of
from portal.embedded.programs import programs_for
from portal.embedded.server import Server
from tests.drills import ground
from tests.environment import ROOT
from tests.mail import running_mail_server
from tests.programs import Program, free_port, wait_for

SIGNS = {
    "web": "gunicorn",
    "worker": " worker ",
    "beat": " beat ",
    "index": "keep_index",
    "broker": "valkey-server",
    "postgres": "postgres -D",
}
"""What tells a role's main process, among the supervisor's children."""
READY_LIMIT = 150
"""Seconds: on a machine that is busy with other things the programs take their time."""
ACTIVITY = """
SELECT pid, usename, state, wait_event_type, wait_event, now() - xact_start, pg_blocking_pids(pid), left(query, 120)
  FROM pg_stat_activity WHERE backend_type = 'client backend' ORDER BY xact_start
"""
RAISED = re.compile(r"(django|psycopg)[\w.]*: |[\w.]*(Error|Violation|Column|Table|Exception)\b")
LINES = {"worker": " ready.", "beat": "beat: Starting"}


class Site:
    """The site of one state folder."""

    def __init__(self, state: Path, environment: dict[str, str]) -> None:
        self.state = state
        self.port = free_port()
        self.home = home_of(state)
        self._environment = environment
        self._program: Program | None = None
        self.servers = self._servers()

    @property
    def url(self) -> str:
        """Where to ask it next."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def addresses(self) -> Addresses:
        """How to reach its database and broker."""
        return addresses_of(self.home)

    def _servers(self) -> dict[str, Server]:
        programs = programs_for(self.home)
        found = [postgres.server(self.home, programs, durable=True), broker.server(self.home, programs, durable=True)]
        return {server.name: server for server in found}

    def start(self) -> None:
        """Start the supervisor; everything is ready when this returns."""
        before = {role: self._lines(role) for role in LINES}
        command = [sys.executable, str(ROOT / "tests/drills/supervised.py"), str(self.state), str(self.port)]
        self._program = Program(command, self._environment, self.state / "supervisor.log")
        self._program.wait_for_line("Consilium is ready", limit=READY_LIMIT)
        for role in LINES:
            wait_for(
                lambda role=role: self._lines(role) > before[role],  # type: ignore[misc]
                f"the {role}: {self.log(role)[-2000:]}",
                limit=READY_LIMIT,
            )

    def stop(self) -> None:
        if self._program is not None:
            self._program.stop(60)
            self._program = None

    def log(self, role: str) -> str:
        path = self.state / "log" / f"{role}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def main_process(self, role: str) -> psutil.Process | None:
        """The role's main process, where it runs now."""
        assert self._program is not None
        for child in psutil.Process(self._program.process.pid).children():
            with suppress(psutil.Error):
                if SIGNS[role] in f"{' '.join(child.cmdline())} " and child.status() != psutil.STATUS_ZOMBIE:
                    return child
        return None

    def strike(self, role: str, dice: random.Random, *, only_a_part: bool) -> bool:
        """kill -9: the role's main process, or only one of those that it has started. False where it does not run."""
        main = self.main_process(role)
        if main is None:
            return False
        with suppress(psutil.Error):
            parts = main.children() if only_a_part else []
            (dice.choice(parts) if parts else main).kill()
            return True
        return False

    def watch(self, role: str) -> Callable[[], bool]:
        """Call it before a strike: what it returns says, afterwards, whether the role is at work again."""
        before = self.main_process(role)
        lines = self._lines(role)

        def is_back() -> bool:
            if role in self.servers:
                return self.servers[role].answers()
            if role in LINES and self.main_process(role) != before:
                return self._lines(role) > lines
            return self.main_process(role) is not None and (role != "web" or listening.answers(self.url))

        return is_back

    def _lines(self, role: str) -> int:
        return self.log(role).count(LINES[role]) if role in LINES else 0

    def connect(self, *, as_owner: bool = False) -> "psycopg.Connection[Any]":
        """A connection to its database as the application, which sees every organization; or as the schema's owner."""
        url = self.addresses.database_owner_url if as_owner else self.addresses.database_url
        connection = psycopg.connect(url, autocommit=True, row_factory=namedtuple_row, connect_timeout=5)
        connection.execute("SELECT set_config('consilium.organizations', '*', false)")
        return connection

    def rows(self, statement: str, *values: object) -> list[Any]:
        """What a query gives."""
        with self.connect() as connection:
            return connection.execute(statement.encode(), values or None).fetchall()

    def token(self, name: str) -> str:
        return (self.state / f"token-{name}").read_text()

    def manage(self, *arguments: str) -> str:
        return ground.manage(self.state, *arguments)


@contextmanager
def running(**changes: str) -> Iterator[tuple[Site, list[Any]]]:
    """A site with data, all of it running, and the list that grows with every message it mails."""
    with ground.copied() as state, running_mail_server() as (mail_url, messages):
        site = Site(state, ground.environment(state, EMAIL_URL=mail_url, **changes))
        try:
            site.start()
            yield site, messages
        except BaseException:
            show_logs(site)
            raise
        finally:
            site.stop()


def causes(log: Path) -> list[str]:
    """The last lines of what was raised, each once."""
    lines = log.read_text(errors="replace").splitlines()
    return sorted({line[:300] for line in lines if RAISED.match(line)})


def show_logs(site: Site) -> None:
    """What the database is at and the ends of the logs, for whoever must find out what went wrong."""
    url = site.addresses.database_url.replace(APPLICATION, SUPERUSER)
    url = url.replace(password(site.home, APPLICATION), password(site.home, SUPERUSER))
    with suppress(psycopg.Error), psycopg.connect(url, connect_timeout=5) as connection:
        for row in connection.execute(ACTIVITY):
            print(*row, sep="|", file=sys.stderr)
    for path in sorted((site.state / "log").glob("*.log")):
        print(f"--- {path.name}\n{path.read_text(errors='replace')[-1500:]}", file=sys.stderr)
