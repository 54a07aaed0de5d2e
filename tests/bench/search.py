"""How fast search is, and how it grows: search.py [--documents N] [--questions N] [--engine NAME]
[--beside N] [FOLDER…]

The folders' documents, and copies of them made a little different up to N (4,000 unless told), are imported and indexed
as the site does it. Then the same questions go to our search, to PostgreSQL's full text and to tantivy in turn, in one
process and warm: the top 20 with titles and marked passages. What people type is suggested to as well. With --beside,
four more processes ask while N updates are written. Without a folder, documents of a few words are made up.
"""

import argparse
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:1] = [str(ROOT)]

import psutil  # noqa: E402 - the root must be known first

from tests.bench import beside, copies, corpus  # noqa: E402

ROUNDS = 30
STARTED = 5


def main(folders: Sequence[Path], documents: int, asked: int, engine: str, updates: int) -> None:
    """Measure and print."""
    corpus.set_up(engine)
    with corpus.site(), tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "documents.jsonl.gz"
        size = copies.write(folders, documents, path)
        begun, cpu = time.perf_counter(), time.process_time()
        corpus.fill(path, index=False)
        print(f"{documents} documents, {size / 1e6:.1f} MB of text; imported in {time.perf_counter() - begun:.0f} s")
        _build(documents, size, engine)
        if engine == "whoosh":
            _cold(questions(folders, STARTED))
            _suggest(questions(folders, asked))
        _compare(questions(folders, asked))
        _publish(engine)
        if updates:
            _beside(updates, questions(folders, asked))
        print(f"memory of this process: {_memory():.0f} MB; CPU spent: {time.process_time() - cpu:.0f} s")


