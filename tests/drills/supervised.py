"""The supervisor of `make demo` on a state folder that is prepared already: a drill's site starts in seconds.

    python tests/drills/supervised.py STATE PORT

Everything else is the supervisor's own: what it starts, how it watches, and how it starts again what ends.
"""

import os
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

from portal.embedded.locking import exclusive  # noqa: E402 - the path comes first
from portal.embedded.running import Runner  # noqa: E402
from portal.embedded.supervisor import Supervisor, lock_of  # noqa: E402


class Prepared(Supervisor):
    """The migrations are applied and the data is there."""

    def _prepare(self, runner: Runner) -> None:
        pass


if __name__ == "__main__":
    state, port = Path(sys.argv[1]), int(sys.argv[2])
    os.environ["PORT"] = str(port)
    with exclusive(lock_of(state), limit=0, refusal=f"A site runs from {state} already"):
        Prepared(state, "127.0.0.1", port).run()
