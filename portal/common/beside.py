"""Rows with the rows beside them, as ``select_related`` finds them, by a statement that is put together once.

Django puts it together for every request, which takes as long as PostgreSQL takes to answer.
"""

from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)


class _Place(NamedTuple):
    """Where one of the rows stands: beside which other (its number), and what leads there; None for the first."""

    model: type[models.Model]
    before: int
    relation: Any
    fields: list[Any]
    names: list[str]


class Beside(Generic[M]):
    """A model, and which single rows are found with it, named as for ``select_related``.

    What the database works out by itself (words to search for) is left where it is.
    """

    def __init__(self, model: type[M], *paths: str) -> None:
        self._places = [_place(model, 0, None)]
        known = {"": 0}
        for path in paths:
            above, _, name = path.rpartition("__")
            relation = self._places[known[above]].model._meta.get_field(name)
            known[path] = len(self._places)
            self._places.append(_place(relation.related_model, known[above], relation))  # type: ignore[arg-type]
        self.columns = ", ".join(
            f't{number}."{field.column}"' for number, place in enumerate(self._places) for field in place.fields
        )
        """What the statement asks for."""
        self.tables = f'"{model._meta.db_table}" t0 ' + " ".join(
            _join(number, place) for number, place in enumerate(self._places) if place.relation
        )
        """Where: the model is ``t0``."""
        self.width = sum(len(place.fields) for place in self._places)

    def read(self, values: Sequence[Any]) -> M:
        """The model's row, the others set where they belong, of the values of ``columns``."""
        found: list[Any] = []
        begins = 0
        for place in self._places:
            ends = begins + len(place.fields)
            row = _row(place, values[begins:ends])
            if place.relation and (before := found[place.before]) is not None:
                _set_beside(before, place.relation, row)
            found.append(row)
            begins = ends
        first: M = found[0]
        return first


def _place(model: type[models.Model], before: int, relation: Any) -> _Place:
    fields = [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]
    assert fields[0].primary_key, f"{model} does not begin with its key"
    assert not any(hasattr(field, "from_db_value") for field in fields), f"{model} holds what must be converted"
    return _Place(model, before, relation, fields, [field.attname for field in fields])


def _join(number: int, place: _Place) -> str:
    key = place.relation if place.relation.concrete else place.relation.field
    here, there = key.column, key.target_field.column
    if place.relation.concrete:
        here, there = there, here
    table = place.model._meta.db_table
    return f'LEFT JOIN "{table}" t{number} ON t{number}."{here}" = t{place.before}."{there}"'


def _row(place: _Place, values: Sequence[Any]) -> Any:
    """None where the join found none: a row without a key."""
    if values[0] is None:
        return None
    return place.model.from_db(connection.alias, place.names, values)


def _set_beside(before: models.Model, relation: Any, row: models.Model | None) -> None:
    relation.set_cached_value(before, row)
    if row is not None and not relation.concrete:
        relation.field.set_cached_value(row, before)
