"""How well search answers: relevance.py [--engine whoosh|postgresql] FOLDER…

A folder holds documents.jsonl.gz in the format of imports, queries.STYLE.jsonl and qrels.STYLE.tsv. Each folder gets an
empty database and an index of its own; its documents go through the importer, its questions through the same function
that the page calls. One line for each kind of question, and below it what plain engines reach where that is known.
"""

import argparse
import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:1] = [str(ROOT)]

from tests.bench import corpus  # noqa: E402 - the root must be known first
from tests.bench.measures import measured  # noqa: E402

TOP = 100
ROWS = Path(__file__).with_name("rows.tsv")


def main(folders: Sequence[Path], engine: str) -> None:
    """Measure every folder."""
    corpus.set_up(engine)
    with corpus.site():
        for folder in folders:
            corpus.fill(corpus.documents(folder))
            for line in lines(folder):
                print(line, flush=True)


def lines(folder: Path) -> Iterator[str]:
    """The figures of each kind of question, and those known of other engines."""
    for style in corpus.styles(folder):
        asked = corpus.questions(folder, style)
        figures = measured((found(question.text), question.grades) for question in asked)
        yield f"{folder.name} {style} {figures}"
        for row in known(folder.name, style):
            yield f"    ndcg@10={row['ndcg']} zero={float(row['zero']):.3f}  {row['engine']}"


def found(question: str) -> list[str]:
    """The identifiers of what search finds, best first."""
    from knowledge import search

    return [hit.document.slug for hit in search.search(question, page_size=TOP).hits]


def known(folder: str, style: str) -> list[Mapping[str, str]]:
    """What other engines reach."""
    with ROWS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(
            (line for line in file if not line.startswith("#")),
            fieldnames=["folder", "style", "engine", "ndcg", "zero"],
            delimiter="\t",
        )
        return [row for row in rows if (row["folder"], row["style"]) == (folder, style)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=corpus.ENGINES, default=corpus.ENGINES[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    if missing := [str(folder) for folder in given.folders if not folder.is_dir()]:
        parser.error(f"not there: {', '.join(missing)}")
    main([folder.resolve() for folder in given.folders], given.engine)
