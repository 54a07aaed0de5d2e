"""What the payment provider says is booked: each event once, each payment, refund and dispute once, in any order.

An event is kept in the transaction that books it. One that comes before its payment waits for it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from portal.common import tenancy
from portal.common.notices import Telling, tell_all
from portal.common.refusals import Conflict, Invalid
from portal.fees.models import Account, Checkout, Payment, ProviderEvent, ProviderMove, Refund
from portal.fees.providers.base import Said, What
from portal.fees.services import base, paying
from portal.fees.services.balances import left_of, open_cents
from portal.members.models import Person

BY = "payment provider"
Outcome = ProviderEvent.Outcome
Kind = ProviderMove.Kind
Answer = tuple[ProviderEvent.Outcome, str]
NOTHING_NEW: Answer = (Outcome.NOTHING, "Known already.")


def receive(said: Said, *, at: datetime) -> ProviderEvent:
    """Keep an event and book it; one that came before changes nothing."""
    with tenancy.everything():
        row, is_new = ProviderEvent.objects.get_or_create(
            event=said.event,
            defaults={
                "said": said.as_json(),
                "intent": said.intent,
                "outcome": Outcome.WAITING,
                "received_at": at,
            },
        )
        if is_new:
            _handle(row, said, at=at)
            if said.what is What.PAID:
                _those_waiting(said.intent, at=at)
        return row


def try_again(*, at: datetime) -> int:
    """Events that wait, whose payment may have come meanwhile. Safe to run twice and at once."""
    with tenancy.everything():
        intents = set(ProviderEvent.objects.filter(outcome=Outcome.WAITING).values_list("intent", flat=True))
    for intent in sorted(intents):
        with tenancy.everything():
            _those_waiting(intent, at=at)
    return len(intents)


def _those_waiting(intent: str, *, at: datetime) -> None:
    """In the order of what can follow what; a reinstated dispute waits for its withdrawal."""
    if not intent or (account := _account_of(intent)) is None:
        return
    base.lock(account)
    rows = ProviderEvent.objects.select_for_update().filter(intent=intent, outcome=Outcome.WAITING)
    order = [What.REFUNDED, What.REFUND_FAILED, What.DISPUTED, What.WITHDRAWN, What.REINSTATED]
    heard = [(Said.from_json(row.said), row) for row in rows]
    for said, row in sorted(heard, key=lambda pair: (order.index(pair[0].what), pair[1].pk)):
        _handle(row, said, at=at)


def _handle(row: ProviderEvent, said: Said, *, at: datetime) -> None:
    try:
        with transaction.atomic():
            row.outcome, row.words = BOOK[said.what](said, at)
    except (Conflict, Invalid) as why:
        row.outcome, row.words = Outcome.BY_HAND, str(why)[:300]
    row.save()
    if row.outcome == Outcome.BY_HAND:
        _tell(row)


def _paid(said: Said, at: datetime) -> Answer:
    checkout = _checkout(said.key)
    if checkout is None:
        return Outcome.NOTHING, "Not a payment that was begun here."
    account = base.lock(checkout.account)
    if _moved(Kind.PAID, said.name):
        return NOTHING_NEW
    if said.currency != account.currency:
        return Outcome.BY_HAND, f"Paid in {said.currency}, and the account is in {account.currency}."
    part = min(said.cents, open_cents(checkout.invoice))
    payment = paying.record_payment(
        account,
        by=BY,
        cents=said.cents,
        received_on=account.day(at),
        method=Payment.Method.CARD,
        reference=said.intent,
        pays={checkout.invoice: part} if part else {},
        at=at,
    )
    paying.settle(account, by=BY, at=at)
    _move(said, Kind.PAID, account, at, payment=payment)
    return Outcome.BOOKED, ""


def _refunded(said: Said, at: datetime) -> Answer:
    if (payment := _payment_of(said.intent)) is None:
        return Outcome.WAITING, ""
    base.lock(payment.account)
    if _moved(Kind.REFUNDED, said.name) or _moved(Kind.REFUND_FAILED, said.name):
        return NOTHING_NEW
    row = _back(payment, said.cents, said.currency, "Paid back through the payment provider", at=at)
    _move(said, Kind.REFUNDED, payment.account, at, refund=row)
    return Outcome.BOOKED, ""


def _refund_failed(said: Said, at: datetime) -> Answer:
    """The money came back; where the refund itself was not heard of yet, it now never is booked."""
    if (payment := _payment_of(said.intent)) is None:
        return Outcome.WAITING, ""
    account = base.lock(payment.account)
    if _moved(Kind.REFUND_FAILED, said.name):
        return NOTHING_NEW
    again = None
    if _moved(Kind.REFUNDED, said.name):
        again = _again(account, said, f"{said.name} failed", at=at)
    _move(said, Kind.REFUND_FAILED, account, at, payment=again)
    return (Outcome.BOOKED, "") if again else (Outcome.NOTHING, "The refund was not booked.")


def _disputed(said: Said, at: datetime) -> Answer:
    if _payment_of(said.intent) is None:
        return Outcome.WAITING, ""
    return Outcome.BY_HAND, f"The payer disputes {said.intent}: answer it at the provider."


def _withdrawn(said: Said, at: datetime) -> Answer:
    if (payment := _payment_of(said.intent)) is None:
        return Outcome.WAITING, ""
    base.lock(payment.account)
    if _moved(Kind.WITHDRAWN, said.name):
        return NOTHING_NEW
    row = _back(payment, said.cents, said.currency, "Taken back by the payer's bank: a dispute", at=at)
    _move(said, Kind.WITHDRAWN, payment.account, at, refund=row)
    return Outcome.BOOKED, ""


def _reinstated(said: Said, at: datetime) -> Answer:
    if (payment := _payment_of(said.intent)) is None:
        return Outcome.WAITING, ""
    account = base.lock(payment.account)
    if _moved(Kind.REINSTATED, said.name):
        return NOTHING_NEW
    if not _moved(Kind.WITHDRAWN, said.name):
        return Outcome.WAITING, ""
    again = _again(account, said, f"{said.name} reinstated", at=at)
    _move(said, Kind.REINSTATED, account, at, payment=again)
    return Outcome.BOOKED, ""


def _other(said: Said, at: datetime) -> Answer:
    return Outcome.NOTHING, "It moves no money."


BOOK: Mapping[What, Callable[[Said, datetime], Answer]] = {
    What.PAID: _paid,
    What.REFUNDED: _refunded,
    What.REFUND_FAILED: _refund_failed,
    What.DISPUTED: _disputed,
    What.WITHDRAWN: _withdrawn,
    What.REINSTATED: _reinstated,
    What.OTHER: _other,
}


def _back(payment: Payment, cents: int, currency: str, reason: str, *, at: datetime) -> Refund:
    """Money of a payment went back: what it paid last is open again as far as needed, and the rest pays on.

    Raises Conflict where it is more than the payment has.
    """
    account = payment.account
    if currency != account.currency:
        raise Conflict(f"It is in {currency}, and the account in {account.currency}.")
    for allocation in payment.allocations.filter(releases=None, released_by=None).order_by("-pk"):
        if left_of(payment) >= cents:
            break
        paying.release(allocation, by=BY, at=at)
    if left_of(payment) < cents:
        raise Conflict("More went back than is left of the payment. Compare the books with the provider.")
    row = paying.refund(payment, by=BY, cents=cents, reason=reason, at=at)
    paying.settle(account, by=BY, at=at)
    return row


def _again(account: Account, said: Said, reference: str, *, at: datetime) -> Payment:
    """Money that had gone back is there again: a payment of its own."""
    return paying.record_payment(
        account,
        by=BY,
        cents=said.cents,
        received_on=account.day(at),
        method=Payment.Method.CARD,
        reference=reference,
        at=at,
    )


def _move(
    said: Said,
    kind: ProviderMove.Kind,
    account: Account,
    at: datetime,
    *,
    payment: Payment | None = None,
    refund: Refund | None = None,
) -> None:
    row = ProviderMove.objects.create(
        account=account, kind=kind, name=said.name, intent=said.intent, payment=payment, refund=refund, at=at
    )
    base.record(account, by=BY, action=f"provider {kind.value}", kind="provider move", pk=row.pk, cents=said.cents)


def _moved(kind: ProviderMove.Kind, name: str) -> bool:
    return ProviderMove.objects.filter(kind=kind, name=name).exists()


def _payment_of(intent: str) -> Payment | None:
    row = ProviderMove.objects.filter(kind=Kind.PAID, intent=intent).select_related("payment__account").first()
    return row.payment if row else None


def _account_of(intent: str) -> Account | None:
    row = ProviderMove.objects.filter(kind=Kind.PAID, intent=intent).select_related("account").first()
    return row.account if row else None


def _checkout(key: str) -> Checkout | None:
    try:
        return Checkout.objects.select_related("account", "invoice").filter(key=key).first() if key else None
    except ValidationError:
        return None


def _tell(row: ProviderEvent) -> None:
    people = Person.objects.network_administrators()
    text = "A message of the payment provider needs a look: it could not be booked by itself."
    tell_all(Telling(person, "provider", text, "/online-payments/", f"provider:{row.pk}") for person in people)
