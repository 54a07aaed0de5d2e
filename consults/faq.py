"""What an answer could say as an FAQ: pure words, for an editor to go on from."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_TITLE = 300
_LONGEST_SUMMARY = 300


@dataclass(frozen=True)
class Prefilled:
    """The fields of the form before the editor has touched them."""

    title: str
    summary: str
    body: str


def prefilled(*, question: str, answers: Iterable[str], cited: Iterable[tuple[str, str]]) -> Prefilled:
    """The question and the answers as an FAQ; what the requester told of the patient is left out.

    ``cited`` are (identifier, title) of the documents the answers rest on.
    """
    said = [text.strip() for text in answers if text.strip()]
    links = [f"- [{_flat(title)}](document:{slug})" for slug, title in dict(cited).items()]
    parts = ["## Answer", *said, *(["## See also", "\n".join(links)] if links else [])]
    return Prefilled(
        title=" ".join(question.split())[:LONGEST_TITLE],
        summary=_first_sentence(said[-1]) if said else "",
        body="\n\n".join(parts),
    )


def _first_sentence(text: str) -> str:
    first = re.split(r"(?<=[.!?])\s", " ".join(text.split()), maxsplit=1)[0]
    return first if len(first) <= _LONGEST_SUMMARY else ""


def _flat(title: str) -> str:
    return " ".join(title.split()).replace("[", "(").replace("]", ")")
