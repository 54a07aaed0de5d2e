"""Signed papers of an organization: PDF, judged by content, kept as they came, only ever served as a download."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from portal.common import scanning, uploads
from portal.common.audit import record
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Organization, Person
from portal.members.models_house import SignedDocument
from portal.members.policy import Action, Denied, can
from portal.members.services.places import check

TYPES = {"pdf": "application/pdf"}
ADVICE = "Bring a PDF file."


@transaction.atomic
def keep(
    *,
    by: Person,
    organization: Organization,
    title: str,
    signed_on: date,
    signed_by: str,
    upload: "UploadedFile[bytes]",
    at: datetime,
) -> SignedDocument:
    """Keep a signed paper. Raises Invalid for a file that is no PDF, too large or harmful, and a day to come; Refused.

    A day to come by the organization's own clock, that is.
    """
    check(by, organization)
    if signed_on > at.astimezone(ZoneInfo(organization.time_zone)).date():
        raise Invalid(signed_on="This day is still to come.")
    name, head = uploads.name_of(upload), uploads.head_of(upload, limit=settings.ATTACHMENT_MAX_BYTES)
    uploads.kind_of(name, head, types=TYPES, advice=ADVICE)
    scanning.scan(upload, name=name)
    row = SignedDocument.objects.create(
        organization=organization,
        title=title,
        signed_on=signed_on,
        signed_by=signed_by,
        name=name,
        size=upload.size or 0,
        file=upload,
        added_by=by,
        added_at=at,
    )
    _record(by, "keep signed document", row)
    return row


@transaction.atomic
def remove(*, by: Person, row: SignedDocument, at: datetime) -> None:
    """Take a wrong file away, by the network alone; that it was there stays on record. Raises Conflict, Refused."""
    decision = can(by.actor, Action.MANAGE_ORGANIZATION)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)
    row = SignedDocument.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.removed_at:
        raise Conflict("This document is taken away already.")
    row.removed_at, row.removed_by = at, by
    row.save(update_fields=["removed_at", "removed_by"])
    storage, name = row.file.storage, str(row.file.name)
    transaction.on_commit(lambda: storage.delete(name))
    _record(by, "remove signed document", row)


@transaction.atomic
def read(*, by: Person, row: SignedDocument) -> None:
    """Somebody downloads it."""
    check(by, row.organization)
    _record(by, "signed.download", row)


def _record(by: Person, action: str, row: SignedDocument) -> None:
    record(
        by=by,
        action=action,
        object_type="signed document",
        object_id=row.pk,
        organization_id=row.organization_id,
    )
