"""Falsify an audit trail with the rights of its tables' owner: `verify_audit` finds each change and says where.

    .venv/bin/python tests/drills/audit.py --rows 1000000

runs a database of its own, prints one line, and ends with status 1 where a change is not found, not located, or late.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

sys.path[0] = str(Path(__file__).resolve().parents[2])

from portal.embedded.addresses import Addresses  # noqa: E402 - the path comes first
from portal.embedded.attaching import attach  # noqa: E402
from tests.drills import ground  # noqa: E402
from tests.drills.trail import fill  # noqa: E402

LIMIT = 30.0
"""Seconds, for one look at the whole trail."""
CHANGES = (
    "actor = 'nobody@nowhere.example'",
    "actor_id = coalesce(actor_id, 0) + 1",
    "at = at + interval '1 microsecond'",
    "action = action || '.'",
    "object_id = object_id || '0'",
    "organization_id = coalesce(organization_id, 0) + 1",
    "detail = jsonb_set(detail, '{count}', '7777777')",
    "address = '198.51.100.200'",
    "of_organizations = '{77}'",
    "for_id = 77",
    "request_id = 'another'",
    "previous = repeat('f', 64)",
)
FORGED = "f" * 64
"""What somebody without the key puts where a digest or a signature belongs."""
Run = Callable[..., Any]


class Harm(NamedTuple):
    """What is done at one place of the chain, and what the words about it must hold."""

    name: str
    do: Callable[[Run, int, int, random.Random], str]


def change(run: Run, place: int, _last: int, dice: random.Random) -> str:
    run(f"UPDATE common_auditevent SET {dice.choice(CHANGES)} WHERE sequence = %s", place)  # noqa: S608
    return f"Event {place} of the chain"


def delete(run: Run, place: int, _last: int, _dice: random.Random) -> str:
    run("DELETE FROM common_auditevent WHERE sequence = %s", place)
    return f"Event {place} of the chain is gone"


def swap(run: Run, place: int, last: int, dice: random.Random) -> str:
    other = dice.choice([n for n in (place - 1, place + 1, dice.randint(2, last)) if 1 < n <= last and n != place])
    for before, after in ((place, -1), (other, place), (-1, other)):
        run("UPDATE common_auditevent SET sequence = %s WHERE sequence = %s", after, before)
    return f"Event {min(place, other)} of the chain"


def close_up(run: Run, place: int, last: int, _dice: random.Random) -> str:
    """Delete one, and hide the gap as well as one can without the key: the next takes its place and its link."""
    if place == last:
        place -= 1
    row = run("DELETE FROM common_auditevent WHERE sequence = %s RETURNING previous", place).fetchone()
    run("UPDATE common_auditevent SET sequence = %s, previous = %s WHERE sequence = %s", place, row[0], place + 1)
    return f"Event {place} of the chain"


def seal_anew(run: Run, place: int, _last: int, _dice: random.Random) -> str:
    """Change one, with a seal made without the key and the next one linked to that."""
    run("UPDATE common_auditevent SET actor_id = 77, digest = %s WHERE sequence = %s", FORGED, place)
    run("UPDATE common_auditevent SET previous = %s WHERE sequence = %s", FORGED, place + 1)
    return f"Event {place} of the chain"


def truncate(run: Run, place: int, last: int, _dice: random.Random) -> str:
    end = min(place, last - 1)
    run("DELETE FROM common_auditevent WHERE sequence > %s", end)
    return f"which ends at {end}: its end is gone"


def truncate_with_notes(run: Run, place: int, last: int, dice: random.Random) -> str:
    """The same, with the signed notes of where it stood: only a head kept elsewhere tells."""
    words = truncate(run, place, last, dice)
    run("DELETE FROM common_auditcheckpoint")
    return words


def behead(run: Run, place: int, last: int, _dice: random.Random) -> str:
    """Delete the beginning, with a note that it was let go."""
    place = min(place, last - 1)
    row = run("SELECT digest FROM common_auditevent WHERE sequence = %s", place).fetchone()
    run("DELETE FROM common_auditevent WHERE sequence <= %s", place)
    run(
        "INSERT INTO common_auditcheckpoint (made_at, sequence, digest, is_cut, signature)"
        " VALUES (now(), %s, %s, true, %s)",
        place,
        row[0],
        FORGED,
    )
    return f"(at event {place} of the chain) does not hold"


HARMS = [
    Harm(do.__name__, do) for do in (change, delete, swap, close_up, seal_anew, truncate, truncate_with_notes, behead)
]


def open_django(state: Path, addresses: Addresses) -> None:
    """The product in this process, connected as the owner of its tables: what is harmed in a transaction is seen."""
    os.environ.update(ground.environment(state, CONSILIUM_MODE="demonstration"))
    os.environ.update(DATABASE_URL=addresses.database_owner_url, CELERY_BROKER_URL=addresses.broker_url)
    import django

    django.setup()
    from portal.common import tenancy

    tenancy.open_session_scope()


class RolledBack(Exception):
    """Ends a transaction that must leave nothing behind."""


def attack(harm: Harm, last: int, head: tuple[int, str], dice: random.Random) -> tuple[str, str, float]:
    """One harm in a transaction that is rolled back: what the words must hold, the words, and the seconds it took."""
    from django.db import connection, transaction

    from portal.common import verifying

    expected, said, took = "", "", 0.0
    with suppress(RolledBack), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE common_auditevent DISABLE TRIGGER audit_seal_once")

        def run(statement: str, *values: int | str) -> Any:
            cursor.execute(statement, values)
            return cursor

        expected = harm.do(run, dice.randint(2, last), last, dice)
        begun = time.monotonic()
        said = verifying.verify(head=head).broken
        took = time.monotonic() - begun
        raise RolledBack
    return expected, said, took


def drill(addresses: Addresses, rows: int, rounds: int, dice: random.Random) -> int:
    from portal.common import sealing, verifying

    begun = time.monotonic()
    sealing.seal()
    fill(addresses.database_owner_url, rows, dice)
    filled = time.monotonic() - begun
    sealing.note_head()
    begun = time.monotonic()
    whole = verifying.verify()
    seconds = time.monotonic() - begun
    found = located = 0
    worst, missed = seconds, []
    for harm in HARMS * rounds:
        expected, said, took = attack(harm, whole.sequence, (whole.sequence, whole.digest), dice)
        found, located, worst = found + bool(said), located + (expected in said), max(worst, took)
        if expected not in said:
            missed.append(f"{harm.name}: {expected!r} is not in {said!r}")
    after = verifying.verify(head=(whole.sequence, whole.digest))
    number = len(HARMS) * rounds
    print(
        f"rows={rows} events={whole.events} harms={number} found={found} located={located} whole={seconds:.1f}s"
        f" worst={worst:.1f}s filled={filled:.0f}s broken_before={whole.broken!r} broken_after={after.broken!r}"
    )
    print(*missed, sep="\n", file=sys.stderr)
    wrong = located < number or whole.broken or after.broken or whole.events < rows or worst > LIMIT
    return int(bool(wrong))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=2, help="of all the kinds of harm")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    dice = random.Random(given.seed)
    with ground.copied() as state:
        addresses = attach(state)
        open_django(state, addresses)
        try:
            status = drill(addresses, given.rows, given.rounds, dice)
        finally:
            from django.db import connections

            connections.close_all()
    if status:
        print(f"--seed {given.seed}", file=sys.stderr)
    sys.exit(status)


if __name__ == "__main__":
    main()
