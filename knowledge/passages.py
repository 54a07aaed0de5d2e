"""The passages of a revision: its summary, recommendations, the steps of its decision flows, and its text."""

from collections.abc import Iterable, Iterator
from itertools import count

from knowledge.anchoring import Passage, Place, normal
from knowledge.models import Recommendation, Revision
from knowledge.rendering import rendered


def passages(revision: Revision, recommendations: Iterable[Recommendation] | None = None) -> tuple[Passage, ...]:
    """Every passage in the order of the page; a query for the recommendations unless they are given or prefetched."""
    rows = revision.recommendations.all() if recommendations is None else recommendations
    numbers = count()
    return tuple(
        Passage(place, next(numbers), text, key, kind, under)
        for place, text, key, kind, under in _found(revision, rows)
        if text
    )


def _found(revision: Revision, recommendations: Iterable[Recommendation]) -> Iterator[tuple[Place, str, str, str, str]]:
    yield Place.SUMMARY, normal(revision.summary), "", "summary", ""
    for row in recommendations:
        yield Place.RECOMMENDATION, normal(row.text), row.key, "recommendation", "Recommendations"
    body = rendered(revision)
    for flow in body.flows:
        for step in flow.steps:
            yield Place.FLOW, normal(step.text), "", "step", "Decision flow"
    for block in body.blocks:
        yield Place.TEXT, block.text, "", block.kind, block.under
