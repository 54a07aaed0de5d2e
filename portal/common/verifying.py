"""Whether the audit trail is what it was: every link, every signed checkpoint, and a head kept elsewhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db.models import Q

from portal.common import chain, present, sealing
from portal.common.models import AuditCheckpoint, AuditEvent

CHUNK = 2000
SEALED_WITHIN = timedelta(minutes=10)
"""An event older than this and unsealed says that nothing seals."""


@dataclass(slots=True)
class Sealed:
    """A sealed event as it is read here: in a long trail, making a model of each would take a good part of the time."""

    id: int
    actor_id: int | None
    actor: str
    action: str
    object_type: str
    object_id: str
    organization_id: int | None
    detail: dict[str, object]
    address: str | None
    request_id: str
    for_id: int | None
    for_person: str
    of_organizations: list[int]
    at: datetime
    sequence: int
    previous: str
    digest: str

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.object_type} {self.object_id}"


COLUMNS = tuple(field.name for field in fields(Sealed))


@dataclass(frozen=True)
class Verdict:
    """What was looked at, and the first thing that is wrong, in words; empty when all holds."""

    events: int
    sequence: int
    digest: str
    broken: str = ""
    unsealed: int = 0

    @property
    def head(self) -> str:
        return f"{self.sequence}:{self.digest}"


def verify(*, head: tuple[int, str] | None = None, now: datetime | None = None) -> Verdict:
    """Walk the whole chain. ``head`` is a place and a digest kept outside the database, which must be found in it.

    Reads every event, in chunks; one that is sealed meanwhile is not looked at.
    """
    keys, since = sealing.keys(), _first() - 1
    checkpoints, forged = _checkpoints(keys, since)
    start = _start(checkpoints, since)
    stands = {row.sequence: row.digest for row in checkpoints if row.sequence > start[0]}
    outside = dict([head]) if head is not None and head[0] > start[0] else {}
    walk = _Walk(keys=keys, sequence=start[0], digest=start[1])
    broken = forged or walk.through(_sealed(), stands, outside)
    late = AuditEvent.objects.unsealed().filter(at__lt=(now or present.now()) - SEALED_WITHIN).count()
    if not broken and late:
        broken = f"{late} events wait to be sealed for over ten minutes: is a worker running?"
    return Verdict(walk.events, walk.sequence, walk.digest, broken, late)


def _first() -> int:
    """The place of the first event that is left, or 1."""
    rows = AuditEvent.objects.filter(sequence__isnull=False).order_by("sequence")
    return rows.values_list("sequence", flat=True).first() or 1


def _checkpoints(keys: list[bytes], since: int) -> tuple[list[AuditCheckpoint], str]:
    """Cuts at a place and all behind it, as far as their signatures hold; and words for the first whose does not."""
    good: list[AuditCheckpoint] = []
    matter = Q(sequence__gt=since) | Q(sequence=since, is_cut=True)
    for row in AuditCheckpoint.objects.filter(matter).order_by("id"):
        signed = (
            chain.signature(sequence=row.sequence, digest=row.digest, is_cut=row.is_cut, made_at=row.made_at, key=key)
            for key in keys
        )
        if not any(chain.same(one, row.signature) for one in signed):
            return good, f"The signature of checkpoint {row.pk} (at event {row.sequence} of the chain) does not hold."
        good.append(row)
    return good, ""


def _start(checkpoints: list[AuditCheckpoint], since: int) -> tuple[int, str]:
    """Behind which event the chain begins: a signed cut right before the first that is left, or the very beginning."""
    cut = next((row for row in checkpoints if row.is_cut and row.sequence == since), None)
    return (cut.sequence, cut.digest) if cut else (0, chain.BEGINNING)


def _sealed() -> Iterator[Sealed]:
    """Every sealed event in the order of the chain, a chunk at a time."""
    last = 0
    while True:
        found = AuditEvent.objects.filter(sequence__gt=last).order_by("sequence").values_list(*COLUMNS)[:CHUNK]
        rows = [Sealed(*row) for row in found]
        yield from rows
        if len(rows) < CHUNK:
            return
        last = rows[-1].sequence


@dataclass
class _Walk:
    """A walk along the chain, link by link."""

    keys: list[bytes]
    sequence: int
    digest: str
    events: int = 0

    def through(self, events: Iterable[Sealed], stands: dict[int, str], outside: dict[int, str]) -> str:
        """Words for the first broken link; empty when there is none."""
        for event in events:
            wrong = self._link(event)
            if wrong:
                return wrong
            for noted, where in ((stands, "a signed checkpoint"), (outside, "the head given")):
                if event.sequence in noted and not chain.same(noted.pop(event.sequence), event.digest):
                    return f"Event {event.sequence} of the chain ({event}) is not the one that {where} names."
        for noted, where in ((stands, "A signed checkpoint"), (outside, "The head given")):
            if noted:
                return f"{where} names event {min(noted)} of the chain, which ends at {self.sequence}: its end is gone."
        return ""

    def _link(self, event: Sealed) -> str:
        place = self.sequence + 1
        if event.sequence != place:
            return f"Event {place} of the chain is gone: after {self.sequence} comes {event.sequence} ({event})."
        if not chain.same(event.previous, self.digest):
            return f"Event {place} of the chain ({event}, row {event.id}) does not follow on the one before it."
        key = chain.key_that_fits(
            event, sequence=place, previous=self.digest, digest_found=event.digest, keys=self.keys
        )
        if key is None:
            what = f"Event {place} of the chain ({event}, row {event.id})"
            return f"{what} is not what was sealed, or AUDIT_KEYS lacks its key."
        # The key of this event is most likely that of the next.
        self.keys.remove(key)
        self.keys.insert(0, key)
        self.sequence, self.digest, self.events = place, event.digest, self.events + 1
        return ""
