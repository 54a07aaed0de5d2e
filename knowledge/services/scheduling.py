"""Publishing on a date: the row says when, and a sweep publishes what is due, however often and late it comes."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from knowledge.models import Document, Remark, Revision
from knowledge.services.declaring import Declared, declare_changes, require_declared
from knowledge.services.publishing import READY, State, audited, locked, publish_revision, require_editor, require_ready
from knowledge.services.telling import title_of
from portal.common import tenancy
from portal.common.notices import tell
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person

log = logging.getLogger(__name__)
LONGEST = timedelta(days=366)
BATCH = 100
TASK = "publish_scheduled"


@transaction.atomic
def schedule_revision(
    *, revision: Revision, at: datetime, by: Person, changes: Iterable[Declared] | None = None
) -> Revision:
    """Have an approved revision published at a moment; one that is scheduled gets the new moment.

    All that publishing asks for is asked now. Raises as publishing does, and Invalid for a moment that has passed or is
    more than a year away.
    """
    document, revision = locked(revision)
    require_ready(revision, by=by)
    now = timezone.now()
    if not now < at <= now + LONGEST:
        raise Invalid(at="Give a moment that lies ahead, at most a year.")
    if changes is not None:
        declare_changes(revision=revision, changes=changes, by=by)
    require_declared(revision)
    revision.state, revision.scheduled_for, revision.scheduled_by = State.SCHEDULED, at, by
    revision.save(update_fields=["state", "scheduled_for", "scheduled_by"])
    _record("schedule", document, revision, by, at=at.isoformat())
    return revision


@transaction.atomic
def unschedule_revision(*, revision: Revision, by: Person | str) -> Revision:
    """Take the date back: the revision is approved and waits. Raises Refused, and Conflict when it has no date."""
    document, revision = locked(revision)
    require_editor(by)
    if revision.state != State.SCHEDULED:
        raise Conflict(f"Revision {revision.number} is {revision.get_state_display().lower()}, not scheduled.")
    _leave(revision, State.APPROVED)
    _record("unschedule", document, revision, by)
    return revision


@transaction.atomic
def return_revision(*, revision: Revision, reason: str, by: Person) -> Revision:
    """Send an approved or scheduled revision back to its author, with the reason as a remark on the whole.

    Raises Refused for anyone but an editor, Invalid without a reason, and Conflict in any other state.
    """
    document, revision = locked(revision)
    require_editor(by)
    if revision.state not in READY:
        raise Conflict(f"Revision {revision.number} is {revision.get_state_display().lower()}, not approved.")
    text = reason.replace("\0", "").strip()
    if not text:
        raise Invalid(reason="Say why, for its author.")
    _leave(revision, State.RETURNED)
    Remark.objects.create(revision=revision, text=text, author=by)
    _record("return", document, revision, by)
    if revision.author and revision.author != by:
        text = f"“{title_of(revision)}” was sent back before it was published."
        path = reverse("document-history", args=[document.slug])
        tell(person=revision.author, kind="document", text=text, path=path, key=f"returned:{revision.pk}")
    return revision


def publish_due(*, now: datetime) -> int:
    """Publish every scheduled revision whose moment has come; how many were. Safe twice, at once, and late."""
    with tenancy.everything():
        due = Revision.objects.filter(state=State.SCHEDULED, scheduled_for__lte=now)
        documents = list(due.order_by("scheduled_for", "pk").values_list("document_id", flat=True)[:BATCH])
    return sum(_publish_due(document, now) for document in documents)


def _publish_due(pk: int, now: datetime) -> bool:
    """One document's, unless another sweep or an editor is at it. The document is locked first, as everywhere."""
    with tenancy.everything():
        document = Document.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
        due = Revision.objects.filter(document=document, state=State.SCHEDULED, scheduled_for__lte=now)
        revision = due.select_related("scheduled_by").first() if document else None
        if revision is None:
            return False
        try:
            publish_revision(revision=revision, by=_acting(revision))
        except (Refused, Conflict, Invalid) as error:
            log.warning("Revision %s could not be published as scheduled: %s", revision.pk, error)
            _give_back(revision)
            return False
        return True


def _acting(revision: Revision) -> Person | str:
    """Who scheduled it, while they are an editor; after that it is the network's own work."""
    by = revision.scheduled_by
    if by and by.can_sign_in and by.actor.is_editor and not revision.is_written_by(by):
        return by
    return TASK


def _give_back(revision: Revision) -> None:
    """It waits for an editor again, and whoever scheduled it is told."""
    unschedule_revision(revision=revision, by=TASK)
    if person := revision.scheduled_by:
        text = f"“{title_of(revision)}” could not be published as scheduled and waits for an editor."
        path = reverse("document-publish", args=[revision.document.slug])
        key = f"unpublished:{revision.pk}:{revision.scheduled_for:%Y%m%d%H%M%S}"
        tell(person=person, kind="document", text=text, path=path, key=key)


def _leave(revision: Revision, state: str) -> None:
    revision.state, revision.scheduled_for, revision.scheduled_by = state, None, None
    revision.save(update_fields=["state", "scheduled_for", "scheduled_by"])


def _record(act: str, document: Document, revision: Revision, by: Person | str, **detail: str) -> None:
    audited(document, act, by=by, revision=revision.number, **detail)
