"""Letters for overdue invoices: each level once, on its day; nothing while an invoice is held."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from portal.common import tenancy
from portal.common.notices import Telling, tell_all
from portal.common.refusals import Invalid, Refused
from portal.fees.dunning import level as level_of
from portal.fees.models import Account, Correspondence, Hold, Invoice, Reminder
from portal.fees.services import base
from portal.fees.services.balances import open_invoices
from portal.members.models import Person, Role

IGNORED_CENTS = 100
"""What is left of an invoice below this is not worth a letter, as it never changes a standing."""

NETWORK = "reminders"


def send_due(*, at: datetime) -> int:
    """Send every letter that is due, an account a transaction. Returns how many. Safe to run twice and at once."""
    with tenancy.everything():
        accounts = list(Account.objects.filter(invoices__due_on__lt=at).distinct().order_by("pk"))
    sent = 0
    for account in accounts:
        with tenancy.everything():
            sent += len(send_due_of(account, at=at))
    return sent


@transaction.atomic
def send_due_of(account: Account, *, at: datetime) -> list[Reminder]:
    """The letters that one account is due, recorded and told to its organization's administrators."""
    account = base.lock(account)
    today, held, last = account.day(at), _held(account), _last(account)
    made = []
    for invoice, cents in open_invoices(account):
        assert invoice.due_on is not None  # it is final
        reached = level_of(invoice.due_on, today, held_until=held.get(invoice.pk))
        if reached and cents >= IGNORED_CENTS and reached.number > last.get(invoice.pk, 0):
            made.append(_send(account, invoice, reached.number, reached.since, cents, at=at))
    return made


@transaction.atomic
def write_in(account: Account, *, by: Person, language: str, paper: str) -> Correspondence:
    """Say in which language and on which paper an organization wants its letters. Raises Invalid, Refused.

    For administrators of the network, and of the organization itself.
    """
    if account.organization_id not in by.actor.administrator_of and not by.actor.is_network_administrator:
        raise Refused("Only administrators of the organization or of the network do this.")
    if language not in Correspondence.Language.values:
        raise Invalid(language="Choose one of the languages.")
    if paper not in Correspondence.Paper.values:
        raise Invalid(paper="Choose one of the sizes.")
    row, _ = Correspondence.objects.update_or_create(account=account, defaults={"language": language, "paper": paper})
    base.record(account, by=by, action="correspondence", kind="account", pk=account.pk, language=language, paper=paper)
    return row


def _send(account: Account, invoice: Invoice, level: int, since: date, cents: int, *, at: datetime) -> Reminder:
    people = administrators_of(account)
    style = Correspondence.objects.filter(account=account).first() or Correspondence(account=account)
    row = Reminder.objects.create(
        account=account,
        invoice=invoice,
        level=level,
        since=since,
        open_cents=cents,
        language=style.language,
        paper=style.paper or usual_paper(account),
        sent_at=at,
        sent_to=[person.name for person in people],
    )
    text = f"Reminder {level} for invoice {invoice.number}: it is overdue. The letter is ready."
    tell_all(Telling(person, "reminder", text, "/reminders/", f"reminder:{row.pk}") for person in people)
    base.record(account, by=NETWORK, action="reminder", kind="invoice", pk=invoice.pk, level=level)
    return row


def administrators_of(account: Account) -> list[Person]:
    """Who is written to."""
    people = Person.objects.filter(
        roles__name=Role.Name.ORGANIZATION_ADMINISTRATOR, roles__organization=account.organization_id, is_active=True
    )
    return list(people.distinct().order_by("name", "pk"))


def usual_paper(account: Account) -> str:
    """Letter in the Americas, A4 elsewhere."""
    zone = account.organization.time_zone
    return Correspondence.Paper.LETTER if zone.startswith(("America/", "US/")) else Correspondence.Paper.A4


def _held(account: Account) -> dict[int, date]:
    rows = Hold.objects.filter(account=account).values("invoice").annotate(until=Max("until")).order_by()
    return {row["invoice"]: row["until"] for row in rows}


def _last(account: Account) -> dict[int, int]:
    rows = Reminder.objects.filter(account=account).values("invoice").annotate(last=Max("level")).order_by()
    return {row["invoice"]: row["last"] for row in rows}
