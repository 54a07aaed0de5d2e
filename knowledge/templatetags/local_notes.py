"""How an organization's note is told in one line."""

from html import unescape

from django import template
from django.utils.html import strip_tags

from knowledge.local_text import rendered_note

register = template.Library()


@register.filter
def words_of_note(text: str) -> str:
    """The note's words without their marks, for a list."""
    return " ".join(unescape(strip_tags(rendered_note(text))).split())
