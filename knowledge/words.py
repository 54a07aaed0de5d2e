"""Words as PostgreSQL's full text sees them, the same for what is kept and what is asked.

``consilium_fold`` does in the database what ``knowledge.search.terms`` does here: accents go, British spellings become
American, and what is no word parts.
"""

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import F, Func, TextField, Value

CONFIG = "english"


def words_of(*fields: str) -> SearchVector:
    """The words of these fields, stemmed; for a generated column."""
    return SearchVector(*(_folded(F(name)) for name in fields), config=CONFIG)


def asked(word: str) -> SearchQuery:
    """What matches ``word`` in any of its forms."""
    return SearchQuery(_folded(Value(word)), config=CONFIG)


def _folded(text: F | Value) -> Func:
    return Func(text, function="consilium_fold", output_field=TextField())
