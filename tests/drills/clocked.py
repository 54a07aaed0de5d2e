"""Runs a Python program whose clock is wrong, and may be set anew while it runs.

    python tests/drills/clocked.py FILE MODULE ARGUMENTS…

FILE holds by how much (see ``set_clock``); each process that the program starts sees at once what stands there. What
counts time without telling it, as ``time.monotonic``, goes on as it should, and so do programs other than Python.
"""

import mmap
import runpy
import struct
import sys
from datetime import timedelta
from pathlib import Path

import _time_machine  # type: ignore[import-not-found]
import time_machine

SHAPE = struct.Struct("<q")
NANOSECONDS = 1_000_000_000


def set_clock(file: Path, apart: timedelta) -> None:
    """Put the clock of the programs on ``file`` so far ahead of the right one; behind it, where negative."""
    nanoseconds = round(apart.total_seconds()) * NANOSECONDS
    with file.open("r+b" if file.exists() else "w+b") as held:
        held.write(SHAPE.pack(nanoseconds))


def command(file: Path, module: list[str]) -> list[str]:
    """A command that runs a module (``python -m …``) under the clock of ``file``."""
    python, _, *rest = module
    return [python, __file__, str(file), *rest]


class Wrong(time_machine.Traveller):
    """Shows the right time, and what stands in the file besides."""

    def __init__(self, file: Path) -> None:
        super().__init__(0, None, tick=True)
        with file.open("rb") as held:
            self._apart = mmap.mmap(held.fileno(), SHAPE.size, access=mmap.ACCESS_READ)

    def time_ns(self) -> int:
        apart: int = SHAPE.unpack(self._apart[: SHAPE.size])[0]
        return int(_time_machine.original_time_ns()) + apart


if __name__ == "__main__":
    _, name, program, *arguments = sys.argv
    time_machine.travel(0).start()
    time_machine.traveller_stack[-1] = Wrong(Path(name))
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    sys.argv = [program, *arguments]
    runpy.run_module(program, run_name="__main__", alter_sys=True)
