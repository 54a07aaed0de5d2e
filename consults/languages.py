"""The languages in which the network answers, and who speaks what. Pure."""

from collections.abc import Collection

LANGUAGES = {
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "de": "German",
    "pt": "Portuguese",
    "vi": "Vietnamese",
    "zh": "Chinese",
    "ar": "Arabic",
    "so": "Somali",
    "hmn": "Hmong",
    "ru": "Russian",
}
USUAL = "en"
"""What whoever lists no language speaks."""
OFFERED = list(LANGUAGES.items())
"""What one may name."""
ANY = [("", "Any language"), *OFFERED]
"""What one who asks may choose."""


def name_of(code: str) -> str:
    return LANGUAGES.get(code, "any language")


def speaks(listed: Collection[str], language: str) -> bool:
    """Whether someone who lists these speaks the language; no language is any."""
    return not language or language in (listed or (USUAL,))
