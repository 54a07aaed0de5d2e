"""A long audit trail, sealed as the product seals, in a fraction of the time that its requests would take."""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from portal.common.models import AuditEvent

COLUMNS = (
    "id, at, actor_id, actor, action, object_type, object_id, organization_id, detail, address, request_id, for_id,"
    " for_person, of_organizations, sequence, previous, digest"
)


def fill(url: str, number: int, dice: random.Random) -> None:
    """So many sealed events behind those that are there, with the product's own key and digests."""
    from portal.common import chain, sealing

    (sequence, previous), key = sealing.head(), sealing.keys()[0]
    with psycopg.connect(url) as owner:
        # COPY needs them away; they are up again when this is committed.
        owner.execute("ALTER TABLE common_auditevent NO FORCE ROW LEVEL SECURITY")
        row = owner.execute("SELECT nextval(pg_get_serial_sequence('common_auditevent', 'id'))").fetchone()
        assert row
        with owner.cursor().copy(f"COPY common_auditevent ({COLUMNS}) FROM STDIN".encode()) as copy:
            for n in range(number):
                event = happened(row[0] + n, n / number, dice)
                sequence += 1
                sealed = chain.digest(event, sequence=sequence, previous=previous, key=key)
                said = {**chain.content(event), "at": event.at, "detail": json.dumps(event.detail)}
                said |= {"sequence": sequence, "previous": previous, "digest": sealed}
                copy.write_row([said[name] for name in COLUMNS.split(", ")])
                previous = sealed
        owner.execute(
            "SELECT setval(pg_get_serial_sequence('common_auditevent', 'id'), max(id)) FROM common_auditevent"
        )
        owner.execute("ALTER TABLE common_auditevent FORCE ROW LEVEL SECURITY")
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE common_auditevent")


def happened(number: int, share: float, dice: random.Random) -> "AuditEvent":
    """An event of the last year such as a busy network writes."""
    from portal.common.models import AuditEvent

    organization = dice.randint(1, 400)
    return AuditEvent(
        id=number,
        at=datetime.now(UTC) - timedelta(days=365) * (1 - share),
        actor_id=dice.randint(1, 9000),
        actor=f"clinician{dice.randint(1, 9000)}@house{organization}.example",
        action=dice.choice(["read", "search", "consult.submit", "consult.answer", "sign in"]),
        object_type=dice.choice(["document", "consult", "person"]),
        object_id=str(dice.randint(1, 100_000)),
        organization_id=organization if dice.random() < 0.5 else None,
        detail={"count": dice.randint(0, 50), "to": "Zoë"},
        address=f"10.{dice.randint(0, 255)}.{dice.randint(0, 255)}.7",
        request_id=f"{dice.getrandbits(128):032x}",
        of_organizations=[organization],
    )
