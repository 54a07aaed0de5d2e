"""What the index holds of a document. Raise VERSION with every change here, so that an older index is rebuilt."""

from collections.abc import Iterable, Iterator
from typing import Any

from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.analysis.analyzers import CompositeAnalyzer
from whoosh.fields import ID, KEYWORD, TEXT, Schema

from knowledge.flows import BLOCK
from knowledge.models import Document
from knowledge.search.terms import stems, surface

VERSION = 2
_CHUNK = 500


def schema() -> Schema:
    """What names the document (title and key words) and everything (both stemmed), exact codes, what facets filter
    by, and a dictionary of whole words."""
    split = CompositeAnalyzer(SpaceSeparatedTokenizer())
    return Schema(
        id=ID(stored=True, unique=True),
        title=TEXT(analyzer=split, phrase=False),
        text=TEXT(analyzer=split, phrase=False),
        words=KEYWORD(),
        codes=KEYWORD(),
        kind=ID(),
        specialties=KEYWORD(),
    )


def read(ids: Iterable[int]) -> Iterator[tuple[int, int, dict[str, Any] | None]]:
    """For each document: its key, its version, and what to index, None when it is not to be found (any more)."""
    keys = list(ids)
    for start in range(0, len(keys), _CHUNK):
        documents = Document.objects.filter(pk__in=keys[start : start + _CHUNK]).select_related("current_revision")
        for document in documents.prefetch_related("specialties", "current_revision__recommendations"):
            yield document.pk, document.version, _fields(document)


def _fields(document: Document) -> dict[str, Any] | None:
    revision = document.current_revision
    if revision is None or document.retired_at is not None:
        return None
    specialties = list(document.specialties.all())
    parts = [
        revision.title,
        revision.summary,
        *revision.keywords,
        *(recommendation.text for recommendation in revision.recommendations.all()),
        *(specialty.name for specialty in specialties),
        document.kind_name,
        BLOCK.sub(" ", revision.body),
    ]
    everything = "\n".join(parts)
    return {
        "id": str(document.pk),
        "title": stems(" ".join((revision.title, *revision.keywords))),
        "text": stems(everything),
        "words": surface(everything),
        "codes": " ".join({*revision.codes, *(code.partition(".")[0] for code in revision.codes)}),
        "kind": document.kind,
        "specialties": " ".join(specialty.slug for specialty in specialties),
    }
