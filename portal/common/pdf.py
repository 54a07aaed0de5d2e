"""PDFs: a template of ours, typeset with data.

The data travels as JSON and reaches the page as text: no part of it is ever read as markup, so that nothing anyone
wrote can act inside a template. Typesetting a document takes some ten milliseconds, and so happens in the request.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import typst
from django.conf import settings
from django.utils import timezone

TEMPLATES = settings.ROOT / "templates" / "pdf"
CONTENT_TYPE = "application/pdf"


def typeset(template: str, data: Mapping[str, Any], *, at: datetime | None = None) -> bytes:
    """The PDF that a template of ``templates/pdf/`` makes of the data, dated ``at``."""
    made = typst.compile(
        str(TEMPLATES / template),
        root=str(TEMPLATES),
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data)},
        timestamp=int((at or timezone.now()).timestamp()),
    )
    assert isinstance(made, bytes)  # a list only of other formats, nothing only with a file to write to
    return made


@cache
def _fonts() -> typst.Fonts:
    """The fonts that come with the package; the system's are asked for letters that those have not."""
    return typst.Fonts(include_system_fonts=True)
