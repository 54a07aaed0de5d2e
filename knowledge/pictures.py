"""Pictures as they are kept: decoded once to know that they are pictures, and stripped of all that is not the picture.

What a camera or a person hid beside the pixels (places, names, other files) goes; the pixels themselves stay as they
were, so that cleaning a picture that was cleaned gives the same bytes.
"""

import io
import struct
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 40_000_000
_TOO_LARGE = f"has more than {MOST_PIXELS // 1_000_000} million pixels; make it smaller."
FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
_PNG_MARK = b"\x89PNG\r\n\x1a\n"
_PNG_PARTS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"sBIT"}
_WEBP_PARTS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}
_WEBP_ALPHA_ONLY = 0b0001_0000
_SOS, _EOI = 0xDA, 0xD9
_JPEG_COLOURS = {0xE0, 0xEE}
"""Of the application's parts, those that say how the colours are meant: JFIF and Adobe."""
_ORIENTATION = 0x0112


class NotAPicture(Exception):
    """The content cannot be shown; ``str()`` says why and what to do."""


@dataclass(frozen=True)
class Picture:
    """A picture fit to be kept and shown."""

    content: bytes
    width: int
    height: int


def cleaned(content: bytes, content_type: str) -> Picture:
    """The picture alone, upright. Raises NotAPicture for what is none of the type, or larger than can be shown."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            upright, size = _upright(content, FORMATS[content_type])
        return Picture(_PARTS[content_type](upright), *size)
    except NotAPicture:
        raise
    except Image.DecompressionBombError:  # the decoder's own limit comes before ours, and is no kind of the rest
        raise NotAPicture(_TOO_LARGE) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError):
        raise NotAPicture("is damaged, or no picture inside; save it again from the program that made it.") from None


def _upright(content: bytes, form: str) -> tuple[bytes, tuple[int, int]]:
    """Decode it; turn it once where a camera only noted how it was held."""
    with Image.open(io.BytesIO(content), formats=[form]) as image:
        if image.width * image.height > MOST_PIXELS:
            raise NotAPicture(_TOO_LARGE)
        image.load()
        if image.getexif().get(_ORIENTATION, 1) == 1:
            return content, image.size
        turned = ImageOps.exif_transpose(image)
        out = io.BytesIO()
        turned.save(out, form, quality=90)
        return out.getvalue(), turned.size


def _png(content: bytes) -> bytes:
    kept, place = [_PNG_MARK], len(_PNG_MARK)
    while place < len(content):
        (length,) = struct.unpack_from(">I", content, place)
        name, end = content[place + 4 : place + 8], place + 12 + length
        if name in _PNG_PARTS:
            kept.append(content[place:end])
        if name == b"IEND":
            break
        place = end
    return b"".join(kept)


def _webp(content: bytes) -> bytes:
    parts = b"".join(_webp_parts(content))
    return b"RIFF" + struct.pack("<I", len(parts) + 4) + b"WEBP" + parts


def _webp_parts(content: bytes) -> Iterator[bytes]:
    place, last = 12, min(len(content), struct.unpack_from("<I", content, 4)[0] + 8)
    while place + 8 <= last:
        name, (length,) = content[place : place + 4], struct.unpack_from("<I", content, place + 4)
        end = place + 8 + length + length % 2
        part = content[place:end]
        if name in (b"ANIM", b"ANMF"):
            raise NotAPicture("moves; save a still picture.")
        if name == b"VP8X":
            part = part[:8] + bytes([part[8] & _WEBP_ALPHA_ONLY]) + part[9:]
        if name in _WEBP_PARTS:
            yield part
        place = end


def _jpeg(content: bytes) -> bytes:
    """Its segments without notes, and its scans; nothing after the mark of the end."""
    kept, place = [content[:2]], 2
    while (mark := content[place + 1]) != _EOI:
        if content[place] != 0xFF:
            raise ValueError(place)
        end = place + 2 + struct.unpack_from(">H", content, place + 2)[0]
        is_note = 0xE0 <= mark <= 0xEF or mark == 0xFE
        if mark == _SOS:
            end = _end_of_scan(content, end)
        if not is_note or mark in _JPEG_COLOURS:
            kept.append(content[place:end])
        place = end
    return b"".join([*kept, b"\xff\xd9"])


def _end_of_scan(content: bytes, place: int) -> int:
    """Where the next segment begins: in a scan 0xFF is followed by zero or by a mark to start again from."""
    while True:
        place = content.index(b"\xff", place)
        if content[place + 1] not in (0x00, 0xFF, *range(0xD0, 0xD8)):
            return place
        place += 1 if content[place + 1] == 0xFF else 2


_PARTS: dict[str, Callable[[bytes], bytes]] = {"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp}
