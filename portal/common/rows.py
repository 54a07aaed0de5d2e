"""Rows read and written by statements that are put together once.

Django puts a statement together anew each time, which takes it about as long as PostgreSQL takes to run it. What every
consult begins and ends with is therefore written out here, with the columns that the models' ``_meta`` names.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any, TypeVar

from django.db import DatabaseError, connection, connections, models

from portal.common.planned import planned

M = TypeVar("M", bound=models.Model)
Kind = type[models.Model]


@cache
def columns(model: Kind, alias: str) -> str:
    """The model's columns, as a SELECT lists them; ``Taken`` reads them again. What the database works out by itself,
    such as words to search for, is left where it is."""
    return ", ".join(f'{alias}."{field.column}"' for field in _read(model))


class Taken:
    """One row of a statement in which the rows of several models stand beside each other, taken from the left."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._values, self._next = values, 0

    def row(self, model: type[M]) -> M | None:
        """The next row, of this model; None where a join found none."""
        names = _names(model)
        values = list(self.rest(len(names)))
        if values[0] is None:
            return None
        for place, read in _readers(model):
            values[place] = read(values[place], None, connection)
        return model.from_db(connection.alias, names, values)

    def rest(self, count: int | None = None) -> Sequence[Any]:
        """So many of the values that follow, or all of them."""
        begin, end = self._next, len(self._values) if count is None else self._next + count
        self._next = end
        return self._values[begin:end]


def add(*rows: models.Model) -> None:
    """Insert new rows, of whatever models, in one statement. They get no identifiers, and must not need each other."""
    _insert(rows, "")


FEW = 24
"""More rows than these go as one value that PostgreSQL takes apart, a statement for each model."""


def add_unless_there(*rows: models.Model) -> None:
    """The same; what some unique constraint has already is left as it is."""
    add_many(rows, " ON CONFLICT DO NOTHING")


def add_many(rows: Sequence[models.Model], ending: str = "") -> None:
    """As ``add``, of however many rows: at a fifth of what Django's ``bulk_create`` costs."""
    if len(rows) <= FEW:
        _insert(rows, ending)
        return
    for model, group in _by_model(rows):
        names = [field.attname for field in _written(model)]
        told = json.dumps([[getattr(row, name) for name in names] for row in group], default=str)
        with planned() as cursor:
            cursor.execute(_unpacked(model) + ending, [told])


def add_one(row: models.Model, **worked_out: str) -> None:
    """Insert a new row, and set its identifier. ``worked_out`` are fields whose values the database works out, by an
    expression of ours."""
    sql = _one(type(row), tuple(sorted(worked_out.items())))
    with planned() as cursor:
        cursor.execute(sql, _values(row, besides=worked_out))
        row.pk, *found = cursor.fetchone()
    for name, value in zip(sorted(worked_out), found, strict=True):
        setattr(row, name, value)
    row._state.adding, row._state.db = False, connection.alias


def save(row: models.Model) -> None:
    """Write all columns of a row that is there."""
    with planned() as cursor:
        cursor.execute(_update(type(row)), [*_values(row), row.pk])
        if cursor.rowcount != 1:
            raise DatabaseError(f"{row._meta.label} {row.pk} is not there to be saved.")


def _insert(rows: Sequence[models.Model], ending: str) -> None:
    parts: list[str] = []
    values: list[Any] = []
    for model, group in _by_model(rows):
        lines = [_values(row) for row in group]
        parts.append(", ".join([_into(model), *[_marks(model)] * (len(lines) - 1)]) + ending)
        values += [value for line in lines for value in line]
    if not parts:
        return
    *before, last = parts
    beside = ", ".join(f"part{place} AS ({part})" for place, part in enumerate(before))
    with planned() as cursor:
        cursor.execute(f"WITH {beside} {last}" if beside else last, values)


def _by_model(rows: Sequence[models.Model]) -> Iterable[tuple[Kind, Iterable[models.Model]]]:
    return groupby(rows, lambda row: type(row))


def _values(row: models.Model, besides: Mapping[str, str] | None = None) -> list[Any]:
    here, is_new = connections[connection.alias], row._state.adding  # not looked up anew for each field
    return [
        field.get_db_prep_save(field.pre_save(row, is_new), here)
        for field in _written(type(row))
        if not (besides and field.name in besides)
    ]


@cache
def _read(model: Kind) -> "list[models.Field[Any, Any]]":
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    assert fields[0].primary_key, f"{model} does not begin with its key"
    return fields


@cache
def _names(model: Kind) -> list[str]:
    return [field.attname for field in _read(model)]


@cache
def _readers(model: Kind) -> list[tuple[int, Any]]:
    """What makes of a column's value the field's, where that is another, such as JSON."""
    fields = enumerate(_read(model))
    return [(place, read) for place, field in fields if (read := getattr(field, "from_db_value", None))]


@cache
def _written(model: Kind) -> "list[models.Field[Any, Any]]":
    """The fields that are given a value: all but the identifier and what the database works out by itself."""
    return [field for field in model._meta.concrete_fields if not (field.primary_key or field.generated)]


@cache
def _into(model: Kind) -> str:
    names = ", ".join(f'"{field.column}"' for field in _written(model))
    return f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES {_marks(model)}'  # noqa: S608 - names of ours


@cache
def _unpacked(model: Kind) -> str:
    fields = list(enumerate(_written(model)))
    names = ", ".join(f'"{field.column}"' for _, field in fields)
    values = ", ".join(f"(e.row->>{place})::{field.db_type(connection)}" for place, field in fields)
    source = "jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS e (row, place) ORDER BY e.place"
    return f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {values} FROM {source}'  # noqa: S608 - names of ours


@cache
def _marks(model: Kind) -> str:
    return "(" + ", ".join(["%s"] * len(_written(model))) + ")"


@cache
def _one(model: Kind, worked_out: tuple[tuple[str, str], ...]) -> str:
    given = dict(worked_out)
    names = ", ".join(f'"{field.column}"' for field in _written(model))
    values = ", ".join(given.get(field.name, "%s") for field in _written(model))
    back = ", ".join(f'"{name}"' for name in ("id", *given))
    return f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({values}) RETURNING {back}'  # noqa: S608


@cache
def _update(model: Kind) -> str:
    pairs = ", ".join(f'"{field.column}" = %s' for field in _written(model))
    return f'UPDATE "{model._meta.db_table}" SET {pairs} WHERE id = %s'  # noqa: S608 - names of ours
