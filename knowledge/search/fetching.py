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

Names = tuple[str, ...]


def _of(model: type[Model], names: str) -> Names:
    """These fields, in the order of the model, which is how a row becomes one of its objects."""
    return tuple(field.attname for field in model._meta.concrete_fields if field.attname in names.split())


_DOCUMENT = _of(Document, "id slug kind tool_type current_revision_id")
_REVISION = _of(Revision, "id document_id number title summary body review_due")
# What the index takes in of a document.
_ENTRY = _of(Document, "id version kind tool_type retired_at changed_at current_revision_id")
_ENTRY_REVISION = _of(Revision, "id title summary body keywords codes")
_RECOMMENDATION = _of(Recommendation, "id revision_id key text strength grade verified_on verified_by due_on")


_CURRENT: Any = Document._meta.get_field("current_revision")
_LISTED: Any = type(Recommendation.objects.none())


class IsAny(Func):
    """Whether a column is one of many keys, given to the database as one value; Django's ``in`` makes one of each."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, column: str, keys: Iterable[int]) -> None:
        super().__init__(F(column), Value(_listed(keys)))


def documents(keys: Sequence[int]) -> dict[int, Document]:
    """These documents, each with its current revision and that one's recommendations in order; as far as a hit shows
    them, the rest is read when it is asked for."""
    found = _with_revisions(_asked(_documents(), keys), _DOCUMENT, _REVISION)
    return {document.pk: document for document in found if document.current_revision}


def entries(keys: Sequence[int]) -> list[tuple[Document, list[tuple[str, str]]]]:
    """These documents, as far as the index takes them in, each with the slugs and names of its specialties."""
    named: dict[int, list[tuple[str, str]]] = {}
    for key, slug, name in _asked(_specialties(), keys):
        named.setdefault(key, []).append((slug, name))
    found = _with_revisions(_asked(_entries(), keys), _ENTRY, _ENTRY_REVISION)
    return [(document, named.get(document.pk, [])) for document in found]


def _with_revisions(rows: list[Any], of_document: Names, of_revision: Names) -> list[Document]:
    found, revisions = [], {}
    for row in rows:
        document = _made(Document, of_document, row)
        if document.current_revision_id is not None:
            revision = revisions[document.current_revision_id] = _made(Revision, of_revision, row[len(of_document) :])
            _CURRENT.set_cached_value(document, revision)  # as ``select_related`` does it
        found.append(document)
    told = defaultdict(list)
    for row in _asked(_recommendations(), list(revisions)):
        recommendation = _made(Recommendation, _RECOMMENDATION, row)
        told[recommendation.revision_id].append(recommendation)
    for key, revision in revisions.items():
        _prefetched(revision, told[key])
    return found


def published(keys: Sequence[int]) -> dict[int, str]:
    """The kinds of those of these documents that are published."""
    return dict(_asked(_published(), keys))


def specialties(keys: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The slugs of these documents' specialties."""
    found: dict[int, list[str]] = {}
    for key, slug, _ in _asked(_specialties(), keys):
        found.setdefault(key, []).append(slug)
    return {key: tuple(slugs) for key, slugs in found.items()}


def _prefetched(revision: Any, rows: list[Recommendation]) -> None:
    """As ``prefetch_related`` leaves it; it asks the manager for each list, which takes as long as reading all rows."""
    held = _LISTED(Recommendation)
    held._result_cache, held._prefetch_done = rows, True
    revision._prefetched_objects_cache = {"recommendations": held}


def _made(model: type[Model], names: Names, row: Sequence[Any]) -> Any:
    return model.from_db("default", names, row[: len(names)])


@lru_cache(maxsize=1)
def _documents() -> str:
    return _documents_text(_DOCUMENT, _REVISION)


@lru_cache(maxsize=1)
def _entries() -> str:
    return _documents_text(_ENTRY, _ENTRY_REVISION)


def _documents_text(of_document: Names, of_revision: Names) -> str:
    revision = [f"current_revision__{name.removesuffix('_id')}" for name in of_revision]
    rows = Document.objects.filter(IsAny("pk", ()))
    return _text(rows.order_by().values_list(*of_document, *revision))


@lru_cache(maxsize=1)
def _published() -> str:
    return _text(Document.objects.published().filter(IsAny("pk", ())).order_by().values_list("pk", "kind"))


@lru_cache(maxsize=1)
def _recommendations() -> str:
    return _text(Recommendation.objects.filter(IsAny("revision_id", ())).values_list(*_RECOMMENDATION))


@lru_cache(maxsize=1)
def _specialties() -> str:
    rows = Document.specialties.through.objects.filter(IsAny("document_id", ()))
    return _text(rows.order_by("specialty_id").values_list("document_id", "specialty__slug", "specialty__name"))


def _text(rows: QuerySet[Any, Any]) -> str:
    """The query with one place left open, for the keys."""
    text, open_places = rows.query.sql_with_params()
    assert open_places == (_listed(()),), text
    return text


def _asked(text: str, keys: Sequence[int]) -> list[Any]:
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(text, [_listed(keys)])
        found: list[Any] = cursor.fetchall()
    return found


def _listed(keys: Iterable[int]) -> str:
    """Keys as the database writes a list, far quicker than the driver does it."""
    return f"{{{','.join(map(str, keys))}}}"
