"""An organization's facilities as a tree. Pure."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar


class Node(Protocol):
    @property
    def pk(self) -> int: ...
    @property
    def parent_id(self) -> int | None: ...


N = TypeVar("N", bound=Node)
DEEPEST = 6


def tree(rows: Iterable[N]) -> list[tuple[int, N]]:
    """Each with its depth, parts below what they are part of, in the order given."""
    found: dict[int | None, list[N]] = {}
    for row in rows:
        found.setdefault(row.parent_id, []).append(row)

    def below(parent: int | None, depth: int) -> list[tuple[int, N]]:
        return [pair for row in found.get(parent, []) for pair in ((depth, row), *below(row.pk, depth + 1))]

    return below(None, 0)


def parts_of(pk: int, rows: Sequence[Node]) -> set[int]:
    """It and everything below it."""
    found, before = {pk}, 0
    while len(found) > before:
        before = len(found)
        found |= {row.pk for row in rows if row.parent_id in found}
    return found
