"""What people write: trimmed, neither empty nor too long."""

from portal.common.refusals import Invalid


def said(text: str, *, most: int, field: str = "text", empty: str = "Write something first.") -> str:
    """The words, trimmed, without what PostgreSQL cannot keep. Raises Invalid where there are none, or too many."""
    text = text.replace("\x00", "").strip()
    if not text:
        raise Invalid(**{field: empty})
    if len(text) > most:
        raise Invalid(**{field: f"Use at most {most:,} characters; this has {len(text):,}."})
    return text
