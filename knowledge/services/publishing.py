"""Publishing a revision and retiring a document."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from knowledge import changes, flows, search
from knowledge.models import Document, Revision
from knowledge.services.declaring import Declared, declare_changes, require_declared
from knowledge.services.flagging import flag_overlays
from knowledge.services.recalling import recall
from knowledge.services.telling import tell_followers
from portal.common.audit import record
from portal.common.hints import wake_on_commit
from portal.common.refusals import Conflict, Refused
from portal.members.models import Person, Specialty
from portal.members.policy import Action, Denied, can

State = Revision.State
READY = (State.APPROVED, State.SCHEDULED)


@transaction.atomic
def publish_revision(*, revision: Revision, by: Person | str, changes: Iterable[Declared] | None = None) -> Document:
    """Make a revision what its document says; the one before it is superseded, and a retired document returns.

    ``by`` is an editor who wrote nothing of it, and then it must be approved and something be declared of every
    recommendation that changes, with ``changes`` or before; or the name of a command, which may publish a draft.
    Whoever relied on the document is recalled where practice changes; others who follow it are told as ever. Raises
    Refused, Conflict when its state does not allow it, and Invalid naming what is not declared.
    """
    document, revision = locked(revision)
    require_ready(revision, by=by)
    if changes is not None:
        declare_changes(revision=revision, changes=changes, by=by)
    if isinstance(by, Person):
        require_declared(revision)
    now, was = timezone.now(), revision.state
    document.revisions.filter(state=State.PUBLISHED).update(state=State.SUPERSEDED)
    revision.state, revision.published_at = State.PUBLISHED, now
    revision.published_by = by if isinstance(by, Person) else None
    revision.save(update_fields=["state", "published_at", "published_by"])
    document.current_revision, document.retired_at, document.retired_because = revision, None, ""
    _take_specialties(document, revision)
    _changed(document, now, "current_revision", "retired_at", "retired_because")
    recalled = recall(document=document, revision=revision, by=by)
    _record(document, revision, by=by, was=was, recalled=len(recalled))
    tell_followers(documents=[document.pk], by=by, besides=recalled)
    flag_overlays(documents=[document.pk])
    if flows.sources(revision.body):
        wake_on_commit("knowledge.tasks.draw_flows", revision.pk)
    return document


def locked(revision: Revision) -> tuple[Document, Revision]:
    """The revision and its document as they are now, the document's row held until the transaction ends."""
    document = Document.objects.select_for_update(of=["self"]).select_related("current_revision")
    found = document.get(pk=revision.document_id)
    fresh = Revision.objects.select_related("scheduled_by").get(pk=revision.pk)
    fresh.document = found
    return found, fresh


def require_ready(revision: Revision, *, by: Person | str) -> None:
    """Raise Refused unless ``by`` may publish it, Conflict unless it is in a state to be published."""
    require_editor(by)
    if isinstance(by, Person) and revision.is_written_by(by):
        raise Refused("Someone other than its author publishes a revision.")
    if revision.state in READY or (isinstance(by, str) and revision.state == State.DRAFT):
        return
    word = revision.get_state_display().lower()
    raise Conflict(f"Revision {revision.number} is {word}; only an approved revision is published.")


def _take_specialties(document: Document, revision: Revision) -> None:
    """The document's specialties become the revision's, in their order, where it names any."""
    place = Document.specialties.through
    now = list(place.objects.filter(document_id=document.pk).order_by("pk").values_list("specialty__slug", flat=True))
    if not revision.specialty_slugs or now == revision.specialty_slugs:
        return
    keys = dict(Specialty.objects.filter(slug__in=revision.specialty_slugs).values_list("slug", "pk"))
    place.objects.filter(document_id=document.pk).delete()
    place.objects.bulk_create(
        place(document_id=document.pk, specialty_id=keys[slug])
        for slug in dict.fromkeys(revision.specialty_slugs)
        if slug in keys
    )


def _record(document: Document, revision: Revision, *, by: Person | str, was: str, recalled: int) -> None:
    detail: dict[str, str | int | None] = {"revision": revision.number}
    if was == State.SCHEDULED and revision.scheduled_by:
        detail["scheduled_by"] = revision.scheduled_by.email
    if recalled:
        detail["recalled"] = recalled
    audited(document, "publish", by=by, **detail)


def audited(document: Document, act: str, *, by: Person | str, **detail: str | int | None) -> None:
    """Write that ``by`` did this with the document into the audit trail."""
    record(
        by=by,
        action=f"document.{act}",
        object_type="document",
        object_id=document.slug,
        organization_id=None,
        **detail,
    )


@transaction.atomic
def retire_document(
    *,
    document: Document,
    by: Person | str,
    at: datetime | None = None,
    because: str = "",
    told: Collection[int] = (),
) -> Document:
    """Withdraw a document from search and lists; it stays readable under a banner. ``at`` is when it was, if not now.

    ``because`` is a sentence for the reader; the people in ``told`` are told otherwise. When an editor retires it, a
    revision that is scheduled waits for an editor again, lest it bring the document back. Raises Refused for anyone but
    an editor and Conflict when it is retired already.
    """
    document = Document.objects.select_for_update().get(pk=document.pk)
    require_editor(by)
    if document.retired_at:
        raise Conflict("This document is retired already.")
    now = timezone.now()
    document.revisions.filter(state=State.PUBLISHED).update(state=State.RETIRED)
    if isinstance(by, Person):
        scheduled = document.revisions.filter(state=State.SCHEDULED)
        scheduled.update(state=State.APPROVED, scheduled_for=None, scheduled_by=None)
    document.retired_at, document.retired_because = at or now, " ".join(because.replace("\0", "").split())[:300]
    _changed(document, now, "retired_at", "retired_because")
    audited(document, "retire", by=by)
    if document.current_revision_id:
        tell_followers(documents=[document.pk], by=by, besides=told)
    return document


def require_editor(by: Person | str) -> None:
    """Raise Refused for a person who may not edit documents; commands may."""
    if isinstance(by, Person):
        decision = can(by.actor, Action.EDIT_DOCUMENTS)
        if isinstance(decision, Denied):
            raise Refused(decision.reason)


def _changed(document: Document, now: datetime, *fields: str) -> None:
    document.version += 1  # the row is locked
    document.changed_at = now
    document.save(update_fields=[*fields, "version", "changed_at"])
    search.project([document.pk])
    changes.announce()
