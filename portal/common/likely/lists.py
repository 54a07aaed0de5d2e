"""The lists of names and towns beside this file. Each says where it comes from; they are read once, when first asked."""

from functools import cache
from pathlib import Path


def is_given(word: str) -> bool:
    """A given name, of the United States or of elsewhere."""
    return word.lower() in _listed("given_names") or word.lower() in _listed("given_names_world")


def is_family(word: str) -> bool:
    """A family name; of a double one, both."""
    return all(
        part in _listed("family_names") or part in _listed("family_names_2010") for part in word.lower().split("-")
    )


def is_known(word: str) -> bool:
    """A given or a family name."""
    return is_given(word) or is_family(word)


def is_other(word: str) -> bool:
    """A word that is no name here though it has a capital: an eponym, a brand, a word that begins a question."""
    return word.lower().rstrip(".") in _listed("not_names")


def is_word(word: str) -> bool:
    """A name that is a word of English too: in small letters it is taken for that."""
    return word.lower() in _listed("word_names") or is_other(word)


def is_town(words: str) -> bool:
    """A town of the United States."""
    return words.lower().replace(".", "").replace(" ", "_") in _listed("towns")


@cache
def _listed(kind: str) -> frozenset[str]:
    lines = Path(__file__).with_name(f"{kind}.txt").read_text().splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
