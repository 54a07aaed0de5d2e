"""A site exposed to storms: its files and its database on small disks of their own, the database behind a link."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portal.embedded import listening, site
from portal.embedded.attaching import attach, stop
from portal.embedded.errors import EmbeddedError
from portal.embedded.server import Server
from tests.drills import ground
from tests.drills.link import Link
from tests.drills.running import READY_LIMIT, Site, show_logs
from tests.mail import running_mail_server
from tests.programs import Program, wait_for

FILES_ROOM, DATABASE_ROOM = 8, 48
"""MB free on the disks of files and database. The database makes its log in pieces of 16."""


class Exposed(Site):
    """Web, worker, beat and keeper, none of which is ever started again; and a database server that is."""

    def __init__(self, state: Path, mail_url: str) -> None:
        super().__init__(state, {})
        self.files = state / "files"
        self.link = Link(self.servers["postgres"].socket)
        url = urlsplit(self.addresses.database_url)
        far = url._replace(netloc=f"{url.netloc}127.0.0.1:{self.link.port}", query="").geturl()
        changes = {"DATABASE_URL": far, "PORT": str(self.port), "EMAIL_URL": mail_url}
        self._settings = ground.demonstration(state, self.addresses, **changes)
        self._programs: list[Program] = []
        self.service = Service(self.servers["postgres"])

    def start(self) -> None:
        self.service.start()
        wait_for(self.servers["postgres"].answers, "the database")
        logs = self.state / "log"
        logs.mkdir(exist_ok=True)
        commands = {
            "web": site.web("127.0.0.1", self.port),
            "index": site.keeper(),
            "worker": site.worker(),
            "beat": site.beat(self.state / "beat"),
        }
        self._programs = [Program(commands[role], self._settings, logs / f"{role}.log") for role in commands]
        wait_for(lambda: listening.answers(self.url), "the web", limit=READY_LIMIT)
        wait_for(lambda: " ready." in self.log("worker"), "the worker", limit=READY_LIMIT)
        wait_for(lambda: (self.state / "index").exists(), "the index", limit=READY_LIMIT)

    def stop(self) -> None:
        for program in self._programs:
            program.stop()
        self.service.stop()

    def ended(self) -> list[str]:
        """Which of its programs have ended by themselves."""
        return [str(program.process.args) for program in self._programs if program.process.poll() is not None]


class Service:
    """Starts a server again whenever it has ended, as whatever keeps it running on a real host does."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.is_wanted = True
        self._child: subprocess.Popen[bytes] | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread.ident:
            self._thread.join()

    def _keep(self) -> None:
        while not self._over.wait(1):
            if self.is_wanted and (self._child is None or self._child.poll() is not None):
                with suppress(EmbeddedError, OSError, subprocess.SubprocessError):
                    self._child = self.server.launch()


def mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True).returncode == 0  # noqa: S607


@contextmanager
def small_disk(folder: Path, room: int) -> Iterator[None]:
    """Put a folder with what is in it on a disk of its own with so many MB free."""
    folder.mkdir(exist_ok=True)
    aside, about = folder.with_name(f"{folder.name}-aside"), folder.stat()
    used = sum(path.lstat().st_size for path in folder.rglob("*")) // 1_000_000 + 1
    folder.rename(aside)
    folder.mkdir()
    owner = f"mode={about.st_mode & 0o777:o},uid={about.st_uid},gid={about.st_gid}"
    size = f"size={int(used * 1.1) + room}m"
    assert mount("-t", "tmpfs", "-o", f"{size},{owner}", "none", str(folder)), "this system mounts no tmpfs for us"
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", str(folder)], check=True)  # noqa: S607
        shutil.rmtree(aside)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)  # noqa: S607


@contextmanager
def exposed() -> Iterator[tuple[Exposed, list[Any]]]:
    """The site with data, all of it running, and the list that grows with every message it mails."""
    with ground.copied() as state, running_mail_server() as (mail_url, messages):
        attach(state)  # the broker stays; the database goes to its small disk
        place = Exposed(state, mail_url)
        place.servers["postgres"].stop()
        with small_disk(place.files, FILES_ROOM), small_disk(place.home.database, DATABASE_ROOM):
            try:
                place.start()
                yield place, messages
            except BaseException:
                show_logs(place)
                print(place.servers["postgres"].log_tail(), file=sys.stderr)
                raise
            finally:
                place.stop()
                stop(state)
