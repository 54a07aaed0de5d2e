"""The National Provider Identifier of a clinician: ten digits, the last of which checks the others. Pure."""

PREFIX = "80840"
"""Stands before every NPI when its check digit is reckoned (ISO 7812: health, United States)."""
LENGTH = 10


def problem_of(text: str) -> str:
    """What is wrong with the number, in words for whoever typed it; empty when it can be one."""
    if not text.isascii() or not text.isdigit() or len(text) != LENGTH:
        return f"An NPI has {LENGTH} digits. Copy it again, without spaces."
    if text[0] not in "12":
        return "An NPI begins with 1 or 2. Copy it again."
    if not _adds_up(PREFIX + text):
        return "The last digit does not fit the others, so a digit is mistyped. Copy the NPI again."
    return ""


def _adds_up(digits: str) -> bool:
    """Luhn: every second digit from the right counts double, and the sum ends in nought."""
    doubled = (sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0
