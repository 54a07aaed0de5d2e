"""The editorial life of a revision, as pure rules over values: which state may follow which, and how many must approve.

The database holds to the same table (a trigger of migration 0002); tests compare the two.
"""

from collections.abc import Mapping

from knowledge.models import Document, Revision

State = Revision.State

FOLLOWS: Mapping[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.IN_REVIEW, State.PUBLISHED}),  # published at once only by a command that imports
    State.IN_REVIEW: frozenset({State.APPROVED, State.RETURNED}),
    State.RETURNED: frozenset(),
    State.APPROVED: frozenset({State.SCHEDULED, State.PUBLISHED, State.RETURNED}),
    State.SCHEDULED: frozenset({State.APPROVED, State.PUBLISHED, State.RETURNED}),
    State.PUBLISHED: frozenset({State.SUPERSEDED, State.RETIRED}),
    State.SUPERSEDED: frozenset(),
    State.RETIRED: frozenset(),
}
# A protocol is acted on at the bedside, and a tool computes what is given: two pairs of eyes besides the author's.
APPROVALS: Mapping[str, int] = {Document.Kind.PROTOCOL: 2, Document.Kind.TOOL: 2}


def may_follow(before: str, after: str) -> bool:
    """Whether a revision in state ``before`` may become ``after``."""
    return after in FOLLOWS[before]


def approvals_needed(kind: str) -> int:
    """How many people other than its authors must approve a revision of a document of this kind."""
    return APPROVALS.get(kind, 1)
