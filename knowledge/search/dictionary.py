"""The words of the published documents, for the second engine: how rare each is, and the nearest to one mistyped.

Working it out reads every entry, so that it is done now and then, and a word may be known before it is counted.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from whoosh.support.levenshtein import distance

from knowledge.models import Document
from knowledge.search.terms import stem_of
from portal.common import heartbeat

EVERY = timedelta(minutes=10)
_LEARNT = "search words"
_SHORTEST = 4
_LOCK = 4_004

_COUNT = """
SELECT t.word, coalesce((SELECT sum(w.documents) FROM knowledge_searchword w WHERE w.stem = t.stem), 0),
       EXISTS (SELECT 1 FROM knowledge_searchentry WHERE words @@ plainto_tsquery('english', t.word))
  FROM (SELECT word, (ts_lexize('english_stem', consilium_fold(word)))[1] AS stem FROM unnest(%s::text[]) AS word) t
"""
_NEAR = """
SELECT word, documents FROM knowledge_searchword
 WHERE length(word) BETWEEN %(shortest)s AND %(longest)s AND (word LIKE %(begins)s OR word LIKE %(ends)s)
"""
_LEARN = """
INSERT INTO knowledge_searchword (word, stem, documents)
SELECT word, coalesce((ts_lexize('english_stem', consilium_fold(word)))[1], ''), ndoc
  FROM ts_stat('SELECT surface FROM knowledge_searchentry')
 WHERE length(word) BETWEEN 4 AND 80 AND word ~ '^[[:alpha:]]+$'
"""


def known(words: Iterable[str]) -> dict[str, int]:
    """In how many documents each of these words stands, in any form; 0 for those in none."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [list(words)])
        return {word: max(int(counted), int(found)) for word, counted, found in cursor.fetchall()}


def documents() -> int:
    """How many documents the dictionary comes from, about; 0 while there is no dictionary."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(documents), 0) FROM knowledge_searchword")
        return int(cursor.fetchone()[0])


def nearest(word: str) -> str:
    """The nearest word of the documents, the commonest among equals; empty when none is near."""
    if len(word) < _SHORTEST or not word.isalpha():
        return ""
    furthest = 1 if len(word) < 6 else 2
    asked: dict[str, int | str] = {
        "shortest": len(word) - furthest,
        "longest": len(word) + furthest,
        "begins": f"{word[0]}%",
        "ends": f"%{word[-3:]}",
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, asked)
        rows = cursor.fetchall()
    near = [
        (found, candidate[0] != word[0], -count, candidate)
        for candidate, count in rows
        if (found := distance(word, candidate, limit=furthest)) <= furthest and stem_of(candidate)
    ]
    return str(min(near)[3]) if near else ""


def refresh(*, at_once: bool = False) -> int:
    """Work the dictionary out anew when documents changed since, one process at a time, every ten minutes at most.

    Gives the number of words; 0 when there was nothing to do.
    """
    changed = Document.objects.filter(version__gt=0).aggregate(at=Max("changed_at"))["at"]
    age = heartbeat.age(_LEARNT)
    if changed is None or (age is not None and (timezone.now() - age > changed or (age < EVERY and not at_once))):
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        heartbeat.beat(_LEARNT)
        cursor.execute("DELETE FROM knowledge_searchword")
        cursor.execute(_LEARN)
        return int(cursor.rowcount)
