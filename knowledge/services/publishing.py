"""Publishing a draft and retiring a document."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from knowledge import changes, flows, search
from knowledge.models import Document, Revision
from knowledge.services.telling import tell_followers
from portal.common.audit import record
from portal.common.hints import wake_on_commit
from portal.common.refusals import Conflict, Refused
from portal.members.models import Person
from portal.members.policy import Action, Denied, can


@transaction.atomic
def publish_revision(*, revision: Revision, by: Person | str) -> Document:
    """Make a draft what its document says; the revision before it is superseded, and a retired document returns.

    ``by`` is an editor who did not write it, or the name of a command. Raises Refused for anyone else and Conflict
    when the revision is not a draft any more.
    """
    document = Document.objects.select_for_update().get(pk=revision.document_id)
    revision = Revision.objects.get(pk=revision.pk)
    require_editor(by)
    if isinstance(by, Person) and revision.author_id == by.pk:
        raise Refused("Someone other than its author publishes a draft.")
    if revision.state != Revision.State.DRAFT:
        raise Conflict(f"Revision {revision.number} is {revision.get_state_display().lower()}, not a draft.")
    now = timezone.now()
    document.revisions.filter(state=Revision.State.PUBLISHED).update(state=Revision.State.SUPERSEDED)
    revision.state = Revision.State.PUBLISHED
    revision.published_at = now
    revision.published_by = by if isinstance(by, Person) else None
    revision.save(update_fields=["state", "published_at", "published_by"])
    document.current_revision, document.retired_at = revision, None
    _changed(document, now, "current_revision", "retired_at")
    record(by=by, action="document.publish", object_type="document", object_id=document.slug, revision=revision.number)
    tell_followers(documents=[document.pk], by=by)
    if flows.sources(revision.body):
        wake_on_commit("knowledge.tasks.draw_flows", revision.pk)
    return document


@transaction.atomic
def retire_document(*, document: Document, by: Person | str, at: datetime | None = None) -> Document:
    """Withdraw a document from search and lists; it stays readable under a banner. ``at`` is when it was, if not now.

    Raises Refused for anyone but an editor and Conflict when it is retired already.
    """
    document = Document.objects.select_for_update().get(pk=document.pk)
    require_editor(by)
    if document.retired_at:
        raise Conflict("This document is retired already.")
    now = timezone.now()
    document.revisions.filter(state=Revision.State.PUBLISHED).update(state=Revision.State.RETIRED)
    document.retired_at = at or now
    _changed(document, now, "retired_at")
    record(by=by, action="document.retire", object_type="document", object_id=document.slug)
    if document.current_revision_id:
        tell_followers(documents=[document.pk], by=by)
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
