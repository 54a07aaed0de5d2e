"""The command line: ``python -m portal.embedded demo`` runs the site, ``stop`` ends what runs for the state folder."""

import argparse
import os
import signal
import sys
from pathlib import Path

from portal.embedded.attaching import stop
from portal.embedded.errors import EmbeddedError
from portal.embedded.locking import LockHeld, exclusive
from portal.embedded.site import ROOT
from portal.embedded.supervisor import lock_of, supervise

STOP_LIMIT = 90.0  # seconds; the supervisor's own limits end before


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m portal.embedded", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="run the site with demonstration data")
    demo.add_argument("--port", help="listen here (PORT; 8000)")
    demo.add_argument("--host", help="listen on this address (HOST; 127.0.0.1)")
    commands.add_parser("stop", help="stop a running site and the embedded servers")
    arguments = parser.parse_args()
    state = Path(os.environ.get("STATE_DIR") or ROOT / "var").resolve()
    try:
        if arguments.command == "stop":
            stop_all(state)
        else:
            given = {"PORT": arguments.port, "HOST": arguments.host}
            os.environ.update({name: value for name, value in given.items() if value})
            supervise(state)
    except EmbeddedError as problem:
        sys.exit(str(problem))


def stop_all(state: Path) -> None:
    """Stop the supervisor of ``state`` if there is one, then servers that other processes started."""
    state.mkdir(parents=True, exist_ok=True)
    try:
        names = _stop_servers(state, limit=0)
    except LockHeld as held:
        os.kill(held.holder, signal.SIGTERM)
        names = ["the site", *_stop_servers(state, limit=STOP_LIMIT)]
    print(f"Stopped {' and '.join(names)}." if names else "Nothing was running.")


def _stop_servers(state: Path, *, limit: float) -> list[str]:
    with exclusive(lock_of(state), limit=limit, refusal="The site did not stop"):
        return stop(state)


if __name__ == "__main__":
    main()
