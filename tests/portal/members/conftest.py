"""What the tests of single sign-on share."""

from collections.abc import Iterator

import pytest

from tests.environment import STATE
from tests.providers import PEOPLE, Provider, running_provider


@pytest.fixture(scope="package")
def provider() -> Iterator[Provider]:
    """An identity provider that is not ours, for all of these tests."""
    with running_provider(STATE / "identity-provider", PEOPLE) as running:
        yield running
