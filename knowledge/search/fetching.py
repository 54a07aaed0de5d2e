"""Reading what the hits of a page show. The text of each query is worked out once: Django takes longer for that than
the database takes for the answer.

Who may see a document is decided before, by the querysets; what is asked for here by its key may be shown.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, Model, QuerySet, Value

from knowledge.models import Document, Recommendation, Revision

_DOCUMENT = ("id", "slug", "kind", "tool_type", "current_revision_id")
_REVISION = ("id", "document_id", "number", "title", "summary", "body", "review_due")
_RECOMMENDATION = (
    "id", "revision_id", "key", "text", "strength", "grade", "verified_on", "verified_by", "due_on",
)  # fmt: skip


class IsAny(Func):
    """Whether a column is one of many keys, given to the database as one value; Django's ``in`` makes one of each."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, column: str, keys: Iterable[int]) -> None:
        super().__init__(F(column), Value(list(keys)))


def documents(keys: Sequence[int]) -> dict[int, Document]:
    """These documents, each with its current revision and that one's recommendations in order; as far as a hit shows
    them, the rest is read when it is asked for."""
    found = {}
    rows = _asked(_documents(), keys)
    for row in rows:
        document = _made(Document, _DOCUMENT, row)
        revision = _made(Revision, _REVISION, row[len(_DOCUMENT) :])
        document.current_revision = revision
        found[document.pk] = document
    revisions = [document.current_revision for document in found.values()]
    told = defaultdict(list)
    for row in _asked(_recommendations(), [revision.pk for revision in revisions if revision]):
        told[row[1]].append(_made(Recommendation, _RECOMMENDATION, row))
    for revision in revisions:
        if revision:
            _prefetched(revision, told[revision.pk])
    return found


def specialties(keys: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The slugs of these documents' specialties."""
    found: dict[int, list[str]] = {}
    for key, slug in _asked(_specialties(), keys):
        found.setdefault(key, []).append(slug)
    return {key: tuple(slugs) for key, slugs in found.items()}


def _prefetched(revision: Any, rows: list[Recommendation]) -> None:
    """As ``prefetch_related`` leaves it."""
    held = revision.recommendations.all()
    held._result_cache, held._prefetch_done = rows, True
    revision._prefetched_objects_cache = {"recommendations": held}


def _made(model: type[Model], names: tuple[str, ...], row: Sequence[Any]) -> Any:
    return model.from_db("default", names, row[: len(names)])


@lru_cache(maxsize=1)
def _documents() -> str:
    revision = [f"current_revision__{name.removesuffix('_id')}" for name in _REVISION]
    rows = Document.objects.exclude(current_revision=None).filter(IsAny("pk", ()))
    return _text(rows.order_by().values_list(*_DOCUMENT, *revision))


@lru_cache(maxsize=1)
def _recommendations() -> str:
    return _text(Recommendation.objects.filter(IsAny("revision_id", ())).values_list(*_RECOMMENDATION))


@lru_cache(maxsize=1)
def _specialties() -> str:
    rows = Document.specialties.through.objects.filter(IsAny("document_id", ()))
    return _text(rows.order_by("specialty_id").values_list("document_id", "specialty__slug"))


def _text(rows: QuerySet[Any, Any]) -> str:
    """The query with one place left open, for the keys."""
    text, open_places = rows.query.sql_with_params()
    assert [list(place) for place in open_places] == [[]], text
    return text


def _asked(text: str, keys: Sequence[int]) -> list[Any]:
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(text, [list(keys)])
        found: list[Any] = cursor.fetchall()
    return found
