"""Which living processes use the servers of a state folder, so that the last one out can stop them."""

import os
from pathlib import Path

import psutil

CLOCK_TOLERANCE = 5.0  # seconds; a process's start is computed from the system's clock, which may be set


def enter(folder: Path) -> None:
    """Note in ``folder`` that this process uses the servers."""
    (folder / str(os.getpid())).write_text(str(psutil.Process().create_time()))


def leave(folder: Path) -> None:
    """Forget this process."""
    (folder / str(os.getpid())).unlink(missing_ok=True)


def others(folder: Path) -> list[int]:
    """The other living processes that use the servers; notes of dead ones are removed."""
    return [int(note.name) for note in folder.iterdir() if note.name != str(os.getpid()) and not _removed(note)]


def _removed(note: Path) -> bool:
    try:
        started = float(note.read_text() or 0)
        process = psutil.Process(int(note.name))
        same = abs(process.create_time() - started) < CLOCK_TOLERANCE
        if same and process.status() != psutil.STATUS_ZOMBIE:
            return False
    except (psutil.NoSuchProcess, FileNotFoundError):
        pass
    note.unlink(missing_ok=True)
    return True
