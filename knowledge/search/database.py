"""The second engine: PostgreSQL's full text over ``SearchEntry``. It also answers while the first one is away.

Its entries are written by the transaction that publishes, so that it is never behind and has nothing to catch up.
"""

from collections.abc import Collection, Mapping
from functools import reduce
from math import log
from operator import or_

from django.contrib.postgres.search import SearchRank
from django.db import connection
from django.db.models import Case, F, FloatField, Q, Value, When
from django.db.models.expressions import Combinable

from knowledge import words
from knowledge.models import Document, DocumentQuerySet, SearchEntry
from knowledge.search import dictionary
from knowledge.search.engine import CANDIDATES, NOTHING_LEFT_OUT, Only, Ranking
from knowledge.search.fetching import IsAny
from knowledge.search.terms import Terms, stem_of

_TAIL = 0.25
_CODE = 6.0
_MOST_TERMS = 12
# Of the labels D, C, B and A: text, places, summary and recommendations, title and key words.
_LABELS = [0.2, 0.2, 0.4, 1.0]


def rank(terms: Terms, only: Only = NOTHING_LEFT_OUT) -> Ranking:
    """The best candidates for ``terms``: rare words count for more. Words in no document are put right if one is near.

    Spelling and rarity come from the dictionary; without one every word counts the same.
    """
    known = dictionary.known(terms.stems.values())
    put_right = {
        stem: right for stem, word in terms.stems.items() if not known[word] and (right := dictionary.nearest(word))
    }
    looked_for = dict.fromkeys(put_right.get(stem, word) for stem, word in terms.stems.items())
    weights = _telling(looked_for, known | dictionary.known(put_right.values()))
    scores = _scores(weights, terms, only)
    floor = max(scores.values(), default=0.0) * _TAIL
    return Ranking(
        {key: score for key, score in scores.items() if score >= floor},
        {stem_of(word): weight for word, weight in weights.items()},
        put_right,
    )


def project(keys: Collection[int] | None = None) -> None:
    """Bring the entries of these documents, of all when None, to what is published, in the running transaction."""
    chosen = "" if keys is None else "WHERE document_id = ANY (%(keys)s)"
    parameters = {"keys": sorted(keys or ())}
    with connection.cursor() as cursor:
        cursor.execute(_WRITE.format(chosen=chosen), parameters)
        cursor.execute(_CLEAN.format(chosen=chosen or "WHERE true"), parameters)


_WRITE = """
INSERT INTO knowledge_searchentry (document_id, words, surface, codes)
SELECT document_id, words, surface, codes FROM knowledge_searchable {chosen}
    ON CONFLICT (document_id) DO UPDATE SET words = excluded.words, surface = excluded.surface, codes = excluded.codes
"""
_CLEAN = """
DELETE FROM knowledge_searchentry e {chosen}
   AND NOT EXISTS (SELECT 1 FROM knowledge_document d
                    WHERE d.id = e.document_id AND d.retired_at IS NULL AND d.current_revision_id IS NOT NULL)
"""


def _telling(looked_for: Mapping[str, None], known: Mapping[str, int]) -> dict[str, float]:
    """The rarest of the words, with how rare each is; a long text is searched by these alone."""
    total = dictionary.documents()
    weights = {word: log((total + 1) / (min(known[word], total) + 1)) + 1 if total else 1.0 for word in looked_for}
    return dict(sorted(weights.items(), key=lambda item: -item[1])[:_MOST_TERMS])


def _scores(weights: Mapping[str, float], terms: Terms, only: Only) -> dict[int, float]:
    codes = terms.codes
    asked = {word: words.asked(word) for word in weights}
    wanted = Q(codes__overlap=list(codes)) if codes else Q(pk__in=())
    if asked:
        wanted |= Q(words=reduce(or_, asked.values()))
    score: Combinable = Value(0.0)
    if codes:
        score = Case(When(codes__overlap=list(codes), then=Value(_CODE)), default=Value(0.0), output_field=FloatField())
    for word, weight in weights.items():
        score = score + Value(weight) * SearchRank(F("words"), asked[word], weights=_LABELS)
    entries = SearchEntry.objects.filter(wanted)
    for stem in terms.without:
        entries = entries.exclude(words=words.asked(stem))
    entries = entries.filter(document__in=_wanted(only))
    ranked = entries.annotate(score=score).order_by("-score", F("document__changed_at").desc(), "pk")
    return dict(ranked.values_list("pk", "score")[:CANDIDATES])


def _wanted(only: Only) -> DocumentQuerySet:
    """The documents that the filters leave."""
    documents = Document.objects.published()
    if only.kind:
        documents = documents.filter(kind=only.kind)
    if only.specialty:
        documents = documents.filter(specialties__slug=only.specialty)
    if only.since:
        documents = documents.filter(changed_at__date__gte=only.since)
    if only.keys is not None:
        documents = documents.filter(IsAny("pk", only.keys))
    return documents.with_code(only.code) if only.code else documents
