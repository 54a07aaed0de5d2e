"""The secret key of a demonstration or test installation: made once, kept in its state folder."""

import os
import secrets
import tempfile
from pathlib import Path


def stored_secret(path: Path) -> str:
    """The secret kept at ``path``, created readable by its owner alone when it is not there yet."""
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(file.name, path)  # whole or not at all, and the first of several processes wins
        except FileExistsError:
            pass
        finally:
            Path(file.name).unlink()
    return path.read_text()
