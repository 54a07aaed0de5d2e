"""The history of a standing in words, for its page and for REST."""

from datetime import date
from typing import Any

from portal.fees.models import Account


def history(account: Account) -> list[dict[str, Any]]:
    """States, extensions and holds, the newest first."""
    rows = [
        {"at": row.recorded_at, "what": f"{row.get_state_display()} since {_day(row.since)}", "why": row.reasons}
        for row in account.standings.all()
    ]
    for extension in account.extensions.select_related("given_by"):
        what = f"Extended to {_day(extension.until)} by {extension.given_by.name}"
        rows.append({"at": extension.given_at, "what": what, "why": [extension.reason]})
    for hold in account.holds.select_related("made_by", "invoice"):
        what = f"Invoice {hold.invoice} {hold.get_kind_display().lower()}, left alone until {_day(hold.until)}"
        rows.append({"at": hold.made_at, "what": what, "why": [hold.reason]})
    return sorted(rows, key=lambda row: row["at"], reverse=True)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
