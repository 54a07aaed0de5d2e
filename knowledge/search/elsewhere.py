"""What else answers a question, beside documents. Apps above this one say what they can find, and for whom."""

from collections.abc import Callable
from dataclasses import dataclass

from portal.members.models import Person


@dataclass(frozen=True)
class Elsewhere:
    """One thing found: what it is called, where it stands, and what is said of it."""

    title: str
    url: str
    details: tuple[str, ...] = ()


Finder = Callable[[Person, list[str]], list[Elsewhere]]
"""Gives what a person may see of what holds these words, best first. It must never give anything else."""
_FINDERS: dict[str, Finder] = {}


def also_find(heading: str, finder: Finder) -> None:
    """Have every search look there too, under this heading. For an app's ``ready``."""
    _FINDERS[heading] = finder


def found_elsewhere(words: list[str], *, person: Person) -> dict[str, list[Elsewhere]]:
    """What ``person`` may see of what holds these words, by heading; only headings with something under them."""
    found = {heading: finder(person, words) for heading, finder in _FINDERS.items()} if words else {}
    return {heading: rows for heading, rows in found.items() if rows}
