"""Sealing audit events: chaining those committed since the last time, and signing where the chain stands.

Requests only insert; nothing of theirs waits for the chain. One short task at a time (under an advisory lock) takes
the unsealed events that have been committed and appends them, in the order of their identifiers within one go.
"""

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from portal.common import chain, present, tenancy
from portal.common.models import AuditCheckpoint, AuditEvent

LOCK = 0x0C0A0D17
BATCH = 1000
_SEAL = """
UPDATE common_auditevent e SET sequence = s.sequence, previous = s.previous, digest = s.digest
  FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS s (id, sequence, previous, digest)
 WHERE e.id = s.id AND e.sequence IS NULL
"""


def keys() -> list[bytes]:
    """The keys of the chain, the one in use first."""
    return chain.keys_from(settings.AUDIT_KEYS)


def seal() -> int:
    """Append every committed event that is not in the chain yet; say how many. Nothing while another does it."""
    done = 0
    while True:
        sealed = _seal_some()
        done += sealed
        if sealed < BATCH:
            return done


def head() -> tuple[int, str]:
    """Where the chain stands: the last event's place and digest, or what stands for them when none is left."""
    last = AuditEvent.objects.filter(sequence__isnull=False).order_by("-sequence").values_list("sequence", "digest")
    cut = AuditCheckpoint.objects.filter(is_cut=True).order_by("-sequence").values_list("sequence", "digest")
    sequence, digest = last.first() or cut.first() or (0, chain.BEGINNING)
    return sequence or 0, digest


@transaction.atomic
def note_head(*, at: datetime | None = None, is_cut_at: tuple[int, str] | None = None) -> AuditCheckpoint | None:
    """Sign where the chain stands, or a cut at a place of it; None when there is no event yet."""
    sequence, digest = is_cut_at or head()
    if not sequence:
        return None
    moment, is_cut = at or present.now(), is_cut_at is not None
    signed = chain.signature(sequence=sequence, digest=digest, is_cut=is_cut, made_at=moment, key=keys()[0])
    return AuditCheckpoint.objects.create(
        made_at=moment, sequence=sequence, digest=digest, is_cut=is_cut, signature=signed
    )


def _seal_some() -> int:
    """One batch, in a transaction of its own."""
    with tenancy.everything():
        return _append() if _is_alone() else 0


def _append() -> int:
    sequence, previous = head()
    key, rows = keys()[0], []
    for event in AuditEvent.objects.unsealed().order_by("id")[:BATCH]:
        sequence += 1
        sealed = chain.digest(event, sequence=sequence, previous=previous, key=key)
        rows.append((event.id, sequence, previous, sealed))
        previous = sealed
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_SEAL, [list(column) for column in zip(*rows, strict=True)])
    return len(rows)


def _is_alone() -> bool:
    """Take the chain for this transaction, unless another has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])
