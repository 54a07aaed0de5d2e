"""What every template keeps to: it compiles, and nothing in it needs an exception to the Content-Security-Policy."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template, render_to_string

FOLDER = Path(settings.ROOT, "templates")
NAMES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))
FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", re.I),
    "htmx that evaluates": re.compile(r"\bhx-on\b|[\"']js(?:on)?:|hx-trigger=\"[^\"]*\[", re.I),
}


@pytest.mark.parametrize("name", NAMES)
def test_template_compiles_and_keeps_the_policy(name: str) -> None:
    text = (FOLDER / name).read_text()
    get_template(name)
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("name", ["errors/500.html", "errors/503.html"])
def test_the_worst_pages_need_nothing(name: str) -> None:
    """No request, no context processor, no database: those may be what is broken."""
    assert "<h1" in render_to_string(name)
