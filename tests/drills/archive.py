"""The database and its disk are lost while people write: back from the archived write-ahead log, to its end and to a moment.

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
from dataclasses import dataclass
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
from tests.drills import ground, operating  # noqa: E402
from tests.drills.asking import People, Written  # noqa: E402
from tests.drills.restore import questions  # noqa: E402
from tests.drills.running import Site, running, show_logs  # noqa: E402
from tests.programs import wait_for  # noqa: E402

WRITERS = 4
LOST_LIMIT = 60.0
"""Seconds of acknowledged writes that may be lost."""
OLD = """
SELECT md5(string_agg(md5(t::text), '' ORDER BY id)) FROM (
    SELECT id, number, question, summary, submitted_at FROM consults_consult WHERE id <= %(consult)s) t
UNION ALL SELECT md5(string_agg(md5(t::text), '' ORDER BY id)) FROM consults_clockevent t WHERE consult_id <= %(consult)s
UNION ALL SELECT md5(string_agg(md5(t::text), '' ORDER BY id)) FROM consults_attachment t WHERE consult_id <= %(consult)s
"""
"""Digests of what no task changes, of consults up to a number."""


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


def _as_superuser(site: Site, statement: sql.Composable) -> None:
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


def run(consults: int, load: float) -> int:
    begun = time.monotonic()
    serving, saving, restoring, to_a_moment = operating.blocks("Archive the write-ahead log")
    with running() as (site, _), archive(site, "archive") as kept:
        questions(site.state, addresses_of(site.home), consults)
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # each line of each conversation with the mail server
        until = {"consult": site.rows("SELECT max(id) AS id FROM consults_consult")[0].id}
        old, head = site.connect().execute(OLD.encode(), until).fetchall(), site.manage("verify_audit").split()[-1]
        kept.start(serving)
        backup = kept.run(saving)
        people = Load(site)
        time.sleep(load / 2)
        moment = datetime.now(UTC)
        time.sleep(load / 2)
        disaster = datetime.now(UTC)
        with lost(site):
            before = len([one for one in people.people.tally.written if one.at <= disaster])
            time.sleep(1)
            kept.stop()
            kept.run(restoring)
        wait_for(lambda: opened(site), "the database", limit=600)
        restored = (datetime.now(UTC) - disaster).total_seconds()
        wait_for(lambda: people.acknowledged_since(disaster), "a write", limit=120)
        writing = (datetime.now(UTC) - disaster).total_seconds()
        written = people.stop()
        gone = missing(site, written)
        seconds = max(((disaster - one.at).total_seconds() for one in gone), default=0.0)
        equal = site.connect().execute(OLD.encode(), until).fetchall() == old
        audit = site.manage("verify_audit", "--head", head).strip().splitlines()[-1]
        clocks = site.manage("verify_clocks").strip().splitlines()[-1]
        with archive(site, "archive-anew") as anew:
            anew.start(serving)
            anew.run(saving)
        with lost(site):
            kept.run(restoring + to_a_moment, MOMENT=moment.isoformat())
        wait_for(lambda: opened(site), "the database", limit=600)
        too_few = [one for one in missing(site, written) if one.at <= moment]
        too_many = site.rows("SELECT count(*) AS n FROM consults_consult WHERE submitted_at > %s", moment)[0].n
        tally = people.people.tally
        size = sum(path.stat().st_size for path in kept.folder.rglob("*") if path.is_file())
        failed = bool(
            seconds > LOST_LIMIT
            or not equal
            or " 0 differences" not in clocks
            or too_few
            or too_many
            or not before
            or tally.broken
            or tally.given_up
            or tally.refused
        )
        for line in (*gone, *too_few, *tally.refused, *tally.given_up):
            print(line, file=sys.stderr)
        if tally.broken:
            broken = [line for line in site.log("web").splitlines() if "Error" in line]
            print(*broken[-40:], sep="\n", file=sys.stderr)
        if failed:
            show_logs(site)
    print(
        f"consults={consults} written_before={before} written={len(written)} lost={len(gone)} lost_seconds={seconds:.1f}"
        f" equal={equal} clocks={clocks!r} audit={audit!r} base_backup={backup:.1f}s restore={restored:.1f}s"
        f" writing_again={writing:.1f}s broken={tally.broken} moment=(missing={len(too_few)} too_many={too_many})"
        f" archive_bytes={size} seconds={time.monotonic() - begun:.0f}"
    )
    return int(failed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consults", type=int, default=1000)
    parser.add_argument("--load", type=float, default=60, help="seconds of writing before the loss")
    arguments = parser.parse_args()
    sys.exit(run(arguments.consults, arguments.load))


if __name__ == "__main__":
    main()
