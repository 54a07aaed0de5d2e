"""Database and disk are lost while people write: back from the archived write-ahead log, to its end and to a moment.

    .venv/bin/python tests/drills/archive.py --consults 1000 --load 60

runs a site of its own and the commands of docs/operations.md, prints one line, and ends with status 1 where a figure
misses.
"""

import argparse
import logging
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

sys.path[0] = str(Path(__file__).resolve().parents[2])

from portal.embedded import folders  # noqa: E402 - the path comes first
from portal.embedded.addresses import SUPERUSER, addresses_of, password  # noqa: E402
from portal.embedded.locking import exclusive  # noqa: E402
from portal.embedded.programs import programs_for  # noqa: E402
from portal.embedded.server import ENVIRONMENT  # noqa: E402
from tests.drills import operating  # noqa: E402
from tests.drills.asking import People, Written  # noqa: E402
from tests.drills.restore import questions  # noqa: E402
from tests.drills.running import Site, running, show_logs  # noqa: E402
from tests.guard import guard  # noqa: E402
from tests.programs import wait_for  # noqa: E402

WRITERS = 4
LOST_LIMIT = 60.0
"""Seconds of acknowledged writes that may be lost."""
DIGEST = "SELECT md5(string_agg(md5(t::text), '' ORDER BY id)) FROM ({}) t"
OLD = (
    "SELECT id, number, question, summary, submitted_at FROM consults_consult WHERE id <= %s",
    "SELECT * FROM consults_clockevent WHERE consult_id <= %s",
    "SELECT * FROM consults_attachment WHERE consult_id <= %s",
)
"""What no task changes, of consults up to a number."""


@dataclass
class Archive:
    """The other host: a folder with base backup and log, taken in by an account that may only replicate."""

    site: Site
    folder: Path
    environment: dict[str, str]
    service: subprocess.Popen[bytes] | None = None

    def run(self, commands: str, **more: str) -> float:
        return operating.run(commands, self.folder, self.environment | more, self.site.home.account)

    def start(self, commands: str) -> None:
        self.service = operating.start(commands, self.folder, self.environment, self.site.home.account)
        wait_for(lambda: any(self.folder.glob("log/*.partial")), "the archived log")

    def stop(self) -> None:
        if self.service is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.service.pid, signal.SIGTERM)
            self.service.wait(30)
            guard().let_go(self.service.pid)
            self.service = None


@contextmanager
def archive(site: Site, name: str) -> Iterator[Archive]:
    folder = folders.private(site.state.with_name(name), site.home.account)
    url = f"postgresql://consilium_backup:{{}}@/postgres?host={site.home.sockets}"
    secret = secrets.token_urlsafe(24)
    _as_superuser(site, sql.SQL("DROP ROLE IF EXISTS consilium_backup"))
    _as_superuser(site, sql.SQL("CREATE ROLE consilium_backup LOGIN REPLICATION PASSWORD {}").format(secret))
    path = operating.path(programs_for(site.home))
    environment = ENVIRONMENT | {"PATH": path, "REPLICATION_URL": url.format(secret), "PGDATA": str(site.home.database)}
    made = Archive(site, folder, environment)
    try:
        yield made
    finally:
        made.stop()


def _as_superuser(site: Site, statement: sql.SQL | sql.Composed) -> None:
    with psycopg.connect(
        host=str(site.home.sockets), user=SUPERUSER, password=password(site.home, SUPERUSER), autocommit=True
    ) as connection:
        connection.execute(statement)


class Load:
    """People who ask, one question after the other, as fast as they are answered."""

    def __init__(self, site: Site) -> None:
        self.people = People(site, 1)
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._write) for _ in range(WRITERS)]
        for thread in self._threads:
            thread.start()

    def _write(self) -> None:
        while not self._over.is_set():
            self.people.ask()

    def stop(self) -> list[Written]:
        self._over.set()
        for thread in self._threads:
            thread.join()
        return self.people.tally.written

    def acknowledged_since(self, moment: datetime) -> bool:
        return any(one.at > moment for one in self.people.tally.written)


@contextmanager
def lost(site: Site) -> Iterator[None]:
    """Kill the database server and remove its disk; an empty one takes its place. The server starts when this ends."""
    server = site.servers["postgres"]
    # Whoever holds the lock keeps the supervisor from starting it again.
    with exclusive(site.home.lock, limit=60):
        for process in server.processes():
            with suppress(Exception):
                process.kill()
        shutil.rmtree(site.home.database)
        folders.private(site.home.database, site.home.account)
        yield


def opened(site: Site) -> bool:
    """Whether the database takes writes."""
    with suppress(psycopg.Error):
        return not site.rows("SELECT pg_is_in_recovery() AS waits")[0].waits
    return False


def missing(site: Site, written: list[Written]) -> list[Written]:
    there = {row.question for row in site.rows("SELECT question FROM consults_consult")}
    return [one for one in written if one.text not in there]


