"""A hook for a scanner: a program of the operator's sees every upload before it is kept. Off unless one is named.

The program is given the path of a copy without its name. It ends with 0 for clean and 1 for harmful, as clamdscan does.
Whatever else happens (another code, no answer in time, no such program) the file is refused: failure is closed.
"""

import logging
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.module_loading import import_string

from portal.common.refusals import Invalid

PYTHON = "python:"
"""Before the dotted path of a function of one path that says whether the file is clean."""
CLEAN, HARMFUL = 0, 1
log = logging.getLogger(__name__)


def scan(upload: "UploadedFile[bytes]", *, name: str) -> None:
    """Let the scanner judge a file; it is as if unread afterwards. ``name`` is for the person's eyes alone.

    Raises Invalid where it is harmful, or where nobody could tell.
    """
    command: Sequence[str] = settings.SCAN_COMMAND
    if not command:
        return
    with tempfile.TemporaryDirectory(prefix="scan-") as folder:
        path = Path(folder, "upload")
        upload.seek(0)
        with path.open("wb") as copy:
            for chunk in upload.chunks():
                copy.write(chunk)
        upload.seek(0)
        verdict = _verdict(command, path)
    if verdict is None:
        raise Invalid(
            file=f"“{name}” could not be checked for harmful content just now, so it was not attached. "
            "Everything else is kept. Try again in a few minutes."
        )
    if not verdict:
        raise Invalid(file=f"“{name}” was refused: the scanner found harmful content in it. It was not kept.")


def state() -> tuple[bool, str]:
    """Whether uploads are scanned as set up, in words for the operator."""
    command: Sequence[str] = settings.SCAN_COMMAND
    if not command:
        return True, "off: uploads are judged by type and size only"
    try:
        found = _function(command) is not None if _is_python(command) else shutil.which(command[0]) is not None
    except ImportError:
        found = False
    return found, "on" if found else "the scanner cannot be found, so every upload is refused"


def _verdict(command: Sequence[str], path: Path) -> bool | None:
    """Whether the file is clean; None where nobody could tell. The log says why, and never names the file."""
    try:
        if _is_python(command):
            return bool(_function(command)(str(path)))
        done = subprocess.run(  # noqa: S603 - the operator's own command, without a shell
            [*command, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=settings.SCAN_SECONDS,
            check=False,
        )
    except Exception as error:  # noqa: BLE001 - whatever a scanner does wrong, its file is not let in
        log.error("The scanner failed (%s); an upload was refused.", type(error).__name__)
        return None
    if done.returncode not in (CLEAN, HARMFUL):
        log.error("The scanner ended with %s; an upload was refused.", done.returncode)
        return None
    return done.returncode == CLEAN


def _is_python(command: Sequence[str]) -> bool:
    return command[0].startswith(PYTHON)


def _function(command: Sequence[str]) -> Callable[[str], object]:
    function: Callable[[str], object] = import_string(command[0].removeprefix(PYTHON))
    return function
