"""Making sure that the servers run, for any number of processes at once."""

import atexit
import os
import subprocess
from collections.abc import Callable, Container
from pathlib import Path

from portal.embedded import broker, postgres, presence
from portal.embedded.addresses import Addresses, addresses_of
from portal.embedded.home import Home, home_of
from portal.embedded.locking import exclusive
from portal.embedded.programs import Programs, programs_for
from portal.embedded.server import Server

LOCK_LIMIT = 180.0  # seconds; the first start makes the database

_children: list[subprocess.Popen[bytes]] = []  # kept, so that each is reaped when it ends
_attached: dict[Path, int] = {}  # home -> the process that attached: a forked child must not leave in its parent's name


def attach(state: Path, *, durable: bool = True) -> Addresses:
    """Make sure that the servers of the state folder ``state`` run, and return their addresses.

    Several processes may try at once. The servers stop when the last attached process ends. ``durable=False`` trades
    safety for speed and lets the owner make databases: for tests. Raises EmbeddedError when they cannot run.
    """
    home = home_of(state)
    with exclusive(home.lock, limit=LOCK_LIMIT):
        presence.enter(home.attached)
        start_missing(home, durable=durable)
    if _attached.get(home.folder) != os.getpid():
        _attached[home.folder] = os.getpid()
        atexit.register(_leave, home)
    return addresses_of(home)


def stop(state: Path) -> list[str]:
    """Stop the servers of ``state`` whoever uses them; the names of those that ran."""
    home = home_of(state)
    with exclusive(home.lock, limit=LOCK_LIMIT):
        return stop_servers(home)


def servers_of(home: Home, programs: Programs, *, durable: bool) -> list[Server]:
    """The servers, in the order they start."""
    return [
        postgres.server(home, programs, durable=durable),
        broker.server(home, programs, durable=durable),
    ]


def start_missing(home: Home, *, durable: bool) -> None:
    """Start those servers that do not run. Call it holding the lock."""
    if not all(server.answers() for server in servers_of(home, _unchecked(home), durable=durable)):
        start_servers(home, ("postgres", "broker"), _launch, durable=durable)


def start_servers(
    home: Home, names: Container[str], launch: Callable[[Server], subprocess.Popen[bytes]], *, durable: bool
) -> list[Server]:
    """Start the named servers with ``launch``, those that run already excepted; returns them, ready.

    Call it holding the lock.
    """
    programs = programs_for(home)
    if "postgres" in names:
        postgres.create(home, programs, durable=durable)
    servers = [server for server in servers_of(home, programs, durable=durable) if server.name in names]
    for server in servers:
        server.wait_until_ready(launch(server) if server.main_process() is None else None)
    if "postgres" in names:
        postgres.prepare(home, programs, durable=durable)
    return servers


def stop_servers(home: Home) -> list[str]:
    """Stop what runs, the broker first; the names of those that ran. Call it holding the lock."""
    running = [server for server in servers_of(home, _unchecked(home), durable=True) if server.processes()]
    for server in reversed(running):
        server.stop()
    for child in _children:
        child.poll()
    return [server.name for server in running]


def _launch(server: Server) -> subprocess.Popen[bytes]:
    child = server.launch()
    _children.append(child)
    return child


def _unchecked(home: Home) -> Programs:
    """Stands for the programs where only the folders and sockets of running servers matter."""
    return Programs(postgres=home.folder, broker=home.folder)


def _leave(home: Home) -> None:
    if _attached.get(home.folder) != os.getpid() or not home.folder.exists():
        return
    with exclusive(home.lock, limit=LOCK_LIMIT):
        presence.leave(home.attached)
        if not presence.others(home.attached):
            stop_servers(home)
