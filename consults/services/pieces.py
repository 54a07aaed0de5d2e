"""Saved pieces of answers: a specialist's own, and a section's by its lead."""

from datetime import datetime

from django.db import IntegrityError, transaction

from consults.models import Piece, PieceQuerySet
from consults.policy import may_keep_piece
from portal.common import audit, identifiers
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Specialty
from portal.members.policy import Denied

MAX_TITLE = 80
MAX_TEXT = 4_000
MOST = 200
"""Pieces of one specialist, or of one section: more are not found in two minutes between patients."""


@transaction.atomic
def add(*, by: Person, specialty: Specialty | None, title: str, text: str, attested: bool, at: datetime) -> Piece:
    """A new piece: of the section of ``specialty``, or one's own where that is None.

    Raises Refused for anyone who answers no questions and, for a section's, anyone but its lead; Invalid for a title
    or a text that is missing, too long or taken, or that looks as if it named a patient while ``attested`` is false.
    """
    piece = Piece(owner=None if specialty else by, specialty=specialty)
    _check(piece, by=by)
    if _beside(piece).count() >= MOST:
        raise Invalid(title=f"There are {MOST} pieces already. Remove one that you no longer use.")
    return _save(piece, by=by, title=title, text=text, attested=attested, at=at, action="piece.add")


@transaction.atomic
def change(piece: Piece, *, by: Person, title: str, text: str, attested: bool, at: datetime) -> Piece:
    """Other words for a piece. Answers given with it stay as they are. Raises as ``add`` does."""
    row = _lock(piece, by=by)
    return _save(row, by=by, title=title, text=text, attested=attested, at=at, action="piece.change")


@transaction.atomic
def remove(piece: Piece, *, by: Person) -> None:
    """Take a piece away. Answers given with it stay as they are. Raises Refused as ``add`` does."""
    row = _lock(piece, by=by)
    _record(row, by=by, action="piece.remove")
    row.delete()


def _lock(piece: Piece, *, by: Person) -> Piece:
    row = Piece.objects.select_for_update(of=("self",)).select_related("specialty").filter(pk=piece.pk).first()
    if row is None:
        raise Conflict("This piece was removed already.")
    _check(row, by=by)
    return row


def _check(piece: Piece, *, by: Person) -> None:
    if isinstance(decision := may_keep_piece(by.actor, piece.owner_id, piece.specialty_id), Denied):
        raise Refused(decision.reason)


def _save(piece: Piece, *, by: Person, title: str, text: str, attested: bool, at: datetime, action: str) -> Piece:
    piece.title = " ".join(title.replace("\x00", "").split())
    piece.text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    for field, value, most in (("title", piece.title, MAX_TITLE), ("text", piece.text, MAX_TEXT)):
        if not value:
            raise Invalid(**{field: "Write something first."})
        if len(value) > most:
            raise Invalid(**{field: f"Use at most {most:,} characters; this has {len(value):,}."})
    if not attested and (found := identifiers.find(f"{piece.title}\n{piece.text}")):
        words = ", ".join(f"“{finding.words}”" for finding in found[:3])
        raise Invalid(attested=f"{words} may identify a patient. Take it out, or say that it identifies nobody.")
    piece.changed_by, piece.changed_at = by, at
    try:
        with transaction.atomic():
            piece.save()
    except IntegrityError:
        raise Invalid(title="Another piece has this name. Give this one its own.") from None
    _record(piece, by=by, action=action)
    return piece


def _beside(piece: Piece) -> PieceQuerySet:
    """The pieces kept together with this one."""
    return Piece.objects.filter(owner=piece.owner, specialty=piece.specialty)


def _record(piece: Piece, *, by: Person, action: str) -> None:
    audit.record(by=by, action=action, object_type="piece", object_id=str(piece.pk), organization_id=None)
