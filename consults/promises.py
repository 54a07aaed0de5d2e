"""Which promise holds for a consult. Pure: values in, one of them out."""

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Holds(Protocol):
    """A promise, as far as the consults it holds for are concerned. Empty means: whatever it is."""

    urgency: str
    specialty_id: int | None
    tier: str
    organization_id: int | None


P = TypeVar("P", bound=Holds)


def choose(
    promises: Iterable[P], *, urgency: str, specialty_id: int | None, tier: str, organization_id: int | None
) -> P | None:
    """The promise that speaks most exactly of this consult; None where none does, and the network's standard holds.

    What was agreed with the organization itself comes before what holds for its tier, and that before the specialty.
    """
    fitting = [
        row
        for row in promises
        if row.urgency == urgency
        and row.specialty_id in (None, specialty_id)
        and row.tier in ("", tier)
        and row.organization_id in (None, organization_id)
    ]
    return max(fitting, key=_exactness, default=None)


def _exactness(row: Holds) -> tuple[bool, bool, bool]:
    return row.organization_id is not None, bool(row.tier), row.specialty_id is not None
