"""The bundled message broker (Valkey, which speaks Redis's protocol)."""

import signal

from portal.embedded.addresses import broker_socket
from portal.embedded.home import Home
from portal.embedded.programs import Programs
from portal.embedded.server import Server


def server(home: Home, programs: Programs, *, durable: bool) -> Server:
    """The broker of ``home``. Its messages are kept in an append-only file, so a crash loses none."""
    options = {
        "port": "0",
        "unixsocket": str(broker_socket(home)),
        "unixsocketperm": "600",
        "dir": str(home.broker),
        "pidfile": str(home.broker / "pid"),
        "appendonly": "yes" if durable else "no",
        "save": "",
    }
    return Server(
        name="broker",
        command=(str(programs.broker), *(part for name, value in options.items() for part in (f"--{name}", value))),
        folder=home.broker,
        pid_file=home.broker / "pid",
        socket=broker_socket(home),
        greeting=b"PING\r\n",
        welcome=b"+PONG",  # while it reads its file it answers -LOADING
        stop_signal=signal.SIGTERM,
        log=home.logs / "broker.log",
        account=home.account,
    )
