"""Names together that are a disease, a microbe, or an author of what is cited: nobody's name here."""

import re
from collections.abc import Iterator

from portal.common.likely.lists import any_of, listed, plain

_CITED = re.compile(any_of("nobody"))
# Churg Strauss: the list of words of medicine has Churg-Strauss.
_TWO = re.compile(r"(?<![\w-])(?=([^\W\d_]{3,})[ -]([^\W\d_]{3,})(?![\w-]))")


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where they stand."""
    yield from (match.span() for match in _CITED.finditer(text))
    for match in _TWO.finditer(text):
        if f"{plain(match[1])}-{plain(match[2])}" in listed("clinical"):
            yield match.start(1), match.end(2)
