"""What was used goes into the fees: each ended period once, found again from the consults themselves every night."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from consults import metering
from portal.common import tenancy
from portal.common.notices import Telling, tell_all
from portal.fees.models import Account, Agreement, Invoice
from portal.fees.pricing import NAMES, USAGE, Usage
from portal.fees.proration import Period, Stretch, periods
from portal.fees.services import base, invoicing
from portal.members.models import Person, Role

MARKS = (80, 100)
"""Percent of what is included at which an organization's administrators are told, once each."""


@dataclass(frozen=True)
class Difference:
    """A year of an agreement whose records are not what is counted now."""

    agreement: int
    organization: str
    year: int
    what: str
    recorded: Decimal
    counted: Decimal
    is_carried: bool
    """The next period's record takes it up; otherwise an administrator credits or bills it."""

    def __str__(self) -> str:
        end = "taken up by the next period" if self.is_carried else "no period is left to take it up: put it right"
        return (
            f"Agreement {self.agreement} of {self.organization}, year {self.year + 1}: {self.what} recorded "
            f"{self.recorded:f}, counted {self.counted:f} ({end})"
        )


def record_due(*, at: datetime) -> int:
    """Record what was used in every period that has ended and is not billed. Returns how many records changed.

    Each agreement in a transaction of its own. Safe to run twice and at once: the account's lock comes first.
    """
    with tenancy.everything():
        agreements = list(Agreement.objects.select_related("account__organization"))
    return sum(_record(agreement, at) for agreement in agreements)


def _record(agreement: Agreement, at: datetime) -> int:
    with tenancy.everything():
        account = base.lock(agreement.account)
        row = Agreement.objects.get(pk=agreement.pk)
        row.account = account
        known = {record.period: record.amounts for record in row.usage.all()}
        last = max(known, default=-1)
        ended = [period for period in _ended(row, account.day(at)) if period.number >= last]
        if last >= 0 and row.invoices.final().filter(kind=Invoice.Kind.USAGE, period=last).exists():
            ended = [period for period in ended if period.number > last]
        if not ended:
            return 0
        first = metering.year_of(row, ended[0].year).start
        found = metering.uses({account.organization_id: account.zone}, Stretch(first, _end(row, ended[-1])))
        return sum(_record_one(row, period, known, found, at) for period in ended)


def _record_one(
    row: Agreement, period: Period, known: dict[int, Usage], found: list[metering.Use], at: datetime
) -> bool:
    days = Stretch(metering.year_of(row, period.year).start, _end(row, period))
    used = metering.still(metering.total(found, days), _recorded(row, known, period.year, before=period.number))
    if known.get(period.number) == used:
        return False
    invoicing.record_usage(row, by="meter", number=period.number, used=used, at=at)
    known[period.number] = used
    return True


def _recorded(row: Agreement, known: dict[int, Usage], year: int, *, before: int) -> Usage:
    """What the year's records before this period sum to."""
    amounts = [used for number, used in known.items() if number < before and row.period(number).year == year]
    return sum(amounts, Usage())


def _end(row: Agreement, period: Period) -> date:
    return min(period.stretch.until, row.term.until)


def _ended(row: Agreement, today: date) -> list[Period]:
    return [period for period in periods(row.term, row.cycle) if _end(row, period) <= today]


def verify() -> tuple[int, list[Difference]]:
    """How many years were looked at, and each figure that is recorded as one thing and counted now as another."""
    count, differences = 0, list[Difference]()
    with tenancy.everything():
        for row in Agreement.objects.select_related("account__organization").prefetch_related("usage").order_by("pk"):
            known = {record.period: record.amounts for record in row.usage.all()}
            for year in sorted({row.period(number).year for number in known}):
                count += 1
                differences += _differences(row, known, year)
    return count, differences


def _differences(row: Agreement, known: dict[int, Usage], year: int) -> list[Difference]:
    account: Account = row.account
    numbers = [number for number in known if row.period(number).year == year]
    days = Stretch(metering.year_of(row, year).start, _end(row, row.period(max(numbers))))
    counted = metering.total(metering.uses({account.organization_id: account.zone}, days), days)
    recorded = _recorded(row, known, year, before=max(numbers) + 1)
    following = row.period(max(numbers) + 1)
    carried = following.year == year and following.stretch.start < row.term.until
    name = account.organization.name
    return [
        Difference(row.pk, name, year, NAMES[kind].lower(), recorded.of(kind), counted[kind], carried)
        for kind in USAGE
        if recorded.of(kind) != counted[kind]
    ]


def warn(*, at: datetime) -> int:
    """Tell administrators of organizations that have used 80 and 100 % of something. Returns how many marks are passed.

    Each mark is told once in a year of the agreement: the key of the notice sees to it.
    """
    passed = 0
    with tenancy.everything():
        rows = Agreement.objects.running(at).select_related("account__organization")
        for meter in metering.meters(rows.prefetch_related("terms__version__plan"), at):
            for line in meter.entitlements:
                for mark in MARKS:
                    if line.share is not None and line.share * 100 >= mark:
                        _tell(meter, line, mark)
                        passed += 1
    return passed


def _tell(meter: metering.Meter, line: metering.Entitlement, mark: int) -> None:
    row = meter.agreement
    organization = row.account.organization
    text = f"{organization.name} has used {mark} % or more of the {line.name.lower()} included this year."
    key = f"usage:{row.pk}:{meter.year.start}:{line.kind.value}:{mark}"
    people = Person.objects.filter(
        roles__name=Role.Name.ORGANIZATION_ADMINISTRATOR, roles__organization=organization
    ).distinct()
    tell_all(Telling(person, "usage", text, f"/usage/{row.pk}/", key) for person in people)


def tell_differences(count: int, *, now: datetime) -> None:
    """The nightly check found use that no period takes up: administrators of the network learn it, once a day."""
    figures = "a figure" if count == 1 else f"{count} figures"
    text = f"The nightly check of use found {figures} to put right by hand. Run verify_usage."
    people = Person.objects.network_administrators()
    tell_all(Telling(person, "usage", text, "/usage/", f"usage-check:{now.date()}") for person in people)
