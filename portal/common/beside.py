"""Rows with the rows beside them, as ``select_related`` finds them, by a statement that is put together once.

Django puts it together for every request, which takes as long as PostgreSQL takes to answer.
"""

from typing import Any, Generic, NamedTuple, TypeVar

from django.db import models

from portal.common.rows import Taken, columns

M = TypeVar("M", bound=models.Model)


class _Place(NamedTuple):
    """Where one of the rows stands: beside which other (its number), and what leads there; None for the first."""

    model: type[models.Model]
    before: int
    relation: Any


class Beside(Generic[M]):
    """A model, and which single rows are found with it, named as for ``select_related``."""

    def __init__(self, model: type[M], *paths: str) -> None:
        self._places = [_Place(model, 0, None)]
        known = {"": 0}
        for path in paths:
            above, _, name = path.rpartition("__")
            relation: Any = self._places[known[above]].model._meta.get_field(name)
            known[path] = len(self._places)
            self._places.append(_Place(relation.related_model, known[above], relation))
        self.columns = ", ".join(columns(place.model, f"t{number}") for number, place in enumerate(self._places))
        """What the statement asks for."""
        self.tables = f'"{model._meta.db_table}" t0 ' + " ".join(
            _join(number, place) for number, place in enumerate(self._places) if place.relation
        )
        """Where: the model is ``t0``."""

    def take(self, taken: Taken) -> M:
        """The model's row, the others set where they belong, of the next values of ``taken``."""
        found: list[Any] = []
        for place in self._places:
            row = taken.row(place.model)
            if place.relation and (before := found[place.before]) is not None:
                _set_beside(before, place.relation, row)
            found.append(row)
        first: M = found[0]
        return first


def _join(number: int, place: _Place) -> str:
    key = place.relation if place.relation.concrete else place.relation.field
    here, there = key.column, key.target_field.column
    if place.relation.concrete:
        here, there = there, here
    table = place.model._meta.db_table
    return f'LEFT JOIN "{table}" t{number} ON t{number}."{here}" = t{place.before}."{there}"'


def _set_beside(before: models.Model, relation: Any, row: models.Model | None) -> None:
    relation.set_cached_value(before, row)
    if row is not None and not relation.concrete:
        relation.field.set_cached_value(row, before)
