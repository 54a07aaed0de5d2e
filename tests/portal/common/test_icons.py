"""Every icon a template names exists: a wrong name breaks the page only when it is shown."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from lucide.templatetags.lucide import lucide

NAMES = sorted(
    {
        name
        for template in Path(settings.ROOT, "templates").rglob("*.html")
        for name in re.findall(r"""\blucide ["']([^"']+)["']""", template.read_text())
    }
)


@pytest.mark.parametrize("name", NAMES)
def test_icon_exists(name: str) -> None:
    assert lucide(name).startswith("<svg")
