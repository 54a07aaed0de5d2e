"""An index of its own for every test."""

from pathlib import Path

import pytest
from django.conf import LazySettings


@pytest.fixture(autouse=True)
def index_folder(settings: LazySettings, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Where this test's search index lives; with a worker, where the worker looks."""
    if "worker" not in request.fixturenames:
        settings.SEARCH_INDEX_DIR = tmp_path / "index"
    return Path(settings.SEARCH_INDEX_DIR)
