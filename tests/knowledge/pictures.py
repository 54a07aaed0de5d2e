"""Small pictures and files for tests."""

import io

from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
FORMS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}


def picture(form: str = "png", *, size: tuple[int, int] = (8, 6), note: bytes = b"", orientation: int = 1) -> bytes:
    """A picture in red and blue, with EXIF that says where it was taken and how the camera was held."""
    image = Image.new("RGB", size, "red")
    image.putpixel((0, 0), (0, 0, 255))
    out = io.BytesIO()
    exif = Image.Exif()
    if note:
        exif[0x010E] = note.decode()
    if orientation != 1:
        exif[0x0112] = orientation
    image.save(out, FORMS[form], **({"exif": exif} if note or orientation != 1 else {}))
    return out.getvalue()
