"""Who may be given a consult."""

from datetime import UTC, datetime, timedelta

import pytest

from consults.routing import Candidate, may_be_given
from portal.members.policy import Allowed, Denied

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def decide(**facts: object) -> Allowed | Denied:
    whole = {"person_id": 1, "name": "Dr Hale", "specialties": {7}, "is_active": True, "away_until": None} | facts
    return may_be_given(Candidate(**whole), specialty_id=7, requester_id=2, now=NOW)  # type: ignore[arg-type]


def test_a_specialist_of_the_specialty_may_have_it() -> None:
    assert decide()
    assert decide(away_until=NOW), "back at this very moment"


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"away_until": NOW + timedelta(seconds=1)}, "away"),
        ({"specialties": {8}}, "does not answer"),
        ({"is_active": False}, "does not answer"),
        ({"person_id": 2}, "asked it"),
    ],
)
def test_others_may_not_and_the_reason_says_why(facts: dict[str, object], word: str) -> None:
    decision = decide(**facts)
    assert isinstance(decision, Denied)
    assert word in decision.reason
