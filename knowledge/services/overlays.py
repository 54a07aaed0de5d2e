"""Writing an organization's notes beside the network's text: its administrators and local editors do."""

from django.db import transaction
from django.utils import timezone

from knowledge import anchoring
from knowledge.anchoring import Passage
from knowledge.models import Document, Overlay, Revision
from knowledge.passages import passages
from portal.common.audit import record
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Organization, Person
from portal.members.policy import Action, Denied, can

LONGEST = 2000
MOST = 30
"""Notes of one organization on one document: beside a text, not instead of it."""


@transaction.atomic
def add_overlay(
    *, document: Document, organization: Organization, revision: int, passage: int, text: str, by: Person
) -> Overlay:
    """Put a note beside a passage, named by its number in the revision that was read.

    Raises Refused for anyone who may not write there, Invalid for a text that is empty or too long or a passage that is
    not there, and Conflict when the passage has changed since, the document is retired, or there are notes enough.
    """
    _require(by, organization.pk)
    text = _checked(text)
    document = _locked(document)
    current = _current(document)
    if document.retired_at:
        raise Conflict("This document is retired. Notes on it can be changed and deleted, not added.")
    chosen = chosen_passage(document, current, revision, passage)
    if Overlay.objects.filter(document=document, organization=organization).count() >= MOST:
        raise Conflict(f"{organization.name} has {MOST} notes on this document, which is the most there may be.")
    overlay = Overlay.objects.create(
        organization=organization, document=document, text=text, author=by, changed_by=by, **_anchor(current, chosen)
    )
    _record("add", overlay, by)
    return overlay


@transaction.atomic
def change_overlay(*, overlay: Overlay, text: str, by: Person, version: int | None = None) -> Overlay:
    """Say something else in the same place. Conflict when ``version`` is not the one that was read any more."""
    row = _again(overlay, by, version)
    text = _checked(text)
    if text != row.text:
        row.text = text
        _touch(row, by, "text")
        _record("change", row, by)
    return row


@transaction.atomic
def keep_overlay(*, overlay: Overlay, revision: int, passage: int, by: Person) -> Overlay:
    """Fasten a note to another passage of the current revision, mostly to what its own has become. Its text stays.

    Conflict when the document has been published anew since ``revision`` was read.
    """
    row = _again(overlay, by, None)
    current = _current(_locked(row.document))
    if revision != current.number:
        raise Conflict("The document has been published anew meanwhile. Look at the passage as it is now.")
    for field, value in _anchor(current, _numbered(current, passage)).items():
        setattr(row, field, value)
    row.flagged_at = None
    _touch(row, by, "revision", "place", "key", "number", "quote", "quote_hash", "flagged_at")
    _record("keep", row, by)
    return row


@transaction.atomic
def delete_overlay(*, overlay: Overlay, by: Person) -> None:
    """Take a note away for good."""
    row = _again(overlay, by, None)
    _record("delete", row, by)
    row.delete()


def chosen_passage(document: Document, current: Revision, revision: int, passage: int) -> Passage:
    """The passage of the current revision that says what the one that was read said."""
    if revision == current.number:
        return _numbered(current, passage)
    read = document.revisions.ever_published().filter(number=revision).first()
    if read is None:
        raise Invalid(passage="Choose a passage of the document.")
    old = _numbered(read, passage)
    there = Overlay(place=old.place, key=old.key, quote=old.text, number=old.number)
    if (found := anchoring.find(there, passages(current))) is None:
        raise Conflict("This passage has changed since you opened the page. Choose where the note belongs now.")
    return found


def _numbered(revision: Revision, number: int) -> Passage:
    found = passages(revision)
    if not 0 <= number < len(found):
        raise Invalid(passage="Choose a passage of the document.")
    return found[number]


def _anchor(revision: Revision, passage: Passage) -> dict[str, object]:
    return {
        "revision": revision,
        "place": passage.place.value,
        "key": passage.key,
        "number": passage.number,
        "quote": passage.text,
        "quote_hash": anchoring.digest(passage.text),
    }


def _locked(document: Document) -> Document:
    """Publishing takes the same lock, so that no note is added to a text that is just being replaced."""
    return Document.objects.select_for_update(no_key=True).get(pk=document.pk)


def _current(document: Document) -> Revision:
    if document.current_revision is None:
        raise Conflict("This document is not published.")
    return document.current_revision


def _again(overlay: Overlay, by: Person, version: int | None) -> Overlay:
    """The note as it is now, locked. The document first, as publishing does."""
    _require(by, overlay.organization_id)
    _locked(overlay.document)
    row = Overlay.objects.select_for_update(of=["self"]).filter(pk=overlay.pk).first()
    if row is None:
        raise Conflict("This note has been deleted meanwhile.")
    if version is not None and row.version != version:
        raise Conflict(f"{row.changed_by.name} has changed this note meanwhile.")
    return row


def _require(by: Person, organization_id: int) -> None:
    decision = can(by.actor, Action.ANNOTATE, organization_id)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)


def _checked(text: str) -> str:
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not text:
        raise Invalid(text="Write what your people should know.")
    if len(text) > LONGEST:
        raise Invalid(text=f"A note has at most {LONGEST:,} characters; this one has {len(text):,}.")
    return text


def _touch(row: Overlay, by: Person, *fields: str) -> None:
    row.version += 1
    row.changed_by, row.changed_at = by, timezone.now()
    row.save(update_fields=[*fields, "version", "changed_by", "changed_at"])


def _record(action: str, overlay: Overlay, by: Person) -> None:
    record(
        by=by,
        action=f"overlay.{action}",
        object_type="document",
        object_id=overlay.document.slug,
        organization_id=overlay.organization_id,
        overlay=overlay.pk,
        revision=overlay.revision.number,
        place=overlay.place,
        characters=len(overlay.text),
    )
