"""The supervisor's database and broker: its own children, unless addresses are given."""

import os
import subprocess
from pathlib import Path

from portal.embedded import presence
from portal.embedded.addresses import addresses_of
from portal.embedded.attaching import LOCK_LIMIT, start_servers, stop_servers
from portal.embedded.children import Child
from portal.embedded.home import Home, home_of
from portal.embedded.locking import exclusive
from portal.embedded.server import Server
from portal.embedded.watchdog import Watchdog

VARIABLES = {"postgres": "DATABASE_URL", "broker": "CELERY_BROKER_URL"}
STOP_LIMIT = 15.0  # seconds


class Services:
    """Starts those servers whose address the environment does not give."""

    def __init__(self, state: Path, watchdog: Watchdog) -> None:
        self._watchdog = watchdog
        self._wanted = {name for name, variable in VARIABLES.items() if variable not in os.environ}
        self._home = home_of(state) if self._wanted else None

    def start(self) -> list[Child]:
        """Start them as children of this process, in place of any that another process left running."""
        if self._home is None:
            return []
        started: dict[str, subprocess.Popen[bytes]] = {}

        def launch(server: Server) -> subprocess.Popen[bytes]:
            started[server.name] = server.launch(self._watchdog.guard(server.stop_signal))
            return started[server.name]

        with exclusive(self._home.lock, limit=LOCK_LIMIT):
            presence.enter(self._home.attached)
            stop_servers(self._home)
            servers = start_servers(self._home, self._wanted, launch, durable=True)
        return [self._child(self._home, server, started[server.name]) for server in servers]

    def addresses(self) -> dict[str, str]:
        """What the site's processes need to know of them."""
        if self._home is None:
            return {}
        found = addresses_of(self._home)
        database = {"DATABASE_URL": found.database_url, "DATABASE_OWNER_URL": found.database_owner_url}
        broker = {"CELERY_BROKER_URL": found.broker_url}
        return (database if "postgres" in self._wanted else {}) | (broker if "broker" in self._wanted else {})

    def _child(self, home: Home, server: Server, process: subprocess.Popen[bytes]) -> Child:
        def start_again() -> subprocess.Popen[bytes]:
            with exclusive(home.lock, limit=LOCK_LIMIT):
                server.stop()  # another process may have started one meanwhile
                return server.launch(self._watchdog.guard(server.stop_signal))

        child = Child(
            server.name, start_again, self._watchdog, stop_signal=server.stop_signal, log=server.log, limit=STOP_LIMIT
        )
        child.adopt(process)
        return child
