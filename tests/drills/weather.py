"""What can be done to an exposed site, and taken back."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg

from portal.embedded.addresses import SUPERUSER, password
from tests.drills.exposed import Exposed, mount
from tests.programs import wait_for

Storm = tuple[Callable[[], object], Callable[[], object]]
"""How it comes, and how it goes."""
PIECES = 100
"""Of the database's log: more than there can be room for."""


class Weather:
    def __init__(self, place: Exposed) -> None:
        self.place = place
        self._index = place.state / "index"
        self._fillers = [folder / "filler" for folder in (place.files, place.home.database)]

    def storms(self) -> dict[str, Storm]:
        link = self.place.link
        files, database = self._fillers
        return {
            "full": (lambda: fill(files), files.unlink),
            "read_only": (self._read_only, self._writable),
            "no_index": (self._index_gone, lambda: None),
            "restart": (self._database_down, self._database_up),
            "slow": (self._slow, link.mend),
            "cut": (link.cut, link.mend),
            "database_full": (lambda: fill(database), database.unlink),
            "log_full": (lambda: self._log_full(database), database.unlink),
            "takes_no_writes": (lambda: self._reads_only("on"), lambda: self._reads_only("off")),
        }

    def _read_only(self) -> None:
        files = str(self.place.files)
        wait_for(lambda: mount("-o", "remount,ro", files), "a read-only folder", limit=10)

    def _writable(self) -> None:
        assert mount("-o", "remount,rw", str(self.place.files))

    def _index_gone(self) -> None:
        away = self._index.with_name("index-away")
        self._index.rename(away)
        shutil.rmtree(away)

    def _database_down(self) -> None:
        self.place.service.is_wanted = False
        self.place.servers["postgres"].stop()

    def _database_up(self) -> None:
        self.place.service.is_wanted = True

    def _slow(self) -> None:
        self.place.link.delay = 0.02

    def _log_full(self, filler: Path) -> None:
        """Nor is there room for the log of what is written: the server ends itself."""
        with suppress(psycopg.OperationalError), self._superuser() as connection:
            connection.execute("SELECT 1")
            fill(filler)
            for _ in range(PIECES):
                connection.execute("SELECT pg_logical_emit_message(false, 'drill', 'x'), pg_switch_wal()")
        assert "PANIC" in self.place.servers["postgres"].log.read_text(), "the database had room for its log"

    def _reads_only(self, so: str) -> None:
        """As a replica does, or whoever looks after a database that must not change."""
        with self._superuser() as connection:
            connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {so}".encode())
            connection.execute("SELECT pg_reload_conf()")

    def _superuser(self) -> "psycopg.Connection[tuple[object, ...]]":
        home = self.place.home
        secret = password(home, SUPERUSER)
        return psycopg.connect(host=str(home.sockets), user=SUPERUSER, password=secret, autocommit=True)


def fill(filler: Path) -> None:
    """Take all that is left of a disk."""
    with suppress(OSError), filler.open("wb", buffering=0) as opened:
        while opened.write(bytes(4096)) == 4096:
            pass
