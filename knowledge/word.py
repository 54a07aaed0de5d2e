"""From a Word file (.docx) to Markdown: what it says, without its pictures and its looks.

A .docx is a ZIP of XML. Before anything reads it, its parts are counted and measured, and one that defines entities is
refused, so that a small file cannot become a large one.
"""

import re
import zipfile
from dataclasses import dataclass
from typing import IO
from xml.etree import ElementTree

import mammoth

from knowledge.pasting import markdown_from_html

LARGEST = 20 * 1024 * 1024
"""Of the file as it comes."""
LARGEST_UNPACKED = 80 * 1024 * 1024
MOST_PARTS = 2000
LARGEST_TEXT = 20 * 1024 * 1024
"""Of one XML part, unpacked."""
_CORE = "{http://purl.org/dc/elements/1.1/}title"
_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"
_HEADING = re.compile(r"#{1,6} +(.+)")


class NotReadable(Exception):
    """The file is no Word document that can be taken; ``str()`` says why and what to do."""


@dataclass(frozen=True)
class WordText:
    """What the file says."""

    title: str
    body: str


def read_word(file: IO[bytes]) -> WordText:
    """The document's title and text. Raises NotReadable."""
    try:
        with zipfile.ZipFile(file) as parts:
            _check(parts)
            title = _title(parts)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise NotReadable("is no Word document inside; open it in Word and save it as .docx.") from None
    except ElementTree.ParseError:
        title = ""
    file.seek(0)
    try:
        html = mammoth.convert_to_html(file, style_map=_STYLES, convert_image=mammoth.images.img_element(_no_picture))
    except Exception:  # noqa: BLE001 - whatever a broken file makes the reader raise
        raise NotReadable("cannot be read as a Word document; open it in Word and save it anew.") from None
    return _told_apart(title, markdown_from_html(html.value))


def _check(parts: zipfile.ZipFile) -> None:
    entries = parts.infolist()
    if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise NotReadable("unpacks to more than a document holds; save it without its pictures.")
    if "word/document.xml" not in parts.namelist():
        raise NotReadable("is no Word document inside; open it in Word and save it as .docx.")
    for entry in entries:
        if entry.filename.endswith((".xml", ".rels")):
            if entry.file_size > LARGEST_TEXT:
                raise NotReadable("holds more text than a document may; split it.")
            head = parts.read(entry)
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head or b"\0<\0!" in head or b"<\0!\0" in head:
                raise NotReadable("defines entities, which no Word document needs; open it in Word and save it anew.")


def _title(parts: zipfile.ZipFile) -> str:
    if "docProps/core.xml" not in parts.namelist():
        return ""
    found = ElementTree.fromstring(parts.read("docProps/core.xml")).find(_CORE)  # noqa: S314 - without entities
    return " ".join((found.text or "").split()) if found is not None else ""


def _told_apart(title: str, body: str) -> WordText:
    """The title is the first heading where the properties give none; it does not stand in the text again."""
    first, _, rest = body.partition("\n")
    found = _HEADING.fullmatch(first)
    heading = re.sub(r"\\(.)", r"\1", found[1]).strip() if found else ""
    if heading and (not title or title == heading):
        return WordText(heading[:300], rest.strip())
    return WordText(title[:300], body)


def _no_picture(image: object) -> dict[str, str]:
    return {}
