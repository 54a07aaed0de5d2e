"""Money: whole cents, as integers, in one currency at a time. Pure.

A price, a share and a tax are worked out as exact fractions and rounded once, half a cent upwards.
"""

from decimal import Decimal
from fractions import Fraction

CURRENCIES = {"USD": "$", "CAD": "CA$", "EUR": "€", "GBP": "£"}
"""Those whose hundredth part is the smallest coin, with their signs."""

WHOLE = 10_000
"""Shares are written in basis points: 10,000 is all of it, 725 is 7.25 %."""


def rounded(exact: Fraction) -> int:
    """Whole cents; half a cent goes away from nought, so that a credit mirrors its charge."""
    sign = -1 if exact < 0 else 1
    return sign * ((2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator))


def share(cents: int, part: int, whole: int) -> int:
    """``part`` of ``whole`` of the amount, in cents. Nothing of nothing is nothing."""
    return rounded(Fraction(cents * part, whole)) if whole else 0


def between(cents: int, first: int, last: int, whole: int) -> int:
    """What falls on ``first`` to ``last`` of ``whole`` equal steps.

    The difference of two running totals: consecutive stretches sum to the whole to the cent, however it is cut.
    """
    return share(cents, last, whole) - share(cents, first, whole)


def points(cents: int, basis_points: int) -> int:
    """So many basis points of the amount, in cents: a tax or a discount."""
    return share(cents, basis_points, WHOLE)


def times(quantity: Decimal, cents: int) -> int:
    """The price of a quantity at ``cents`` each."""
    return rounded(Fraction(quantity) * cents)


def in_words(cents: int, currency: str) -> str:
    """``$1,234.50``; a minus before the sign."""
    units, rest = divmod(abs(cents), 100)
    return f"{'−' if cents < 0 else ''}{CURRENCIES[currency]}{units:,}.{rest:02}"