@dataclass
class Figures:
    """What the drill found."""

    consults: int
    written_before: int = 0
    written: list[Written] = field(default_factory=list)
    gone: list[Written] = field(default_factory=list)
    lost_seconds: float = 0.0
    equal: bool = False
    clocks: str = ""
    audit: str = ""
    base_backup: float = 0.0
    restore: float = 0.0
    writing_again: float = 0.0
    too_few: int = 0
    too_many: int = 0
    archive_bytes: int = 0

    @property
    def failed(self) -> bool:
        missed = self.lost_seconds > LOST_LIMIT or not self.equal or " 0 differences" not in self.clocks
        return bool(missed or self.too_few or self.too_many or not self.written_before)

    def __str__(self) -> str:
        return (
            f"consults={self.consults} written_before={self.written_before} written={len(self.written)}"
            f" lost={len(self.gone)} lost_seconds={self.lost_seconds:.1f} equal={self.equal} clocks={self.clocks!r}"
            f" audit={self.audit!r} base_backup={self.base_backup:.1f}s restore={self.restore:.1f}s"
            f" writing_again={self.writing_again:.1f}s moment=(missing={self.too_few} too_many={self.too_many})"
            f" archive_bytes={self.archive_bytes}"
        )


def old_rows(site: Site, until: int) -> list[str]:
    return [site.rows(DIGEST.format(rows), until)[0].md5 for rows in OLD]


def lose_and_restore(site: Site, kept: Archive, people: Load, restoring: str, found: Figures) -> None:
    """The loss in the midst of writing, and the way back to the log's end."""
    disaster = datetime.now(UTC)
    with lost(site):
        found.written_before = len([one for one in people.people.tally.written if one.at <= disaster])
        kept.stop()
        kept.run(restoring)
    wait_for(lambda: opened(site), "the database", limit=1800)
    found.restore = (datetime.now(UTC) - disaster).total_seconds()
    wait_for(lambda: people.acknowledged_since(disaster), "a write", limit=120)
    found.writing_again = (datetime.now(UTC) - disaster).total_seconds()
    found.written = people.stop()
    found.gone = missing(site, found.written)
    found.lost_seconds = max(((disaster - one.at).total_seconds() for one in found.gone), default=0.0)


def back_to(site: Site, kept: Archive, moment: datetime, restoring: str, found: Figures) -> None:
    """Once more, to a moment: what was acknowledged by then is there, and nothing that came later."""
    with lost(site):
        kept.run(restoring, MOMENT=moment.isoformat())
    wait_for(lambda: opened(site), "the database", limit=1800)
    found.too_few = len([one for one in missing(site, found.written) if one.at <= moment and one not in found.gone])
    later = "SELECT count(*) AS n FROM consults_consult WHERE submitted_at > %s"
    found.too_many = site.rows(later, moment)[0].n


def drilled(site: Site, found: Figures, load: float) -> list[str]:
    """All of it; what the people were refused, in words."""
    serving, saving, restoring, to_a_moment = operating.blocks("Archive the write-ahead log")
    with archive(site, "archive") as kept:
        until = site.rows("SELECT max(id) AS id FROM consults_consult")[0].id
        old, head = old_rows(site, until), site.manage("verify_audit").split()[-1]
        kept.start(serving)
        found.base_backup = kept.run(saving)
        people = Load(site)
        time.sleep(load / 2)
        moment = datetime.now(UTC)
        time.sleep(load / 2)
        lose_and_restore(site, kept, people, restoring, found)
        found.equal = old_rows(site, until) == old
        found.audit = site.manage("verify_audit", "--head", head).strip().splitlines()[-1]
        found.clocks = site.manage("verify_clocks").strip().splitlines()[-1]
        with archive(site, "archive-anew") as anew:
            anew.start(serving)
            anew.run(saving)
        back_to(site, kept, moment, restoring + to_a_moment, found)
        found.archive_bytes = sum(path.stat().st_size for path in kept.folder.rglob("*") if path.is_file())
    tally = people.people.tally
    return [*tally.refused, *tally.given_up, *(["broken answers"] * tally.broken)]


def run(consults: int, load: float) -> int:
    begun = time.monotonic()
    found = Figures(consults)
    with running() as (site, _):
        questions(site.state, addresses_of(site.home), consults)
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # each line of each conversation with the mail server
        refused = drilled(site, found, load)
        print(*refused, *found.gone, sep="\n", file=sys.stderr)
        failed = found.failed or bool(refused)
        if failed:
            show_logs(site)
    print(f"{found} refused={len(refused)} seconds={time.monotonic() - begun:.0f}")
    return int(failed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consults", type=int, default=1000)
    parser.add_argument("--load", type=float, default=60, help="seconds of writing before the loss")
    arguments = parser.parse_args()
    sys.exit(run(arguments.consults, arguments.load))


if __name__ == "__main__":
    main()
