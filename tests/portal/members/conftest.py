"""What tests here share: a provider of single sign-on, a folder for files, and a kind of file that does as told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.common import exports
from tests.environment import STATE
from tests.providers import PEOPLE, Provider, running_provider


@pytest.fixture(scope="package")
def provider() -> Iterator[Provider]:
    """An identity provider that is not ours, for all of these tests."""
    with running_provider(STATE / "identity-provider", PEOPLE) as running:
        yield running


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> Path:
    storage = settings.STORAGES["default"]
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**storage, "OPTIONS": {**storage["OPTIONS"], "location": str(tmp_path)}},
    }
    return tmp_path


@pytest.fixture
def numbers() -> Iterator[dict[str, Any]]:
    """A kind of our own: as many rows as it is told, and what happens before each part."""
    told: dict[str, Any] = {"rows": 5, "before": lambda: None, "may": True}

    class Numbers(exports.Whole):
        def part(self, after: str, size: int) -> exports.Part:
            told["before"]()
            return super().part(after, size)

    kind = exports.Kind(
        key="numbers",
        name="Numbers",
        holds="A number in each row.",
        columns=("n", "text"),
        why_not=lambda person: "" if told["may"] else "Not for you.",
        source=lambda person, asked, until: Numbers({"n": -n, "text": "=1+1"} for n in range(told["rows"])),
    )
    exports.register(kind)
    told["kind"] = kind
    yield told
    del exports._kinds["numbers"]
