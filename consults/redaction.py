"""What was taken out of a question with one press, as the page carries it along to put it back. Pure."""

import json
from collections.abc import Mapping

from consults.gate import TEXTS
from portal.common import identifiers
from portal.common.identifiers import Replaced

Pieces = list[tuple[str, Replaced]]
"""Each with the field it was taken out of, in the order in which they were."""
MOST = 200
ALL = "all"


def redact(texts: Mapping[str, str], *, asked: str) -> tuple[dict[str, str], Pieces]:
    """The texts without one piece (``asked`` is its field and words: ``summary:Mr. Gunderson``) or without any."""
    field, _, words = asked.partition(":")
    changed, taken = dict(texts), list[tuple[str, Replaced]]()
    for name in TEXTS:
        if asked == ALL or (name == field and words):
            changed[name], pieces = identifiers.redact(texts[name], only="" if asked == ALL else words)
            taken += [(name, piece) for piece in pieces]
    return changed, taken


def restore(texts: Mapping[str, str], pieces: Pieces) -> dict[str, str]:
    """The texts with the pieces back in them."""
    return {
        name: identifiers.restore(text, [piece for field, piece in pieces if field == name])
        for name, text in texts.items()
    }


def standing(texts: Mapping[str, str], pieces: Pieces) -> Pieces:
    """Those pieces whose bracketed word is still there to be put back."""
    return [(name, piece) for name, piece in pieces if piece.word in texts.get(name, "")]


def as_json(pieces: Pieces) -> str:
    return json.dumps([[name, piece.start, piece.word, piece.words] for name, piece in pieces])


def from_json(text: str) -> Pieces:
    """What the page says was taken out; nothing that is not of that form."""
    try:
        rows = [
            (str(name), Replaced(int(start), str(word), str(words)))
            for name, start, word, words in json.loads(text)[:MOST]
        ]
    except (ValueError, TypeError, KeyError):
        return []
    return [(name, piece) for name, piece in rows if name in TEXTS and piece.word in identifiers.WORDS.values()]
