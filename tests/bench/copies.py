"""More documents than there are: copies of real ones, each a little different, the same for the same seed."""

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

SEED = 20_261
_DROPPED = 0.1
_WORDS = "renal cardiac acute chronic severe mild early late dose risk therapy infant adult oral fever pain".split()


def write(folders: Sequence[Path], count: int, target: Path) -> int:
    """Write ``count`` documents to ``target``, the folders' own first; how many bytes of text they hold."""
    size = 0
    with gzip.open(target, "wt", encoding="utf-8", compresslevel=1) as file:
        for row in _rows(folders, count):
            size += len(f"{row['title']}{row['summary']}{row['body']}".encode())
            file.write(json.dumps(row) + "\n")
    return size


def _rows(folders: Sequence[Path], count: int) -> Iterator[dict[str, Any]]:
    base = [row for folder in folders for row in _read(folder)] if folders else list(_made(count))
    dice = random.Random(SEED)
    dice.shuffle(base)
    for number in range(count):
        row = base[number % len(base)]
        turn = number // len(base)
        yield row if not turn else _changed(row, turn, dice)


def _read(folder: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(folder / "documents.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _changed(row: dict[str, Any], turn: int, dice: random.Random) -> dict[str, Any]:
    """A copy with a tenth of its words gone, others in their place now and then, and a word more in the title."""
    words = [word for word in row["body"].split(" ") if dice.random() > _DROPPED]
    for _ in range(len(words) // 50):
        words[dice.randrange(len(words))] = dice.choice(_WORDS)
    title = f"{row['title']} {dice.choice(_WORDS)} {turn}"[:300]
    return row | {"id": f"{row['id'][:80]}-{turn}", "title": title, "body": " ".join(words) or row["body"]}


def _made(count: int) -> Iterator[dict[str, Any]]:
    """Small documents out of a few words, where no folder was given."""
    dice = random.Random(SEED)
    for number in range(min(count, 2_000)):
        yield {
            "id": f"made-{number}",
            "kind": "topic",
            "title": f"{dice.choice(_WORDS)} {dice.choice(_WORDS)} {number}",
            "summary": "",
            "body": " ".join(dice.choice(_WORDS) for _ in range(120)),
            "specialties": [],
            "codes": [],
            "keywords": [],
            "recommendations": [],
            "references": [],
            "review_due": None,
            "source": "made",
        }


def asked_of_made(count: int) -> list[str]:
    """Questions for those."""
    dice = random.Random(SEED)
    return [" ".join(dice.sample(_WORDS, 3)) for _ in range(count)]
