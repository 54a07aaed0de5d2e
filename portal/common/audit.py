"""The audit trail's one door."""

import json
from collections.abc import Set
from typing import Protocol

from portal.common import circumstances, present
from portal.common.planned import planned
from portal.common.refusals import Refused

READING = frozenset({"read", "download", "print", "export", "calendar", "search"})
"""What stands behind the last point of actions that change nothing: all that may happen on somebody's behalf."""

STAND_IN = "stand-in."
"""What the actions of looking as somebody else begin with."""

# Without RETURNING: whoever writes an event need not be able to read it.
_INSERT = """
INSERT INTO common_auditevent (at, actor_id, actor, action, object_type, object_id, organization_id, detail, address,
 request_id, for_id, for_person, of_organizations, previous, digest)
VALUES (coalesce(%s, clock_timestamp()), %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, '', '')
"""


class Roles(Protocol):
    @property
    def organizations(self) -> Set[int]: ...


class Acting(Protocol):
    """A person, as far as the audit trail is concerned."""

    pk: int
    email: str

    @property
    def actor(self) -> Roles: ...


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

    ``detail`` carries identifiers and counts, never clinical text. The address, the request and on whose behalf it
    was come from the circumstances. Raises Refused for anything but reading on somebody's behalf, whichever service
    asks: it has then not happened.
    """
    around = circumstances.current()
    around.recorded.append(action)
    who, whom = _names(by, around.stand_in, action)
    with planned() as cursor:
        cursor.execute(
            _INSERT,
            [
                present.frozen(),
                *who,
                action,
                object_type,
                str(object_id),
                organization_id,
                json.dumps(detail),
                around.address,
                around.request_id,
                *whom,
                [] if isinstance(by, str) else sorted(by.actor.organizations),
            ],
        )


def _names(
    by: Acting | str, stand_in: circumstances.Somebody | None, action: str
) -> tuple[tuple[int | None, str], tuple[int | None, str]]:
    """Who did it, and on whose behalf, each as (identifier, e-mail address)."""
    if isinstance(by, str):
        return (None, by), (None, "")
    if stand_in is None or stand_in.pk == by.pk:
        return (by.pk, by.email), (None, "")
    if not action.startswith(STAND_IN) and action.rpartition(".")[2] not in READING:
        raise Refused("You look at the site as somebody else. Nothing is answered, asked, signed or changed for them.")
    return (stand_in.pk, stand_in.email), (by.pk, by.email)
