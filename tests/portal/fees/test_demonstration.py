"""The demonstration's agreements and invoices: once, through the services, with books that balance."""

import pytest

from portal.fees.demonstration import load_fees
from portal.fees.models import Account, Invoice, Renewal
from portal.fees.services import standing, verifying
from portal.members.demonstration import load_people

pytestmark = pytest.mark.django_db


def test_it_is_loaded_once_and_balances() -> None:
    load_people()
    load_fees()
    count = Invoice.objects.count()
    load_fees()
    assert Invoice.objects.count() == count == 13
    assert Invoice.objects.drafts().count() == 1
    assert verifying.verify().faults == []
    assert list(Renewal.objects.order_by("pk").values_list("state", flat=True)) == ["declined", "offered"]
    found = {account.organization.slug: standing.now_of(account) for account in Account.objects.all()}
    states = {slug: row.state for slug, row in found.items() if row}
    assert states["prairie-health"] == "good"
    assert states["lakeside-family-practice"] == "grace", "late, with an extension: its clinicians can ask"


def test_without_the_people_nothing_is_loaded() -> None:
    load_fees()
    assert not Invoice.objects.exists()
