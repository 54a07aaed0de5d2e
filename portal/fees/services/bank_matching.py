"""Suggestions for bank lines, from what is open and who paid before. They are shown, and book nothing."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F, Max, QuerySet

from portal.fees import matching
from portal.fees.bankline import plain
from portal.fees.models import Account, BankLine, Invoice, Payment
from portal.fees.services.balances import with_open

LOOKS_BACK = timedelta(days=400)
"""A payment older than this is not looked for when the bank takes something back."""


def match_again(lines: "QuerySet[BankLine]") -> int:
    """Work out the suggestions of those lines that wait, oldest first, each seeing what the ones before leave."""
    rows = list(lines.filter(state=BankLine.State.WAITING).order_by("day", "pk"))
    for currency in sorted({row.currency for row in rows}):
        here = [row for row in rows if row.currency == currency]
        known = _known(currency, here)
        for row in here:
            _put(row, matching.suggest(_seen(row), known), known)
    BankLine.objects.bulk_update(rows, ["account", "parts", "undoes", "score", "words"], batch_size=500)
    return len(rows)


def _put(row: BankLine, found: matching.Suggestion, known: matching.Known) -> None:
    row.account_id, row.undoes_id = found.account, found.undoes
    row.parts = {str(invoice): cents for invoice, cents in found.parts.items()}
    row.score, row.words = found.score, list(found.words)
    if found.is_sure:
        known.take(found.parts)
        known.paid = [paid for paid in known.paid if paid.payment != found.undoes]


def _seen(row: BankLine) -> matching.Seen:
    return matching.Seen(row.cents, row.currency, row.text, row.payer, row.iban, row.reference, row.returns)


def _known(currency: str, lines: Iterable[BankLine]) -> matching.Known:
    accounts = Account.objects.filter(currency=currency).select_related("organization")
    names = {row.pk: row.organization.name for row in accounts}
    before = BankLine.objects.filter(state=BankLine.State.BOOKED, account__in=names, payment__isnull=False)
    out = [row for row in lines if row.cents < 0]
    return matching.Known(
        open={row.invoice: row for row in open_rows(Invoice.objects.filter(account__in=names))},
        names=names,
        ibans=_whose(before.exclude(iban="").values_list("iban", "account").annotate(last=Max("pk")).order_by()),
        payers=_whose(
            (plain(payer), account, last)
            for payer, account, last in before.exclude(payer="")
            .values_list("payer", "account")
            .annotate(last=Max("pk"))
            .order_by()
        ),
        paid=_paid(names, out) if out else (),
    )


def open_rows(invoices: "QuerySet[Invoice]") -> list[matching.Open]:
    """Final invoices with something to pay, in one query, the first due first."""
    rows = with_open(invoices.exclude(number=None)).annotate(
        open=F("net_cents") + F("tax_cents") - F("paid") - F("written_off")
    )
    return [
        matching.Open(row.pk, row.number, row.account_id, row.due_on, row.open)
        for row in rows.filter(open__gt=0).order_by("due_on", "sequence", "pk")
    ]


def _whose(rows: Iterable[tuple[str, int, int]]) -> dict[str, int]:
    """Of each name the account it paid for; one that paid for two says nothing."""
    found: dict[str, int | None] = {}
    for name, account, _ in rows:
        found[name] = account if found.get(name, account) == account else None
    return {name: account for name, account in found.items() if account is not None}


def _paid(names: Iterable[int], out: list[BankLine]) -> list[matching.Paid]:
    since = min(row.day for row in out) - LOOKS_BACK
    rows = Payment.objects.filter(account__in=names, received_on__gte=since, refunds=None, method="bank")
    rows = rows.filter(cents__in={-row.cents for row in out}).prefetch_related("allocations__invoice")
    return [
        matching.Paid(
            row.pk,
            row.account_id,
            row.cents,
            row.received_on,
            row.reference,
            tuple({part.invoice.number or "": None for part in row.allocations.all()}),
        )
        for row in rows
    ]
