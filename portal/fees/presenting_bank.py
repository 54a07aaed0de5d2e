"""Bank lines in the words of the pages and of REST."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from portal.fees.matching import SURE, Open
from portal.fees.models import Account, BankFile, BankLine, Invoice
from portal.fees.money import in_words
from portal.fees.services.bank_matching import open_rows


@dataclass(frozen=True)
class LineWords:
    """One bank line, with what is suggested or was booked."""

    line: BankLine
    amount: str
    match: Sequence[str]
    """Each invoice with the amount, or the payment that is taken back, and what stays as credit."""
    organization: str
    is_sure: bool
    tone: str


def lines(rows: Iterable[BankLine]) -> list[LineWords]:
    """In one query more, however many there are."""
    found = list(rows)
    named = {int(pk) for row in found for pk in row.parts}
    numbers = dict(Invoice.objects.filter(pk__in=named).values_list("pk", "number"))
    return [_line(row, numbers) for row in found]


def _line(row: BankLine, numbers: dict[int, str | None]) -> LineWords:
    match = [f"{numbers.get(int(pk))}: {in_words(cents, row.currency)}" for pk, cents in row.parts.items()]
    if row.undoes:
        match = [f"Takes back the payment of {row.undoes.received_on:%d %b %Y}"]
    elif row.account and (rest := row.cents - sum(row.parts.values())) > 0:
        match.append(f"As credit: {in_words(rest, row.currency)}")
    return LineWords(
        line=row,
        amount=in_words(row.cents, row.currency),
        match=match,
        organization=row.account.organization.name if row.account else "",
        is_sure=row.score >= SURE,
        tone={"booked": "good", "aside": ""}.get(row.state, "attention"),
    )


def example(today: date) -> str:
    """A bank's CSV as it is written in much of Europe: a payment, a part of one, a fee, and somebody unknown."""
    rows = open_rows(Invoice.objects.filter(account__currency="USD"))[-2:] or [Open(0, "INV-2026-00001", 0, today, 2)]
    names = dict(Account.objects.filter(pk__in={row.account for row in rows}).values_list("pk", "organization__name"))
    first, last = rows[-1], rows[0]
    payer = names.get(first.account, "A member")
    said = [
        (first.cents, payer, "", f"Invoice {first.number}", "FT1"),
        (last.cents // 2, names.get(last.account, payer), "", f"half of {last.number.replace('-', ' ')}", "FT2"),
        (-1250, "", "", "Account fee", "FT3"),
        (25_000, "J. Unknown", "", "thank you", "FT4"),
    ]
    written = [";".join([f"{today:%d.%m.%Y}", f"{cents / 100:.2f}".replace(".", ","), *rest]) for cents, *rest in said]
    return "\n".join(["Booked;Amount;Name;Account;Text;Bank reference", *written]) + "\n"


@dataclass(frozen=True)
class FileCounts:
    """What came of a file's lines."""

    waiting: int
    confirmed: int
    booked: int
    aside: int
    seen: int
    """Lines that an earlier file had brought."""
    bad: int


def counts(file: BankFile) -> FileCounts:
    states = list(file.lines.values_list("state", flat=True))
    bad = len(file.bad)
    return FileCounts(
        waiting=states.count("waiting"),
        confirmed=states.count("confirmed"),
        booked=states.count("booked"),
        aside=states.count("aside"),
        seen=max(file.done - bad - len(states), 0),
        bad=bad,
    )
