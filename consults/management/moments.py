"""Reading a moment from the command line."""

from argparse import ArgumentTypeError
from datetime import datetime

from django.utils.dateparse import parse_datetime


def moment(text: str) -> datetime:
    """An aware moment from ISO 8601. Raises ArgumentTypeError where it is none, or has no offset."""
    try:
        value = parse_datetime(text)
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise ArgumentTypeError(f"“{text}” is not a moment such as 2026-11-26T14:20:00+00:00 or 2026-11-26T14:20:00Z")
    return value
