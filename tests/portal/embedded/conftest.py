"""Scratch state folders whose servers are stopped and whose files are removed afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded.attaching import stop
from portal.embedded.home import home_of


@pytest.fixture
def state() -> Iterator[Path]:
    """A state folder that root's server account can reach, unlike pytest's own temporary folders."""
    folder = Path(tempfile.mkdtemp(prefix="consilium-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        stop(folder)
        home = home_of(folder)
        for path in (home.sockets, home.folder, folder):
            shutil.rmtree(path, ignore_errors=True)
