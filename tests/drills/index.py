"""What the search index survives: writers killed at any moment, a full disk, files cut short or gone, two writers.

    .venv/bin/python tests/drills/index.py --kills 200

makes a database and an index of its own, and prints one line of figures. It ends with status 1 when anything was lost.
"""

import argparse
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.conf import settings  # noqa: E402 - what follows needs the settings
from django.db import connections  # noqa: E402

from knowledge import search  # noqa: E402
from knowledge.search import durable, store  # noqa: E402
from tests import database  # noqa: E402
from tests.knowledge.helpers import load_rows, row  # noqa: E402
from tests.knowledge.index_contents import contents  # noqa: E402

CHANGED = 4
FULL_AT = 1_500
"""Bytes a file may have while the disk is "full"."""


class Drill:
    """One database, one index, and what was counted."""

    def __init__(self, folder: Path, documents: int, seed: int) -> None:
        self.folder = folder
        self.documents = documents
        self.dice = random.Random(seed)
        self.turn = 0
        self.counts = dict.fromkeys(
            "kills before_commit after_commit degraded lost full full_failed damaged unanswered unrepaired".split(), 0
        )

    def begin(self) -> None:
        load_rows(self.folder, *(self._row(number) for number in range(self.documents)))
        search.catch_up()
        start = time.monotonic()
        self.publish()
        search.catch_up()
        self.usual = time.monotonic() - start

    def publish(self) -> None:
        """Change a few documents, as editors do."""
        self.turn += 1
        numbers = self.dice.sample(range(self.documents), CHANGED)
        load_rows(self.folder, *(self._row(number, turn=self.turn) for number in numbers))

    def _row(self, number: int, turn: int = 0) -> dict[str, object]:
        words = " ".join(self.dice.choices(WORDS, k=30))
        title = f"Wombat {number} turn{turn}"
        return row(f"d-{number}", title=title, body=f"## Part\n\n{words}", codes=["A41.9"], keywords=[f"key{number}"])

    def kill(self, *, rebuilding: bool) -> None:
        """Kill a writer somewhere in its work, and see that search goes on from the last commit."""
        self.publish()
        before = self._commit()
        child = fork(search.rebuild if rebuilding else search.catch_up)
        time.sleep(self.dice.uniform(0, self.usual * (4 if rebuilding else 1.2)))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        self.counts["kills"] += 1
        self.counts["before_commit" if self._commit() == before else "after_commit"] += 1
        self.look()

    def look(self) -> None:
        """Every document is found, once, by the engine itself."""
        found = search.search("wombat", page_size=1)
        self.counts["degraded"] += found.degraded
        self.counts["lost"] += self.documents - len(contents())

    def fill(self) -> None:
        """A disk that takes no more: the write fails, search goes on, and the next write succeeds."""
        self.publish()
        self.counts["full"] += 1
        self.counts["full_failed"] += wait(fork(search.catch_up, full=True)) != 0
        self.look()
        self.repair()

    def damage(self, harm: Callable[[Path], None]) -> None:
        """Harm to the files: the database answers, nothing more is deleted, and the keeper's next look repairs."""
        self.counts["damaged"] += 1
        store.close()
        harm(store.current())
        left = files(self.folder / "index")
        found = search.search("wombat")
        self.counts["unanswered"] += not (found.degraded and found.count) or files(self.folder / "index") != left
        self.repair()

    def repair(self) -> None:
        search.catch_up()
        found = search.search("wombat")
        self.counts["unrepaired"] += (
            found.degraded or bool(search.oldest_pending()) or len(contents()) != self.documents
        )

    def two_writers(self) -> None:
        """Two writers at once, over and over: both end well, and nothing is lost."""
        for _ in range(5):
            self.publish()
            writers = [fork(search.catch_up), fork(search.catch_up)]
            self.counts["lost"] += sum(wait(writer) != 0 for writer in writers)
        self.look()

    def differences(self) -> int:
        """Documents that differ between the index as it grew and one built anew."""
        search.catch_up()
        grown = contents()
        search.rebuild()
        anew = contents()
        return sum(grown.get(key) != anew.get(key) for key in grown.keys() | anew.keys())

    def _commit(self) -> tuple[str, int]:
        folder = store.current()
        return folder.name, durable.verify(folder)


WORDS = [
    f"{a}{b}" for a in "renal cardio hepato neuro pulmo dermo osteo".split() for b in "pathy logy itis oma".split()
]


def fork(work: Callable[[], object], *, full: bool = False) -> int:
    """A process of its own that does this and ends; its number."""
    store.close()
    connections.close_all()
    if child := os.fork():
        return child
    os.close(2)
    if full:
        resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_AT, FULL_AT))
    try:
        work()
        os._exit(0)
    except BaseException:  # noqa: BLE001 - the status tells
        os._exit(1)


def wait(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if not path.name.startswith("suspected")} if folder.exists() else set()


def cut(pattern: str) -> Callable[[Path], None]:
    """Cut the files of this pattern to half of their length."""

    def harm(folder: Path) -> None:
        for path in folder.glob(pattern):
            os.truncate(path, path.stat().st_size // 2)

    return harm


def remove(pattern: str) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        for path in folder.glob(pattern):
            path.unlink()

    return harm


def pointer(text: bytes) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        (folder.parent / "current").write_bytes(text)

    return harm


HARMS: list[Callable[[Path], None]] = [
    *(cut(f"*.{kind}") for kind in ("toc", "pst", "trm", "json")),
    *(remove(f"*.{kind}") for kind in ("toc", "pst", "trm", "json")),
    lambda folder: (folder.parent / "current").unlink(),
    pointer(b""),
    pointer(b"\xff\xfe"),
    pointer(b"../elsewhere"),
    lambda folder: shutil.rmtree(folder),
    lambda folder: shutil.rmtree(folder.parent),
]


def run(kills: int, documents: int, seed: int) -> int:
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="consilium-drill-") as name:
        settings.SEARCH_INDEX_DIR = Path(name) / "index"
        drill = Drill(Path(name), documents, seed)
        drill.begin()
        for number in range(kills):
            drill.kill(rebuilding=number % 10 == 9)
        drill.repair()
        for _ in range(3):
            drill.fill()
        for harm in HARMS:
            drill.damage(harm)
        drill.two_writers()
        differences = drill.differences()
        leftover = len([path for path in settings.SEARCH_INDEX_DIR.iterdir() if path.is_dir()])
        store.close()
    counts = drill.counts
    figures = " ".join(f"{name}={value}" for name, value in counts.items())
    taken = time.monotonic() - start
    print(f"index {figures} folders={leftover} differences={differences} of {documents} seconds={taken:.0f}")
    bad = sum(counts[name] for name in ("degraded", "lost", "unanswered", "unrepaired")) + differences
    return int(bad > 0 or counts["full_failed"] != counts["full"] or leftover > 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--documents", type=int, default=150)
    parser.add_argument("--seed", type=int, default=4)
    arguments = parser.parse_args()
    import logging

    logging.disable(logging.CRITICAL)
    database.create(keep=False)
    try:
        status = run(arguments.kills, arguments.documents, arguments.seed)
    finally:
        database.drop()
    sys.exit(status)


if __name__ == "__main__":
    main()
