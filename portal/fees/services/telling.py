"""Who is told of what happens to money: a number or a state and a page, never an amount."""

from datetime import datetime

from portal.common.notices import Telling, tell_all
from portal.fees.models import StandingRecord
from portal.members.models import Person, Role

WORDS = {
    StandingRecord.State.GOOD: "is good again.",
    StandingRecord.State.GRACE: "is in its grace: an invoice is overdue.",
    StandingRecord.State.SUSPENDED: "is suspended: new consults and engagements wait until what is overdue is paid.",
    StandingRecord.State.REINSTATED: "is reinstated: what was overdue is settled.",
}


def standing(record: StandingRecord) -> None:
    """Administrators of the organization learn its new standing, once."""
    name = record.account.organization.name
    text = f"The standing of {name} {WORDS[StandingRecord.State(record.state)]}"
    people = Person.objects.filter(
        roles__name=Role.Name.ORGANIZATION_ADMINISTRATOR, roles__organization=record.account.organization_id
    ).distinct()
    tell_all(Telling(person, "standing", text, "/invoices/", f"standing:{record.pk}") for person in people)


def books_differ(count: int, *, now: datetime) -> None:
    """The nightly check found books that do not balance: administrators of the network learn it, once a day."""
    faults = "a fault" if count == 1 else f"{count} faults"
    text = f"The nightly check of the books found {faults}. Run verify_books."
    people = Person.objects.network_administrators()
    tell_all(Telling(person, "books", text, "/invoices/", f"books:{now.date()}") for person in people)
