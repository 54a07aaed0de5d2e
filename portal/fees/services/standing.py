"""Standing, looked at each day and kept as a history; extensions and holds, each with a reason."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from portal.common import tenancy
from portal.common.refusals import Conflict, Invalid
from portal.fees import standing as rules
from portal.fees.models import Account, Extension, Hold, Invoice, StandingRecord
from portal.fees.services import base, telling
from portal.fees.services.balances import open_cents, open_invoices
from portal.members.models import Organization, Person


def now_of(account: Account) -> StandingRecord | None:
    """The standing that holds; None before anyone looked, which is good."""
    return account.standings.last()


SUSPENDED = """EXISTS (
  SELECT 1 FROM fees_account a WHERE a.organization_id = {organization} AND 'suspended' = (
    SELECT s.state FROM fees_standingrecord s WHERE s.account_id = a.id
     ORDER BY s.recorded_at DESC, s.id DESC LIMIT 1))"""
"""``is_suspended`` as a part of another statement, which names the column or parameter of the organization."""


def is_suspended(organization: Organization) -> bool:
    """Whether new consults and engagements of the organization wait. Nothing else ever does."""
    accounts = Account.objects.filter(organization=organization)
    return any(row.state == StandingRecord.State.SUSPENDED for row in map(now_of, accounts) if row)


def suspension(organization: Organization) -> tuple[date, list[str]] | None:
    """Since when the organization is suspended, and what was due before, as sentences; None where it is not."""
    rows = [(account, now_of(account)) for account in Account.objects.filter(organization=organization)]
    held = [(account, row) for account, row in rows if row and row.state == StandingRecord.State.SUSPENDED]
    if not held:
        return None
    owed = [
        f"{rules.was_due(debt, account.currency)}."
        for account, row in held
        for debt in debts(account)
        if debt.due_on < row.since
    ]
    return min(row.since for _, row in held), owed


@transaction.atomic
def review(account: Account, *, at: datetime) -> rules.Standing:
    """Work the account's standing out from what it owes at this moment, and keep it where it is another.

    Safe to run twice and at once.
    """
    account = base.lock(account)
    last, today = now_of(account), account.day(at)
    found = rules.standing(
        debts(account),
        before=_as_rule(last),
        today=today,
        currency=account.currency,
        extensions=[rules.Extension(row.until, row.reason) for row in account.extensions.all()],
    )
    if last is None or (last.state, last.suspends_on) != (found.state.value, found.suspends_on):
        row = StandingRecord.objects.create(
            account=account,
            state=found.state.value,
            since=found.since,
            suspends_on=found.suspends_on,
            reasons=list(found.reasons),
            recorded_at=at,
        )
        if last is not None or row.state != StandingRecord.State.GOOD:
            telling.standing(row)
        base.record(account, by="standing", action="standing", kind="account", pk=account.pk, state=found.state.value)
    return found


def review_all(*, at: datetime) -> int:
    """Look at every account, each in a transaction of its own. Returns how many."""
    with tenancy.everything():
        accounts = list(Account.objects.all())
    for account in accounts:
        with tenancy.everything():
            review(account, at=at)
    return len(accounts)


@transaction.atomic
def extend(account: Account, *, by: Person, until: date, reason: str, at: datetime) -> Extension:
    """Let the grace last up to and with a day. Raises Invalid for a day that has passed, Refused."""
    base.require(by)
    account = base.lock(account)
    _coming(account, until, at)
    row = Extension.objects.create(
        account=account, until=until, reason=base.reason_of(reason), given_by=by, given_at=at
    )
    base.record(account, by=by, action="extend", kind="account", pk=account.pk, until=until.isoformat())
    review(account, at=at)
    return row


@transaction.atomic
def hold(invoice: Invoice, *, by: Person, kind: str, until: date, reason: str, at: datetime) -> Hold:
    """Leave an open invoice alone up to and with a day: it is disputed, or promised for then.

    Raises Conflict where nothing is open, Invalid for a day that has passed, Refused.
    """
    base.require(by)
    account = base.lock(invoice.account)
    _coming(account, until, at)
    if kind not in Hold.Kind.values:
        raise Invalid(kind="It is disputed, or payment was promised.")
    if not open_cents(Invoice.objects.get(pk=invoice.pk)):
        raise Conflict("Nothing of this invoice is open.")
    row = Hold.objects.create(
        account=account,
        invoice=invoice,
        kind=kind,
        until=until,
        reason=base.reason_of(reason),
        made_by=by,
        made_at=at,
    )
    base.record(account, by=by, action="hold", kind="invoice", pk=invoice.pk, until=until.isoformat())
    review(account, at=at)
    return row


def debts(account: Account) -> list[rules.Debt]:
    """What is open of each final invoice, with the last day of its holds."""
    held = Hold.objects.filter(account=account).values("invoice").annotate(until=Max("until")).order_by()
    until = {row["invoice"]: row["until"] for row in held}
    found = []
    for invoice, cents in open_invoices(account):
        assert invoice.number is not None  # they are final
        assert invoice.due_on is not None
        found.append(rules.Debt(invoice.number, invoice.due_on, cents, until.get(invoice.pk)))
    return found


def _coming(account: Account, until: date, at: datetime) -> None:
    if until < account.day(at):
        raise Invalid(until="Choose a day that is still to come.")


def _as_rule(row: StandingRecord | None) -> rules.Standing | None:
    if row is None:
        return None
    return rules.Standing(rules.State(row.state), row.since, tuple(row.reasons), row.suspends_on)


def coming(account: Account, *, at: datetime) -> list[tuple[date, str]]:
    """What follows next for the account, each with its day, unless somebody pays or decides otherwise."""
    today = account.day(at)
    found = _as_rule(now_of(account)) or rules.Standing(rules.State.GOOD, today)
    return rules.coming(found, debts(account), today)
