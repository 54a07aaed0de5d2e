"""Two hosts, each with web, worker, beat and index of its own, before one database with a replica and one broker."""

import itertools
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from portal.embedded import folders, listening, postgres, site
from portal.embedded.addresses import Addresses
from portal.embedded.attaching import attach
from portal.embedded.home import home_of
from portal.embedded.programs import programs_for
from portal.embedded.server import ENVIRONMENT, Server
from tests.drills import ground, operating
from tests.drills.archive import archive
from tests.drills.running import READY_LIMIT, Site, show_logs
from tests.environment import ROOT
from tests.mail import running_mail_server
from tests.programs import Program, free_port, wait_for

ITS_OWN = ("static", "secret-key")
"""What each host has a copy of: collected files, and the key that both must have alike."""


class Host:
    """One host: a state folder with the shared files in it, a web, a worker, a beat, and the keeper of its index."""

    def __init__(self, name: str, layout: "TwoHosts") -> None:
        self.name, self.port = name, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.state = layout.state.with_name(name)
        self._settings, self._logs = layout.settings, layout.logs
        self._programs: list[Program] = []
        self.state.mkdir()
        for part in ITS_OWN:
            copy = shutil.copytree if (layout.state / part).is_dir() else shutil.copy
            copy(layout.state / part, self.state / part)
        (self.state / "files").symlink_to(layout.files)

    @property
    def environment(self) -> dict[str, str]:
        return ground.environment(self.state, PORT=str(self.port), **self._settings)

    def start(self) -> None:
        """Start its programs; the web answers and the worker takes tasks when this returns."""
        before = self._ready()
        commands = {"web": site.web("127.0.0.1", self.port), "worker": site.worker(), "index": site.keeper()}
        commands["beat"] = site.beat(self.state / "beat")
        # Two workers on one machine would have one name.
        commands["worker"] += ["--hostname", f"worker@{self.name}"]
        self._programs = [Program(command, self.environment, self._log(role)) for role, command in commands.items()]
        wait_for(lambda: listening.answers(self.url), f"the web of {self.name}", limit=READY_LIMIT)
        wait_for(lambda: self._ready() > before, f"the worker of {self.name}", limit=READY_LIMIT)

    def manage(self, *arguments: str) -> str:
        """A management command on this host; what it printed."""
        return ground.manage(self.state, *arguments, code=ROOT, **self._settings)

    def kill(self) -> None:
        """Lose everything that runs on it at once."""
        for program in self._programs:
            os.killpg(program.process.pid, signal.SIGKILL)
        for program in self._programs:
            program.stop(30)

    def stop(self) -> None:
        for program in self._programs:
            program.stop()

    def _log(self, role: str) -> Path:
        return self._logs / f"{self.name}-{role}.log"

    def _ready(self) -> int:
        log = self._log("worker")
        return log.read_text(errors="replace").count(" ready.") if log.exists() else 0


class TwoHosts(Site):
    """The whole layout. Its ``url`` is the next host's each time, as behind a proxy that goes round and checks none."""

    def __init__(self, state: Path, mail_url: str) -> None:
        super().__init__(state, {})
        self._bundled = programs_for(self.home)
        self.replica = self._replica()
        self.files, self.logs = state / "files", state / "log"
        for folder in (self.files, self.logs):
            folder.mkdir(exist_ok=True)
        self.settings = {
            "CONSILIUM_MODE": "demonstration",
            "DATABASE_URL": self.addresses.database_url,
            "CELERY_BROKER_URL": self.addresses.broker_url,
            "EMAIL_URL": mail_url,
        }
        self.hosts = [Host(name, self) for name in ("host-a", "host-b")]
        self.settings["SITE_URL"] = self.hosts[0].url
        self._turn = itertools.cycle(host.url for host in self.hosts)

    @property
    def url(self) -> str:
        return next(self._turn)

    @property
    def addresses(self) -> Addresses:
        """With both database servers in each address: whichever takes writes is used."""
        found = super().addresses
        both = f",{quote(str(self.replica.socket.parent))}&target_session_attrs=read-write"
        return Addresses(found.database_url + both, found.database_owner_url + both, found.broker_url)

    def start(self) -> None:
        for host in self.hosts:
            host.start()

    def stop(self) -> None:
        for host in self.hosts:
            host.stop()
        self.replica.stop()

    def manage(self, *arguments: str) -> str:
        return self.hosts[0].manage(*arguments)

    def replicate(self, commands: str) -> None:
        """Make the replica by these commands, and start it."""
        folders.private(self.replica.folder, self.replica.account)
        with archive(self, "replication") as role:
            role.run(commands, PGDATA=str(self.replica.folder))
        self.replica.wait_until_ready(self.replica.launch())
        wait_for(lambda: bool(self._followers()), "the replica at the primary")

    def lose_primary(self) -> None:
        """kill -9, and its disk with it."""
        server = self.servers["postgres"]
        for process in server.processes():
            with suppress(psutil.Error):
                process.kill()
        shutil.rmtree(server.folder)

    def promote(self, commands: str) -> None:
        """Let the replica take writes, by these commands."""
        environment = ENVIRONMENT | {"PATH": operating.path(self._bundled), "PGDATA": str(self.replica.folder)}
        operating.run(commands, self.replica.folder, environment, self.replica.account)

    def _followers(self) -> list[Any]:
        return self.rows("SELECT pid FROM pg_stat_get_wal_senders()")

    def _replica(self) -> Server:
        return postgres.server(home_of(self.state.with_name("replica")), self._bundled, durable=True)


@contextmanager
def two_hosts(replicating: str) -> Iterator[tuple[TwoHosts, list[Any]]]:
    """The layout with data, its replica made by these commands, and the list that grows with every message it mails."""
    with ground.copied() as state, running_mail_server() as (mail_url, messages):
        attach(state)
        layout = TwoHosts(state, mail_url)
        try:
            layout.replicate(replicating)
            layout.start()
            yield layout, messages
        except BaseException:
            show_logs(layout)
            raise
        finally:
            layout.stop()
