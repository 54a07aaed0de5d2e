"""Rows of models from a statement that is written out."""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)


@cache
def columns(model: type[models.Model], letter: str) -> str:
    """Every column of a model, as a statement names those of the table called ``letter``."""
    return ", ".join(f'{letter}."{field.column}"' for field in model._meta.concrete_fields)


def width(model: type[models.Model]) -> int:
    """How many columns that is."""
    return len(model._meta.concrete_fields)


def row(model: type[M], values: Sequence[Any]) -> M | None:
    """The model's row from the values of ``columns``; None where an outer join found none."""
    if values[0] is None:
        return None
    names, made = _read(model)
    held = list(values)
    for place, field in made:
        held[place] = field.from_db_value(held[place], None, connection)
    return model.from_db(connection.alias, names, held)


@cache
def _read(model: type[models.Model]) -> tuple[list[str], list[tuple[int, Any]]]:
    """The names of its columns, and by place the fields that make something else of what the database gives."""
    fields = list(enumerate(model._meta.concrete_fields))
    made = [(place, field) for place, field in fields if hasattr(field, "from_db_value")]
    return [field.attname for _, field in fields], made
