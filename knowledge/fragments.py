"""The parts of a document's page that are the same for every reader: drawn once, and kept by each process.

What they are drawn from is their name in the cache, so whatever changes is drawn anew and nothing is ever cleared.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from knowledge.models import Recommendation, Reference, Revision

SECONDS = 86_400
_RECOMMENDATION = ("key", "text", "strength", "grade", "verified_on", "verified_by", "due_on")
_REFERENCE = ("citation", "identifier", "link")


@dataclass(frozen=True)
class Fragments:
    """``name`` says what the parts are drawn from; ``seconds`` how long they are kept, 0 for not at all."""

    name: str = ""
    seconds: int = 0


def fragments(
    revision: Revision, recommendations: Iterable[Recommendation], references: Iterable[Reference], today: date
) -> Fragments:
    """For the page of a published revision that carries no notes of an organization.

    ``today`` is the reader's: what is overdue depends on it.
    """
    if revision.state == Revision.State.DRAFT:
        return Fragments()
    facts = (
        today,
        (revision.document.slug, revision.number, revision.title, revision.body, str(revision.calculator)),
        [[getattr(one, name) for name in _RECOMMENDATION] for one in recommendations],
        [[getattr(one, name) for name in _REFERENCE] for one in references],
    )
    return Fragments(hashlib.sha256(repr(facts).encode()).hexdigest(), SECONDS)
