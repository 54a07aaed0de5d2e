"""The passages of a revision: its summary, recommendations, the steps of its decision flows, and its text."""

from collections.abc import Iterator
from itertools import count

from knowledge.anchoring import Passage, Place, normal
from knowledge.models import Revision
from knowledge.rendering import rendered


def passages(revision: Revision) -> tuple[Passage, ...]:
    """Every passage in the order of the page; costs a query for the recommendations unless they were fetched."""
    numbers = count()
    return tuple(
        Passage(place, next(numbers), text, key, kind, under)
        for place, text, key, kind, under in _found(revision)
        if text
    )


def _found(revision: Revision) -> Iterator[tuple[Place, str, str, str, str]]:
    yield Place.SUMMARY, normal(revision.summary), "", "summary", ""
    for row in revision.recommendations.all():
        yield Place.RECOMMENDATION, normal(row.text), row.key, "recommendation", "Recommendations"
    body = rendered(revision)
    for flow in body.flows:
        for step in flow.steps:
            yield Place.FLOW, normal(step.text), "", "step", "Decision flow"
    for block in body.blocks:
        yield Place.TEXT, block.text, "", block.kind, block.under


def number_of_first_block(found: tuple[Passage, ...]) -> int:
    """The number of the passage that is the text's first block."""
    return next((passage.number for passage in found if passage.place == Place.TEXT), len(found))
