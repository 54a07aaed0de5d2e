"""What a search gives back."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from knowledge.models import Document, Recommendation
    from portal.members.models import Specialty


@dataclass(frozen=True)
class Hit:
    """One document found. ``passage`` is HTML that is safe to show: escaped, with the typed words in <mark>.

    ``recommendation`` is the one the passage comes from, None when it comes from elsewhere in the document.
    """

    document: "Document"
    score: float
    passage: SafeString
    recommendation: "Recommendation | None"


@dataclass(frozen=True)
class Facets:
    """How many documents of each kind, and of each specialty (by slug), most first."""

    kind: dict[str, int] = field(default_factory=dict)
    specialty: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Results:
    """One page of what was found.

    ``suggestion`` is the question with words the index does not know put right, None when it knows them all;
    ``corrected`` says that the hits were found with it. ``degraded`` says that the engine was away and the database
    answered.
    """

    count: int = 0
    hits: list[Hit] = field(default_factory=list)
    facets: Facets = field(default_factory=Facets)
    suggestion: str | None = None
    corrected: bool = False
    degraded: bool = False


@dataclass(frozen=True)
class Suggested:
    """A specialty that would know, and why: the titles that speak for it."""

    specialty: "Specialty"
    reason: str
