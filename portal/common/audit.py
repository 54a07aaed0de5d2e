"""The audit trail's one door."""

from typing import Protocol

from portal.common.models import AuditEvent


class Acting(Protocol):
    """A person, as far as the audit trail is concerned."""

    pk: int
    email: str


def record(
    *,
    by: Acting | str,
    action: str,
    object_type: str,
    object_id: object,
    organization_id: int | None = None,
    **detail: str | int | None,
) -> None:
    """Write one event in the running transaction. ``by`` is a person, or the name of the command or task.

    ``detail`` carries identifiers and counts, never clinical text.
    """
    AuditEvent.objects.create(
        actor_id=None if isinstance(by, str) else by.pk,
        actor=by if isinstance(by, str) else by.email,
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        organization_id=organization_id,
        detail=detail,
    )
