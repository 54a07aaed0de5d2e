"""The parts of a document's page that are the same for every reader: drawn once, and kept by each process.

What they are drawn from is their name in the cache, so whatever changes is drawn anew and nothing is ever cleared.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from knowledge.models import Document, Revision
from knowledge.reader import AtHand
from portal.members.directory import Listed

SECONDS = 86_400
_DOCUMENT = ("slug", "kind", "tool_type", "retired_at")
_REVISION = ("number", "title", "summary", "body", "calculator", "source", "codes", "review_due", "published_at")
_RECOMMENDATION = ("key", "text", "strength", "grade", "verified_on", "verified_by", "due_on")
_REFERENCE = ("citation", "identifier", "link")
_SPECIALTY = ("slug", "name")


@dataclass(frozen=True)
class Fragments:
    """``name`` says what the parts are drawn from; ``seconds`` how long they are kept, 0 for not at all."""

    name: str = ""
    seconds: int = 0


def fragments(revision: Revision, here: AtHand) -> Fragments:
    """For the page of a published revision that carries no notes of an organization."""
    if revision.state == Revision.State.DRAFT:
        return Fragments()
    return _named(
        _facts([revision.document], _DOCUMENT),
        _facts([revision], _REVISION),
        _facts(here.recommendations, _RECOMMENDATION),
        _facts(here.references, _REFERENCE),
        _facts(here.specialties, _SPECIALTY),
    )


def aside(document: Document, here: AtHand, experts: Iterable[Listed], *, asks: bool) -> Fragments:
    """For what stands beside the current revision, for readers who may neither edit nor verify it."""
    return _named(
        document.slug,
        asks,
        _facts(here.specialties, _SPECIALTY),
        [_expert(one) for one in experts],
        [(one.slug, one.kind_name, one.current_revision and one.current_revision.title) for one in here.related],
    )


def _expert(one: Listed) -> list[object]:
    back = one.is_away and one.person.away_until
    return [one.person.pk, one.person.name, back, one.profile.answers_when, _facts(one.specialties, _SPECIALTY)]


def _facts(rows: Iterable[object], names: Sequence[str]) -> list[list[object]]:
    return [[getattr(one, name) for name in names] for one in rows]


def _named(*facts: object) -> Fragments:
    """Under the reader's day and zone: by them days are written, and things are overdue."""
    told = repr((timezone.localdate(), timezone.get_current_timezone_name(), facts))
    return Fragments(hashlib.sha256(told.encode()).hexdigest(), SECONDS)
