"""Who relied on a document in ways that this app does not know of: apps above it register how to find them.

An app calls ``register`` when it is ready, with a function from a document's key to the keys of people who received
something that rests on it.
"""

from collections.abc import Callable, Iterable

Source = Callable[[int], Iterable[int]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Ask ``source``, too, who relied on a document. Registering it again changes nothing."""
    if source not in _sources:
        _sources.append(source)


def people(document: int) -> set[int]:
    """Everyone whom any of the sources names, by key."""
    return {person for source in _sources for person in source(document)}
