"""The codes of ICD-10-CM: loaded once from the package that carries CMS's tabular list, and found by code or words."""

import re
import warnings
from collections.abc import Iterator

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection, transaction
from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Length

from knowledge.models import Code
from portal.common.audit import record

FOUND = 12
_CODE = re.compile(r"[A-Z]\d[0-9A-Z]?(?:\.?[0-9A-Z]{0,4})?")
_KEPT = re.compile(r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?")


@transaction.atomic
def load_codes(*, by: str) -> int:
    """Put the package's codes in place of those that are there. How many there are now."""
    rows = list(_rows())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM knowledge_code")
        with cursor.copy("COPY knowledge_code (code, title, is_leaf) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    record(by=by, action="codes.load", object_type="codes", object_id="ICD-10-CM", codes=len(rows))
    return len(rows)


def are_loaded() -> bool:
    return Code.objects.exists()


def find_codes(words: str, *, limit: int = FOUND) -> list[Code]:
    """The codes that begin as typed; else those whose titles hold every word or its beginning, short titles first."""
    typed = " ".join(words.replace("\0", "").split())[:100]
    if _CODE.fullmatch(typed.upper()):
        stem = typed.upper().replace(".", "")
        dotted = stem if len(stem) <= 3 else f"{stem[:3]}.{stem[3:]}"
        return list(Code.objects.filter(code__startswith=dotted).order_by("code")[:limit])
    parts = re.findall(r"\w+", typed.lower())[:8]
    if not parts or len(typed) < 2:
        return []
    query = SearchQuery(" & ".join(f"{part}:*" for part in parts), config="english", search_type="raw")
    found = Code.objects.annotate(words=SearchVector("title", config="english")).filter(words=query)
    first = Case(When(Q(title__istartswith=typed), then=Value(0)), default=Value(1), output_field=IntegerField())
    return list(found.annotate(first=first, length=Length("title")).order_by("first", "length", "code")[:limit])


def titles_of(codes: list[str]) -> dict[str, str]:
    """What each of the codes that are known means."""
    return dict(Code.objects.filter(code__in=codes).values_list("code", "title"))


def _rows() -> Iterator[tuple[str, str, bool]]:
    """From the package, which reads its whole list when it is imported: never in a web process."""
    with warnings.catch_warnings():
        # It reads its own list by a way that Python 3.11 alone calls deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        import simple_icd_10_cm as codes

    for code in dict.fromkeys(codes.get_all_codes(with_dots=True)):
        if _KEPT.fullmatch(code):
            yield code, codes.get_description(code)[:300], codes.is_leaf(code)
