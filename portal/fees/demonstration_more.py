"""What the fees' pages show beside invoices and payments: a plan's next version, a draft, money left, an offer."""

from datetime import datetime

from portal.fees.models import Agreement, PlanVersion
from portal.fees.pricing import Usage
from portal.fees.proration import after_months
from portal.fees.services import crediting, invoicing, paying, plans, renewals
from portal.fees.services.reminding import administrators_of
from portal.members.models import Person


def load_more(by: Person, version: PlanVersion, agreement: Agreement, number: int, *, at: datetime) -> None:
    """For one agreement that has paid; ``number`` is its next period."""
    plans.define_plan(
        by=by,
        at=at,
        name=version.plan.name,
        currency=version.currency,
        dues=version.dues,
        facility_cents=version.facility_cents + 60_00,
        bands=[(up_to, cents) for up_to, cents in version.bands],
        included=Usage(150, version.included_calls, version.included_hours),
        consult_cents=version.consult_cents,
        call_cents=version.call_cents,
        hour_cents=version.hour_cents,
    )
    pilot = plans.define_plan(
        by=by, at=at, name="Regional pilot", currency="USD", dues={"member": 0, "regional": 0}, bands=[(None, 5_000_00)]
    )
    plans.withdraw(pilot.plan, by=by, at=at)
    invoice = agreement.invoices.final().order_by("sequence")[0]
    line = invoice.lines.all()[0]
    reason = "The first week was without the phone line, as agreed (demonstration)"
    crediting.credit(invoice, by=by, reason=reason, parts={line.pk: 150_00}, at=at)
    account = agreement.account
    paying.record_payment(
        account, by=by, cents=250_00, received_on=account.day(at), method="bank", reference="DEMO-250", at=at, pays={}
    )
    invoicing.draft_period(agreement, by=by, number=number, at=at)


def load_offers(by: Person, agreement: Agreement, *, at: datetime) -> None:
    """A next year that its organization declined, and another that waits for its answer."""
    versions = PlanVersion.objects.filter(plan=agreement.terms.all()[0].version.plan).select_related("plan")
    for clinicians in (60, 40):
        terms = renewals.Terms(
            version=versions.latest("number"),
            until=after_months(agreement.until, 12),
            cycle=Agreement.Cycle.QUARTERLY,
            facilities=agreement.account.organization.facilities.count(),
            clinicians=clinicians,
        )
        row = renewals.offer(renewals.draft(agreement, by=by, terms=terms, at=at), by=by, at=at)
        if clinicians == 60:
            reason = "We are 40 clinicians, not 60 (demonstration)"
            renewals.decline(row, by=administrators_of(agreement.account)[0], reason=reason, at=at)
