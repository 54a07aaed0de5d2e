"""What the index holds of a document. Raise VERSION with every change here, so that an older index is rebuilt."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from whoosh.columns import NumericColumn
from whoosh.fields import COLUMN, ID, KEYWORD, TEXT, FieldType, Schema
from whoosh.formats import Existence

from knowledge.flows import BLOCK
from knowledge.models import Document
from knowledge.search import fetching
from knowledge.search.folding import initials, pairs, spelled, stems, surface

VERSION = 4
KINDS = tuple(Document.Kind.values)
_CHUNK = 500


class Counted(Existence):
    """Words that stand ready in a list, and how often; nothing else is kept of them.

    The engine's own formats make an object of every word and keep its count twice.
    """

    def word_values(self, value: Any, analyzer: Any, **kwargs: Any) -> Iterator[tuple[Any, int, float, bytes]]:
        """(word, how often, its weight, nothing more) of each word."""
        for word, count in Counter(value).items():
            yield word, count, float(count), b""


def schema() -> Schema:
    """What names the document (title and key words) and everything (both stemmed), the pairs of neighbouring words and
    the initials of its names, exact codes, what filters go by, and a dictionary of whole words."""
    return Schema(
        id=ID(stored=True, unique=True),
        title=_split(TEXT(phrase=False)),
        text=_split(TEXT(phrase=False)),
        pairs=_split(KEYWORD()),
        initials=_split(KEYWORD()),
        words=_split(KEYWORD()),
        codes=_split(KEYWORD()),
        kind=ID(),
        specialties=_split(KEYWORD()),
        key=COLUMN(NumericColumn("i")),
        kind_at=COLUMN(NumericColumn("B")),
        changed=COLUMN(NumericColumn("i")),
    )


def _split(field: FieldType) -> FieldType:
    field.format = Counted()
    return field


def read(ids: Iterable[int]) -> Iterator[tuple[int, int, dict[str, Any] | None]]:
    """For each document: its key, its version, and what to index, None when it is not to be found (any more)."""
    keys = list(ids)
    for start in range(0, len(keys), _CHUNK):
        for document, specialties in fetching.entries(keys[start : start + _CHUNK]):
            yield document.pk, document.version, _fields(document, specialties)


def _fields(document: Document, specialties: list[tuple[str, str]]) -> dict[str, Any] | None:
    revision = document.current_revision
    if revision is None or document.retired_at is not None:
        return None
    text = "\n".join((everything(document), *(name for _, name in specialties), document.kind_name))
    names = (revision.title, *revision.keywords)
    found = spelled(text)
    return {
        "id": str(document.pk),
        "title": stems("\n".join(names)),
        "text": stems(text, found),
        "pairs": list({pair for name in names for pair in pairs(name)}),
        "initials": list({short for name in names for short in initials(name)}),
        "words": surface(found),
        "codes": list({*revision.codes, *(code.partition(".")[0] for code in revision.codes)}),
        "kind": document.kind,
        "specialties": [slug for slug, _ in specialties],
        "key": document.pk,
        "kind_at": KINDS.index(document.kind),
        "changed": document.changed_at.toordinal(),
    }


def everything(document: Document) -> str:
    """All that a published document says."""
    revision = document.current_revision
    assert revision is not None
    told = (recommendation.text for recommendation in revision.recommendations.all())
    return "\n".join((revision.title, revision.summary, *revision.keywords, *told, BLOCK.sub(" ", revision.body)))
