"""What an act books, drafts and brings about, in plain words. No new number is named: it is given when it is done."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from portal.fees.models import Allocation, CreditNote, Entry, Invoice, Payment, Refund, WriteOff
from portal.fees.proration import Stretch
from portal.fees.services.documents import documents_of
from portal.fees.services.posting import Document


@dataclass(frozen=True)
class Effect:
    """One thing that happens: in words, with its amount in cents where it has one, and the lines it is made of."""

    text: str
    cents: int | None = None
    currency: str = ""
    lines: tuple[tuple[str, int], ...] = ()


def booked(entries: "QuerySet[Entry]") -> Iterator[Effect]:
    """Each entry, in order."""
    rows = list(entries.select_related("account").order_by("pk"))
    found = documents_of(rows)
    for row in rows:
        if document := found.get((row.kind, row.document)):
            yield _of(document, row.account.currency)


def drafted(before: Mapping[int, Invoice], after: Mapping[int, Invoice]) -> Iterator[Effect]:
    """Drafts that are new, or come to something else than before, or are no more."""
    for pk, draft in after.items():
        lines = tuple((line.text, line.cents) for line in draft.lines.all())
        was = before.get(pk)
        if was is None:
            text = f"A new draft of an invoice for {_days(draft.days)}, which may still change"
        elif was.total_cents != draft.total_cents:
            text = f"The draft for {_days(draft.days)} is worked out anew"
        else:
            continue
        yield Effect(text, draft.total_cents, draft.account.currency, _with_tax(lines, draft.tax_cents))
    for pk, draft in before.items():
        if pk not in after and not Invoice.objects.filter(pk=pk).exists():
            yield Effect(f"The draft for {_days(draft.days)} is no more", draft.total_cents, draft.account.currency)


def stood(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Effect]:
    """A standing that becomes another."""
    for currency, state in after.items():
        if (was := before.get(currency, "Good")) != state:
            yield Effect(f"The standing becomes “{state}”; it was “{was}”")


def _of(document: Document, currency: str) -> Effect:
    match document:
        case Invoice():
            assert document.due_on is not None
            lines = tuple((line.text, line.cents) for line in document.lines.all())
            text = f"An invoice for {_days(document.days)} is final, due {_day(document.due_on)}"
            return Effect(text, document.total_cents, currency, _with_tax(lines, document.tax_cents))
        case CreditNote():
            lines = tuple((row.text, row.cents) for row in document.lines.all())
            text = f"A credit note against invoice {document.invoice}: {document.reason}"
            return Effect(text, document.total_cents, currency, _with_tax(lines, document.tax_cents))
        case Payment():
            text = f"A payment received {_day(document.received_on)}, {document.get_method_display().lower()}"
            return Effect(text, document.cents, currency)
        case Allocation() if document.cents < 0:
            text = f"What paid invoice {document.invoice} is taken back: it is open again, the money is left to use"
            return Effect(text, -document.cents, currency)
        case Allocation():
            source = "The payment" if document.payment_id else "The credit note"
            return Effect(f"{source} pays invoice {document.invoice}", document.cents, currency)
        case Refund():
            returned = document.kind == Refund.Kind.RETURNED
            text = "The bank took the payment back" if returned else "Money goes back to the organization"
            return Effect(f"{text}: {document.reason}", document.cents, currency)
        case WriteOff():
            return Effect(f"Written off of invoice {document.invoice}: {document.reason}", document.cents, currency)


def _with_tax(lines: Iterable[tuple[str, int]], tax_cents: int) -> tuple[tuple[str, int], ...]:
    return (*lines, ("Tax", tax_cents)) if tax_cents else tuple(lines)


def _days(days: Stretch) -> str:
    return f"{_day(days.start)} to {_day(days.until - timedelta(days=1))}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
