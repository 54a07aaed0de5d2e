"""Who is told of an offer to renew: whose it is and what is asked, never an amount."""

from collections.abc import Iterable, Sequence

from portal.common.notices import Telling, tell_all
from portal.fees.models import Renewal, RenewalReminder
from portal.fees.services.reminding import administrators_of
from portal.members.models import Person


def offered(row: Renewal) -> Sequence[Person]:
    """Administrators of the organization learn that there is an offer. Returns who."""
    name = row.account.organization.name
    return _organization(row, f"An offer to renew the membership of {name} waits for your answer.", "offered")


def reminded(row: Renewal, reminder: RenewalReminder) -> None:
    """The same people learn on which day the membership ends."""
    day = row.starts_on
    text = f"The membership of {row.account.organization.name} is over from {day.day} {day:%B %Y} on, "
    text += "unless it is renewed: an offer waits for your answer."
    _organization(row, text, f"reminded:{reminder.days_before}")


def withdrawn(row: Renewal) -> None:
    name = row.account.organization.name
    _organization(row, f"The offer to renew the membership of {name} was withdrawn.", "withdrawn")


def answered(row: Renewal) -> None:
    """Administrators of the network learn that it was accepted, declined or never answered."""
    text = f"The offer to renew the membership of {row.account.organization.name}: {row.get_state_display().lower()}."
    _tell(Person.objects.network_administrators(), row, text, row.state)


def _organization(row: Renewal, text: str, what: str) -> Sequence[Person]:
    people = administrators_of(row.account)
    _tell(people, row, text, what)
    return people


def _tell(people: Iterable[Person], row: Renewal, text: str, what: str) -> None:
    path, key = f"/renewals/{row.pk}/", f"renewal:{row.pk}:{what}"
    tell_all(Telling(person, "renewal", text, path, key) for person in people)
