"""An index of its own for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from knowledge.search import store


@pytest.fixture(autouse=True)
def index_folder(settings: LazySettings, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Where this test's search index lives; with a worker, where the worker looks."""
    if "worker" not in request.fixturenames:
        settings.SEARCH_INDEX_DIR = tmp_path / "index"
    yield Path(settings.SEARCH_INDEX_DIR)
    store.close()
