"""Short ways to a plan, an agreement and a final invoice, through the services."""

from datetime import UTC, date, datetime, timedelta

from portal.fees.models import Account, Agreement, Invoice, Payment, PlanVersion
from portal.fees.pricing import Usage
from portal.fees.services import agreements, invoicing, paying, plans
from portal.members.models import Organization
from tests.cast import Cast

NOON = datetime(2026, 1, 1, 18, tzinfo=UTC)
"""The moment at which a test's agreement is signed: noon in Chicago on its first day."""

FIRST = date(2026, 1, 1)


def later(days: float) -> datetime:
    return NOON + timedelta(days=days)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 18, tzinfo=UTC)


def a_plan(cast: Cast, **changes: object) -> PlanVersion:
    """12,000 a year, 600 for each facility, 2,400 up to 25 clinicians; 8 % tax."""
    fields: dict[str, object] = {
        "name": "Standard",
        "currency": "USD",
        "dues": {"member": 12_000_00, "regional": 6_000_00},
        "bands": [(25, 2_400_00), (100, 6_000_00), (None, 12_000_00)],
        "facility_cents": 600_00,
        "included": Usage(24, 12, 10),  # type: ignore[arg-type]
        "consult_cents": 150_00,
        "call_cents": 90_00,
        "hour_cents": 220_00,
        "tax_name": "Sales tax",
        "tax_points": 800,
    }
    return plans.define_plan(by=cast.network_admin, at=NOON, **fields | changes)  # type: ignore[arg-type]


def signed(cast: Cast, organization: Organization | None = None, **changes: object) -> Agreement:
    """A year of Prairie Health from the first of January, billed every month: two facilities, twenty clinicians."""
    fields: dict[str, object] = {
        "organization": organization or cast.prairie,
        "starts_on": FIRST,
        "until": date(2027, 1, 1),
        "cycle": 1,
        "facilities": 2,
        "clinicians": 20,
        "at": NOON,
    } | changes
    if "version" not in fields:
        fields["version"] = a_plan(cast)
    return agreements.sign(by=cast.network_admin, **fields)  # type: ignore[arg-type]


def drafted(cast: Cast, agreement: Agreement, number: int = 0) -> Invoice:
    invoice = invoicing.draft_period(agreement, by=cast.network_admin, number=number, at=NOON)
    assert invoice
    return invoice


def billed(cast: Cast, agreement: Agreement, number: int = 0, at: datetime = NOON) -> Invoice:
    """The period's invoice, final."""
    return invoicing.finalize(drafted(cast, agreement, number), by=cast.network_admin, at=at)


def paid(cast: Cast, account: Account, cents: int, at: datetime = NOON, **changes: object) -> Payment:
    fields: dict[str, object] = {"received_on": account.day(at), "method": "bank", "at": at}
    return paying.record_payment(account, by=cast.network_admin, cents=cents, **fields | changes)  # type: ignore[arg-type]
