"""How much of what identifies a patient is pointed out, and how many clean questions are flagged for nothing.

``python tests/bench/identifiers.py [FOLDER]`` prints, for each labelled set of the folder (``NAME_told.txt`` with what
identifies marked as ``[[KIND:words]]``, ``NAME_clean.txt`` with nothing that does), one line a kind and one in sum.
``--words`` prints what was missed and flagged too. Every person, number and address in the sets is made up.
"""

import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from portal.common.identifiers import find

HERE = Path(__file__).resolve().parent / "identifiers"
TAG = re.compile(r"\[\[([A-Z]+):([^\]]+)\]\]")


@dataclass(frozen=True)
class Tag:
    """What identifies, and where it stands in the text without marks."""

    kind: str
    words: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.words)


@dataclass(frozen=True)
class Figures:
    """What one labelled set shows. Shares are from 0 to 1."""

    tags: Counter[str]
    covered: Counter[str]
    missed: list[str]
    clean: int
    flagged: list[str]

    @property
    def share_covered(self) -> float:
        return self.covered.total() / self.tags.total()

    @property
    def share_flagged(self) -> float:
        return len(self.flagged) / self.clean


def read(line: str) -> tuple[str, list[Tag]]:
    """A labelled question without its marks, and what was marked."""
    text, tags, last = "", [], 0
    for match in TAG.finditer(line):
        text += line[last : match.start()]
        tags.append(Tag(match[1], match[2], len(text)))
        text += match[2]
        last = match.end()
    return text + line[last:], tags


def is_covered(tag: Tag, text: str) -> bool:
    """Whether findings cover at least half of its characters."""
    inside = sum(max(0, min(tag.end, found.end) - max(tag.start, found.start)) for found in find(text))
    return inside * 2 >= len(tag.words)


def measure(told: Path, clean: Path) -> Figures:
    """The figures of one set."""
    tags, covered, missed = Counter[str](), Counter[str](), []
    for line in told.read_text().splitlines():
        text, marked = read(line)
        for tag in marked:
            tags[tag.kind] += 1
            if is_covered(tag, text):
                covered[tag.kind] += 1
            else:
                missed.append(f"{tag.kind}: {tag.words} | {text}")
    lines = clean.read_text().splitlines()
    flagged = [f"{[found.words for found in find(line)]} | {line}" for line in lines if find(line)]
    return Figures(tags, covered, missed, len(lines), flagged)


def measured(folder: Path, name: str) -> Figures:
    """The figures of one set of a folder."""
    return measure(folder / f"{name}_told.txt", folder / f"{name}_clean.txt")


def sets(folder: Path) -> dict[str, Figures]:
    """The figures of each set in a folder, by its name."""
    names = [path.name.removesuffix("_told.txt") for path in sorted(folder.glob("*_told.txt"))]
    return {name: measured(folder, name) for name in names}


def main(folder: Path, *, wordy: bool) -> None:
    """Print the figures."""
    for name, figures in sets(folder).items():
        for kind, count in sorted(figures.tags.items()):
            print(f"{name} {kind:8} tags={count} covered={figures.covered[kind] / count:.2f}")
        print(
            f"{name} in sum: tags={figures.tags.total()} covered={figures.share_covered:.3f} "
            f"clean={figures.clean} flagged={figures.share_flagged:.3f}"
        )
        if wordy:
            print(*figures.missed, *figures.flagged, sep="\n")


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--words"]
    main(Path(words[0]) if words else HERE, wordy="--words" in sys.argv)
