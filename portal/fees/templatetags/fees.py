"""Cents in templates."""

from django import template

from portal.fees.money import in_words

register = template.Library()


@register.filter
def money(cents: int | None, currency: str) -> str:
    """``$1,234.50``; nothing for nothing known."""
    return "" if cents is None else in_words(cents, currency)


@register.filter
def points(basis_points: int) -> str:
    """``7.25 %`` for 725."""
    return f"{basis_points / 100:g}\N{NO-BREAK SPACE}%"
