"""Short ways to an offer of a next agreement, through the services."""

from datetime import date, datetime

from portal.fees.models import Agreement, Renewal
from portal.fees.services import renewals
from tests.cast import Cast
from tests.portal.fees.helpers import noon

ENDS, NEXT = date(2027, 1, 1), date(2028, 1, 1)
"""The day after the last of what ``signed`` signs, and of what is offered here."""
AUTUMN = noon(date(2026, 9, 15))
NAME = "Robin Castell"


def terms(agreement: Agreement, **changes: object) -> renewals.Terms:
    """The same again for a year, with ten clinicians more."""
    values: dict[str, object] = {
        "version": agreement.terms.get().version,
        "until": NEXT,
        "cycle": 3,
        "facilities": 2,
        "clinicians": 30,
        "discount_points": 500,
    } | changes
    return renewals.Terms(**values)  # type: ignore[arg-type]


def a_draft(cast: Cast, agreement: Agreement, at: datetime = AUTUMN, **changes: object) -> Renewal:
    return renewals.draft(agreement, by=cast.network_admin, terms=terms(agreement, **changes), at=at)


def an_offer(cast: Cast, agreement: Agreement, at: datetime = AUTUMN, **changes: object) -> Renewal:
    return renewals.offer(a_draft(cast, agreement, at, **changes), by=cast.network_admin, at=at)


def accepted(cast: Cast, row: Renewal, at: datetime = AUTUMN) -> Agreement:
    return renewals.accept(row, by=cast.admin_prairie, name=NAME, sentence=renewals.sentence_of(row), at=at)
