"""Which invoices a bank line pays, or which payment it takes back: scored, and explained in words. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from portal.fees.bankline import plain
from portal.fees.money import in_words

SURE = 60
"""From this score on a suggestion is marked for booking already; below, a person marks it."""

NUMBER = 50
EXACT = 40
IBAN = 35
NAME = 20
ALL = 25
ONLY = 25
SHORT = 10
BACK = 45


@dataclass(frozen=True)
class Open:
    """A final invoice with something to pay."""

    invoice: int
    number: str
    account: int
    due_on: date
    cents: int


@dataclass(frozen=True)
class Paid:
    """A payment that could be taken back: whole, and not yet."""

    payment: int
    account: int
    cents: int
    day: date
    reference: str
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """A bank line, as far as matching is concerned."""

    cents: int
    currency: str
    text: str
    payer: str
    iban: str
    reference: str = ""
    returns: bool = False


@dataclass
class Known:
    """What is open and known in one currency. ``take`` makes the next line of a file see less."""

    open: dict[int, Open]
    names: Mapping[int, str]
    """Accounts by primary key, with the organization's name."""
    ibans: Mapping[str, int] = field(default_factory=dict)
    """Payers' accounts that paid before, with whose they are."""
    payers: Mapping[str, int] = field(default_factory=dict)
    paid: Sequence[Paid] = ()

    def take(self, parts: Mapping[int, int]) -> None:
        for invoice, cents in parts.items():
            row = self.open.pop(invoice)
            if cents < row.cents:
                self.open[invoice] = Open(row.invoice, row.number, row.account, row.due_on, row.cents - cents)


@dataclass(frozen=True)
class Suggestion:
    """``parts``: cents by invoice; what they leave of the line stays as the organization's credit."""

    score: int
    words: tuple[str, ...]
    account: int | None = None
    parts: Mapping[int, int] = field(default_factory=dict)
    undoes: int | None = None

    @property
    def is_sure(self) -> bool:
        return self.score >= SURE


def suggest(line: Seen, known: Known) -> Suggestion:
    """The best match of a line."""
    return _taken_back(line, known) if line.cents < 0 else _paying(line, known)


def numbers_in(text: str, numbers: Iterable[str]) -> list[str]:
    """Those of our numbers that the text holds, however it is spaced or hyphenated; never as part of a longer one."""
    tight, upper = plain(text), text.upper()
    return [number for number in numbers if plain(number) in tight and _stands_alone(plain(number), upper)]


def _stands_alone(number: str, text: str) -> bool:
    spaced = r"[\W_]*".join(map(re.escape, number))
    return re.search(rf"(?<![A-Z0-9]){spaced}(?![0-9])", text) is not None


def _paying(line: Seen, known: Known) -> Suggestion:
    by_number = {row.number: row for row in known.open.values()}
    named = [by_number[number] for number in numbers_in(line.text, by_number)]
    accounts = {row.account for row in named}
    if len(accounts) > 1:
        return Suggestion(0, ("It names invoices of several organizations: match it by hand.",))
    score, words = 0, []
    account = next(iter(accounts), None)
    if named:
        score += NUMBER
        words.append(f"The text names {_and(row.number for row in named)}.")
    account, more, said = _payer(line, known, account)
    score, words = score + more, words + said
    if account is None:
        return _by_amount(line, known)
    rows = named or _fitting(line, known, account)
    more, said = _amounts(line, rows, bool(named), known, account)
    score, words = score + more, words + said
    return Suggestion(max(min(score, 100), 0), tuple(words), account, _parts(line.cents, rows))


def _payer(line: Seen, known: Known, account: int | None) -> tuple[int | None, int, list[str]]:
    """Whose the line is by who sent it; how much that adds or takes, and why."""
    by_iban = known.ibans.get(line.iban) if line.iban else None
    by_name = known.payers.get(plain(line.payer)) if line.payer else None
    if by_name is None:
        by_name = _alike(line.payer, known)
    found, points, why = (
        (by_iban, IBAN, "The payer's account has paid for")
        if by_iban
        else (by_name, NAME, "The payer's name is that of")
    )
    if found is None:
        return account, 0, []
    name = known.names.get(found, "another organization")
    if account not in (None, found):
        return account, -points, [f"{why} {name}, but the invoice is another's: look twice."]
    return found, points, [f"{why} {name}{' before' if by_iban else ''}."]


