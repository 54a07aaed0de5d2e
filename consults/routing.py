"""Who gets a consult. Pure: people as values, ``now`` given. Nobody away is ever assigned."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from portal.members.policy import Allowed, Decision, Denied


@dataclass(frozen=True)
class Candidate:
    """A person as far as routing is concerned."""

    person_id: int
    name: str
    specialties: Collection[int]
    is_active: bool
    away_until: datetime | None

    def is_away(self, now: datetime) -> bool:
        return self.away_until is not None and self.away_until > now


def may_be_given(candidate: Candidate, *, specialty_id: int, requester_id: int, now: datetime) -> Decision:
    """Whether a consult of this specialty may be given to the candidate, with the reason where it may not."""
    if not candidate.is_active or specialty_id not in candidate.specialties:
        return Denied(f"{candidate.name} does not answer questions of this specialty.")
    if candidate.person_id == requester_id:
        return Denied("A question cannot be given to the person who asked it.")
    if candidate.is_away(now):
        return Denied(f"{candidate.name} is away. Choose someone else, or leave it to the specialty's queue.")
    return Allowed()
