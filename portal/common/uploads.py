"""What every upload must pass: a known type, judged by content and extension together, and a size."""

from collections.abc import Mapping

import puremagic
from django.core.files.uploadedfile import UploadedFile

from portal.common.refusals import Invalid

HEAD = 4096
CONTROL = set(map(chr, range(9)))
MARKUP = ("<!doctype", "<html", "<svg", "<?xml", "<script", "<body", "<head")


def name_of(upload: "UploadedFile[bytes]") -> str:
    """The file's own name, without any folder, at most 120 characters."""
    return (upload.name or "file").replace("\\", "/").rpartition("/")[2][-120:]


def head_of(upload: "UploadedFile[bytes]", *, limit: int) -> bytes:
    """The first bytes of a file that is not empty nor larger than ``limit``; it is as if unread afterwards.

    Raises Invalid.
    """
    name = name_of(upload)
    if not upload.size:
        raise Invalid(file=f"“{name}” is empty.")
    if upload.size > limit:
        raise Invalid(file=f"“{name}” is larger than {limit // 1024 // 1024} MB.")
    head: bytes = upload.read(HEAD)
    upload.seek(0)
    return head


def kind_of(name: str, head: bytes, *, types: Mapping[str, str], advice: str) -> str:
    """The content type of a file, where its first bytes and its extension agree.

    ``types`` maps the extensions that are taken to theirs; ``advice`` says in words which. Raises Invalid where the
    type is not taken, or where the content is not what the name says.
    """
    extension = name.rpartition(".")[2].lower()
    expected = types.get(extension)
    if expected is None:
        raise Invalid(file=f"“{name}” cannot be attached. {advice}")
    if not _is(expected, head):
        raise Invalid(file=f"“{name}” does not look like a {extension.upper()} file inside. Save it again as one.")
    return expected


def _is(expected: str, head: bytes) -> bool:
    if expected == "text/plain":
        return _is_text(head)
    try:
        return str(puremagic.from_string(head, mime=True)) == expected
    except (puremagic.PureError, ValueError):
        return False


def _is_text(head: bytes) -> bool:
    """UTF-8 without control characters. Not asked of puremagic, for which two letters can make a format."""
    try:
        text = head.decode("utf-8", errors="strict" if len(head) < HEAD else "ignore")
    except UnicodeDecodeError:
        return False
    return not set(text) & CONTROL and not text.lstrip("\ufeff \t\r\n").lower().startswith(MARKUP)
