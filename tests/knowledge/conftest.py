"""An index of its own for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from knowledge.search import store


@pytest.fixture(autouse=True)
def index_folder(settings: LazySettings, tmp_path: Path) -> Iterator[Path]:
    """Where this test's search index lives."""
    settings.SEARCH_INDEX_DIR = tmp_path / "index"
    yield settings.SEARCH_INDEX_DIR
    store.close()
