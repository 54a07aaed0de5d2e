"""The lists of names, towns and parts of patterns beside this file. Each says what it holds; read once, when asked."""

import unicodedata
from functools import cache
from pathlib import Path

_LETTERS = str.maketrans({"đ": "d", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "ı": "i", "’": "'"})


def is_given(word: str) -> bool:
    """A given name, of the United States or of elsewhere; of a double one, its first part."""
    first = plain(word).partition("-")[0]
    return first in listed("given_names") or first in listed("given_names_world")


def is_family(word: str) -> bool:
    """A family name; of a double one, both."""
    return all(part in listed("family_names") for part in plain(word).split("-"))


def is_known(word: str) -> bool:
    """A given or a family name."""
    return is_given(word) or is_family(word)


def is_other(word: str) -> bool:
    """A word that is no name here though it has a capital: an eponym, a brand, a word that begins a question."""
    return any(part in listed("not_names") for part in word.lower().rstrip(".").split("-"))


def is_word(word: str) -> bool:
    """A name that is a word of English too: by itself, or in small letters, it is taken for that."""
    return any(part in listed("word_names") for part in word.lower().split("-")) or is_other(word)


def is_town(words: str) -> bool:
    """A town of the United States."""
    return words.lower().replace(".", "").replace(" ", "_") in listed("towns")


def any_of(name: str) -> str:
    """A pattern for any entry of the list ``name`` of patterns.txt."""
    return f"(?:{'|'.join(entries(name))})"


def entries(name: str) -> list[str]:
    """The entries of a list of patterns.txt, each a regular expression, in their order."""
    return _patterns()[name]


def plain(word: str) -> str:
    """In small letters without accents, as the lists write it."""
    small = word.lower()
    if small.isascii():
        return small
    return "".join(
        one for one in unicodedata.normalize("NFD", small.translate(_LETTERS)) if not unicodedata.combining(one)
    )


@cache
def listed(kind: str) -> frozenset[str]:
    """The words of one list."""
    lines = Path(__file__).with_name(f"{kind}.txt").read_text().splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def _patterns() -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    current: list[str] = []
    for line in Path(__file__).with_name("patterns.txt").read_text().splitlines():
        if line.startswith("== "):
            current = lists.setdefault(line.removeprefix("== "), [])
        elif line and not line.startswith("#"):
            current += line.split(" | ")
    return lists