def questions(folders: Sequence[Path], count: int) -> list[str]:
    """Some of the folders' questions, as many of each kind."""
    if not folders:
        return copies.asked_of_made(count)
    dice = random.Random(copies.SEED)
    kinds = [corpus.questions(folder, style) for folder in folders for style in corpus.styles(folder)]
    each = -(-count // len(kinds))
    chosen = [row.text for kind in kinds for row in dice.sample(kind, min(each, len(kind)))]
    dice.shuffle(chosen)
    return chosen[:count]


def _build(documents: int, size: int, engine: str) -> None:
    from knowledge.search import store
    from knowledge.services import indexing

    begun, cpu = time.perf_counter(), time.process_time()
    indexing.rebuild()
    spent, waited = time.process_time() - cpu, time.perf_counter() - begun
    if engine == "postgresql":
        print(f"index: {documents / waited:.0f} documents a second")
        return
    held = sum(file.stat().st_size for file in store.current().iterdir())
    print(
        f"index: {documents / spent:.0f} documents a CPU second, {held / 1e6:.1f} MB, {held / size:.2f} times the text"
        f"; memory {_memory():.0f} MB, {_highest():.0f} at the most"
    )


def _cold(asked: Sequence[str]) -> None:
    """A process that has just started, each time: getting ready, as at its start, and the first answer."""
    found = beside.fresh(asked)
    ready, first = ([row[place] for row in found] for place in range(2))
    print(
        f"cold: {len(found)} processes made ready in {share(ready, 0.5):.0f} ms CPU (p50), then the first question in "
        f"{share(first, 0.5):.0f} (p50), {max(first):.0f} at the most"
    )


def _suggest(asked: Sequence[str]) -> None:
    """What is suggested to the first letters of questions, warm."""
    from knowledge import search
    from portal.members.models import Role
    from tests.cast import give, make_person

    person = give(make_person("bench@network.example", "Bench"), Role.Name.EDITOR)
    typed = [question[:length] for question in asked for length in (2, 4, 8, 14)]
    search.suggestions(typed[0], person=person)
    wall, cpu = [], []
    for text in typed:
        begun, spent = time.perf_counter(), time.process_time()
        search.suggestions(text, person=person)
        wall.append((time.perf_counter() - begun) * 1000)
        cpu.append((time.process_time() - spent) * 1000)
    print(
        f"suggestions: p50 {share(wall, 0.5):.1f} ms, p95 {share(wall, 0.95):.1f}; CPU p50 {share(cpu, 0.5):.1f}, "
        f"p95 {share(cpu, 0.95):.1f}"
    )


def _memory() -> float:
    return float(psutil.Process().memory_info().rss / 1e6)


def _highest() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _compare(asked: Sequence[str]) -> None:
    from knowledge import search
    from tests.bench.rivals import TOP, Postgres, Tantivy

    postgres, tantivy = Postgres(), Tantivy()
    engines: dict[str, Callable[[str], object]] = {
        "ours": lambda question: search.search(question, page_size=TOP),
        tantivy.name: tantivy.ask,
        postgres.name: postgres.ask,
    }
    wall: dict[str, list[float]] = {name: [] for name in engines}
    cpu: dict[str, list[float]] = {name: [] for name in engines}
    for turn in range(2):  # the first warms
        for question in asked:
            for name, ask in engines.items():
                begun, spent = time.perf_counter(), time.process_time()
                ask(question)
                if turn:
                    wall[name].append((time.perf_counter() - begun) * 1000)
                    cpu[name].append((time.process_time() - spent) * 1000)
    for name in engines:
        ratio = share(wall["ours"], 0.5) / share(wall[name], 0.5)
        print(
            f"{name}: p50 {share(wall[name], 0.5):.1f} ms, p95 {share(wall[name], 0.95):.1f}; CPU in this process "
            f"p50 {share(cpu[name], 0.5):.1f}, p95 {share(cpu[name], 0.95):.1f}; ours takes {ratio:.2f} times its p50"
        )
    postgres.close()
    tantivy.close()


def _publish(engine: str) -> None:
    """From a changed document to finding it, in the engine."""
    from knowledge import search
    from knowledge.models import Document

    keys = list(Document.objects.values_list("pk", flat=True)[:ROUNDS])
    wall, cpu = [], []
    for key in keys:
        begun, spent = time.perf_counter(), time.process_time()
        if engine == "whoosh":
            search.index_documents([key])
        else:
            search.project([key])
        search.search("sepsis")
        wall.append((time.perf_counter() - begun) * 1000)
        cpu.append((time.process_time() - spent) * 1000)
    print(
        f"publication to findable: p50 {share(wall, 0.5):.0f} ms, p95 {share(wall, 0.95):.0f}; CPU p50 "
        f"{share(cpu, 0.5):.0f}, p95 {share(cpu, 0.95):.0f}"
    )


def _beside(updates: int, asked: Sequence[str]) -> None:
    """Readers beside a writer, and whether they ever read what was replaced."""
    read, seconds = beside.beside(updates, asked)
    count = sum(reader.asked for reader in read)
    print(
        f"beside a writer of {updates} updates in {seconds:.0f} s, {len(read)} readers: "
        f"{sum(reader.asked / reader.seconds for reader in read):.0f} questions a second (clock), CPU "
        f"{sum(reader.cpu for reader in read) / max(1, count) * 1000:.1f} ms a question; of {count} answers "
        f"{sum(reader.failed for reader in read)} failed, {sum(reader.stale for reader in read)} stale, "
        f"{sum(reader.twice for reader in read)} twice; load {os.getloadavg()[0]:.1f}"
    )


def share(values: Sequence[float], part: float) -> float:
    """The value that this part of all stays below."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=4_000)
    parser.add_argument("--questions", type=int, default=210)
    parser.add_argument("--engine", choices=corpus.ENGINES, default=corpus.ENGINES[0])
    parser.add_argument("--beside", type=int, default=0, metavar="N", help="updates beside four readers")
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    main([folder.resolve() for folder in given.folders], given.documents, given.questions, given.engine, given.beside)
