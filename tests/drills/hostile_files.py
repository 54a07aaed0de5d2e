"""Files that mean harm: what they are called, what is in them, and whether a site may take them at all."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

MARK = b"window.pwned_by_upload"
SCRIPT = b"<script>" + MARK + b"=1</script>"
HTML = b"<!doctype html><html><body>" + SCRIPT + b"</body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="' + MARK + b'=1">' + SCRIPT + b"</svg>"
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /OpenAction << /S /JavaScript /JS (" + MARK + b") >> >>\nendobj\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
HUGE = 11 * 1024 * 1024


class Hostile(NamedTuple):
    kind: str
    name: str
    content: bytes
    may_be_taken: bool
    """By its name and its first bytes it is what the site takes; then all depends on how it is served."""


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 1, height: int = 1, *, pixels: bytes = b"\0\0\0\0", more: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", zlib.compress(pixels, 9)) + chunk(b"IEND", b"")


def archive(name: str, megabytes: int) -> bytes:
    """A zip file that swells to so many megabytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(name, b"\0" * (megabytes * 1024 * 1024))
    return made.getvalue()


def renamed(dice: random.Random) -> Hostile:
    """A page or a drawing under another name, or its own."""
    content = dice.choice([HTML, SVG, b'<?xml version="1.0"?>' + SVG, b"\xef\xbb\xbf \n" + HTML, HTML.upper()])
    extension = dice.choice(["png", "jpg", "pdf", "txt", "svg", "html", "xhtml", "PNG", "js", "xml"])
    return Hostile("renamed", f"picture.{extension}", content, may_be_taken=False)


def before(dice: random.Random) -> Hostile:
    """A page with a picture or PDF behind it."""
    extension, tail = dice.choice([("png", png()), ("jpg", JPEG), ("pdf", PDF)])
    return Hostile("before", f"scan.{extension}", HTML + tail, may_be_taken=False)


def behind(dice: random.Random) -> Hostile:
    """A picture or PDF with a page behind it, or in a comment of it."""
    comment = b"\xff\xfe" + struct.pack(">H", len(SCRIPT) + 2) + SCRIPT
    name, content = dice.choice(
        [
            ("scan.png", png() + HTML),
            ("scan.png", png(more=chunk(b"tEXt", b"Comment\0" + SCRIPT))),
            ("scan.jpg", JPEG + comment + b"\xff\xd9" + HTML),
            ("report.pdf", PDF + HTML),
            ("report.pdf", PDF[:9] + HTML + PDF[9:]),
            ("notes.txt", b"Notes of today.\n" + HTML),
            ("notes.txt", MARK + b"=1; // a script of one line\n"),
        ]
    )
    return Hostile("polyglot", name, content, may_be_taken=True)


@cache
def bombs() -> tuple[tuple[str, bytes, bool], ...]:
    return (
        ("many.zip", archive("many", 200), False),
        ("report.pdf", archive("report", 200), False),
        ("letter.docx", archive("word/document.xml", 200), False),
        ("scan.png", png(60_000, 60_000, pixels=bytes(30_000_000)), True),
        ("scan.png", png(7_000, 7_000, pixels=bytes(7_000 * 21_001)), True),
        ("scan.png", png(6_000, 6_000, pixels=bytes(6_000 * 18_001)), True),
        ("scan.png", png(2**31 - 1, 1), True),
        ("scan.png", png(more=chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000_000), 9))), True),
    )


def bomb(dice: random.Random) -> Hostile:
    """Little that becomes much."""
    name, content, fits = dice.choice(bombs())
    return Hostile("bomb", name, content, may_be_taken=fits)


def truncated(dice: random.Random) -> Hostile:
    """A PDF or picture that ends too early."""
    extension, whole = dice.choice([("pdf", PDF), ("png", png()), ("jpg", JPEG)])
    return Hostile("truncated", f"cut.{extension}", whole[: dice.randint(9, len(whole) - 1)], may_be_taken=True)


def foreign(dice: random.Random) -> Hostile:
    """Other types, nothing at all, and far too much."""
    name, content = dice.choice(
        [
            ("setup.exe", b"MZ\x90\x00" + SCRIPT),
            ("program.txt", b"\x7fELF" + b"\0" * 40),
            ("animation.png", b"GIF89a/*" + b"\0" * 9 + b"*/=1;" + MARK),
            ("notes.txt", HTML.decode().encode("utf-16")),
            ("notes.txt", b"fine so far\0" + HTML),
            ("empty.pdf", b""),
            ("large.pdf", PDF + b"\0" * HUGE),
            ("swap.jpg", png()),
        ]
    )
    return Hostile("foreign", name, content, may_be_taken=False)


def misnamed(dice: random.Random) -> Hostile:
    """A file that is taken, under a name that wants to be more."""
    name = dice.choice(
        [
            "../../../static/site.js.txt",
            "..\\..\\page.html.txt",
            'a"; filename="page.html".txt',
            "<img src=x onerror=window.pwned_by_upload=1>.txt",
            "page.html\u202etxt.txt",
            "é" * 200 + ".txt",
        ]
    )
    return Hostile("misnamed", name, b"Nothing to see.\n", may_be_taken=True)


MAKERS: tuple[Callable[[random.Random], Hostile], ...] = (
    renamed,
    before,
    behind,
    bomb,
    truncated,
    foreign,
    misnamed,
)
