"""After a change or an end: what was billed beyond the day is credited, what holds instead is billed."""

from datetime import date, datetime

from portal.fees.models import Agreement, CreditLine, CreditNote, Invoice, InvoiceLine
from portal.fees.pricing import Kind
from portal.fees.proration import Stretch, of_period
from portal.fees.services import crediting, drafting
from portal.members.models import Person

WHY = {
    CreditNote.Kind.CHANGE: "The agreement changed on {day:%d %B %Y}.",
    CreditNote.Kind.ENDING: "The agreement ended; {day:%d %B %Y} is the first day without it.",
}


def put_right(agreement: Agreement, *, on: date, kind: CreditNote.Kind, by: Person, at: datetime) -> list[CreditNote]:
    """Credit final invoices from ``on``, bill the same days anew in drafts, and work open drafts out anew.

    Under the account's lock, after the agreement's new terms or end are written.
    """
    billed = agreement.invoices.filter(until__gt=on)
    notes, periods = list[CreditNote](), set[int]()
    for invoice in billed.final().exclude(kind=Invoice.Kind.USAGE).order_by("starts_on", "pk"):
        periods.add(invoice.period)
        if parts := _rest(invoice, on):
            reason = WHY[kind].format(day=on)
            notes.append(crediting.issue(invoice, kind=kind, reason=reason, parts=parts, by=by, at=at))
    drafts = list(billed.drafts())
    for number in sorted(periods - {row.period for row in drafts if row.kind != Invoice.Kind.USAGE}):
        if max(on, agreement.period(number).stretch.start) < agreement.term.until:
            drafting.draft(agreement, Invoice.Kind.CHANGE, number, on, at=at)
    for draft in drafts:
        drafting.fill(draft, agreement)
    return notes


def _rest(invoice: Invoice, on: date) -> list[crediting.Part]:
    """What each line of dues billed for the days from ``on``. A line that a change credited has given its rest already.

    Never more than a correction left of it.
    """
    whole = invoice.agreement.period(invoice.period).stretch
    given = CreditLine.objects.filter(line__invoice=invoice).exclude(credit_note__kind=CreditNote.Kind.CORRECTION)
    settled = set(given.values_list("line_id", flat=True))
    parts = []
    for line, left in crediting.left_of_lines(invoice):
        days = line.days.meet(Stretch(on, line.until))
        if line.pk in settled or Kind(line.kind).is_usage or days is None:
            continue
        if cents := min(of_period(line.whole_cents, days, whole), left):
            parts.append((line, cents, _text(line, days)))
    return parts


def _text(line: InvoiceLine, days: Stretch) -> str:
    return f"{line.text}: back for {days.days} {'day' if days.days == 1 else 'days'} from {days.start:%d %B %Y}"