def _alike(payer: str, known: Known) -> int | None:
    """The one organization whose name is the payer's, or the beginning of it, written in whatever way."""
    tight = plain(payer)
    found = [pk for pk, name in known.names.items() if len(plain(name)) >= 6 and tight.startswith(plain(name))]
    return found[0] if len(found) == 1 else None


def _fitting(line: Seen, known: Known, account: int) -> list[Open]:
    """Of an organization that named no invoice: the one of this amount, else those first due."""
    rows = sorted(
        (row for row in known.open.values() if row.account == account), key=lambda row: (row.due_on, row.number)
    )
    exact = [row for row in rows if row.cents == line.cents]
    return exact[:1] or rows


def _amounts(line: Seen, rows: Sequence[Open], named: bool, known: Known, account: int) -> tuple[int, list[str]]:
    owed = sum(row.cents for row in rows)
    if not rows:
        return 0, [f"{known.names[account]} owes nothing: all of it stays as credit."]
    which = _and(row.number for row in rows[:4]) + (" and others" if len(rows) > 4 else "")
    if owed == line.cents:
        points = EXACT if named or len(rows) == 1 else ALL
        return points, [f"The amount is exactly what is open of {which}."]
    if line.cents > owed:
        over = in_words(line.cents - owed, line.currency)
        return SHORT, [f"It pays {which} and {over} more, which stays as credit."]
    short = in_words(owed - line.cents, line.currency)
    order = "" if len(rows) == 1 else ", the first due first"
    return SHORT if named else 0, [f"It is {short} less than what is open of {which}: a part is paid{order}."]


def _by_amount(line: Seen, known: Known) -> Suggestion:
    """Nobody is named: the one invoice of the network that has this much open, if there is just one."""
    same = [row for row in known.open.values() if row.cents == line.cents]
    if len(same) != 1:
        return Suggestion(0, ("Neither an invoice nor a payer is known: match it by hand.",))
    row = same[0]
    words = (
        f"Only {row.number} of {known.names[row.account]} has exactly this open. The payer is not known: look twice."
    )
    return Suggestion(ONLY, (words,), row.account, {row.invoice: row.cents})


def _parts(cents: int, rows: Iterable[Open]) -> dict[int, int]:
    parts, left = {}, cents
    for row in rows:
        if part := min(row.cents, left):
            parts[row.invoice] = part
            left -= part
    return parts


def _taken_back(line: Seen, known: Known) -> Suggestion:
    """Money that went out: a payment that the bank took back, if one fits."""
    same = [row for row in known.paid if row.cents == -line.cents]
    scored = sorted(
        ((_back(line, row, known), row) for row in same), key=lambda pair: (-pair[0][0], -pair[1].day.toordinal())
    )
    if not scored or (scored[0][0][0] < SURE // 2):
        return Suggestion(0, ("Money that went out, and no payment that it would take back: match it by hand.",))
    (score, words), row = scored[0]
    if len(scored) > 1 and scored[1][0][0] == score:
        return Suggestion(0, ("Several payments fit what was taken back: match it by hand.",))
    return Suggestion(min(score, 100), tuple(words), row.account, undoes=row.payment)


def _back(line: Seen, row: Paid, known: Known) -> tuple[int, list[str]]:
    score, words = 0, [f"The amount is that of the payment of {row.day:%d %b %Y} by {known.names[row.account]}."]
    if line.returns:
        score += 20
        words.append("The bank says that it takes a payment back.")
    if len(row.reference) > 3 and plain(row.reference) in plain(line.text + " " + line.reference):
        score += BACK
        words.append("It names that payment's reference.")
    if found := numbers_in(line.text, row.numbers):
        score += BACK
        words.append(f"It names {_and(found)}, which that payment paid.")
    if line.iban and known.ibans.get(line.iban) == row.account:
        score += IBAN
        words.append("The account is the one that had paid.")
    elif line.payer and (known.payers.get(plain(line.payer)) or _alike(line.payer, known)) == row.account:
        score += NAME
        words.append("The name is the payer's.")
    return score, words


def _and(names: Iterable[str]) -> str:
    *most, last = list(names)
    return f"{', '.join(most)} and {last}" if most else last
