"""Who may do what with money, by page: network administrators keep it, auditors read it, members read their own."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.fees.models import Allocation, Entry, PlanVersion
from portal.fees.services import agreements, standing
from tests.cast import Cast, sign_in
from tests.portal.fees.helpers import a_plan, billed, drafted, later, paid, signed
from tests.portal.fees.test_pages import EVERYONE, as_

pytestmark = pytest.mark.django_db

NETWORK = {"network_admin", "auditor"}
OUTSIDERS = {"clinician_prairie", "clinician_lakeside", "specialist", "lead", "editor"}


def world(cast: Cast, organization: Any = None) -> dict[str, int]:
    """Keys of one of everything, of one organization."""
    plan = PlanVersion.objects.first() or a_plan(cast)
    agreement = signed(cast, organization, version=plan)
    invoice = billed(cast, agreement)
    payment = paid(cast, agreement.account, 2_000_00)
    agreements.change(agreement, by=cast.network_admin, on=later(10).date(), clinicians=40, at=later(10))
    note = invoice.credit_notes.get()
    allocation = Allocation.objects.filter(payment=payment).first()
    assert allocation
    draft = drafted(cast, agreement, 1)
    return {
        "plan": plan.plan_id,
        "agreement": agreement.pk,
        "account": agreement.account_id,
        "invoice": invoice.pk,
        "draft": draft.pk,
        "payment": payment.pk,
        "note": note.pk,
        "allocation": allocation.pk,
    }


READ = (
    "/fees/payments/{payment}/",
    "/fees/accounts/{account}/",
    "/fees/accounts/{account}/statement/",
    "/fees/accounts/{account}/statement/?format=pdf",
    "/fees/accounts/{account}/statement/?format=csv",
    "/fees/accounts/{account}/standing/",
    "/fees/credit-notes/{note}/",
    "/fees/credit-notes/{note}/pdf/",
    "/fees/agreements/{agreement}/",
)
LISTS = ("/invoices/?format=csv", "/fees/payments/", "/fees/payments/?format=csv", "/fees/accounts/")
OF_NETWORK = ("/fees/ageing/", "/fees/ageing/?format=csv", "/fees/plans/", "/fees/plans/{plan}/")
KEEP = (
    "/invoices/{draft}/finalize/",
    "/invoices/{invoice}/credit/",
    "/invoices/{invoice}/write-off/",
    "/fees/payments/{payment}/allocate/",
    "/fees/payments/{payment}/refund/",
    "/fees/payments/{payment}/return/",
    "/fees/allocations/{allocation}/release/",
    "/fees/accounts/{account}/pay/",
    "/fees/accounts/{account}/distribute/",
    "/fees/accounts/{account}/standing/extend/",
    "/fees/credit-notes/{note}/allocate/",
    "/fees/credit-notes/{note}/refund/",
    "/fees/plans/new/",
    "/fees/plans/{plan}/version/",
    "/fees/plans/{plan}/withdraw/",
    "/fees/agreements/{agreement}/change/",
    "/fees/agreements/{agreement}/end/",
    "/organizations/prairie/agreements/new/",
)


@pytest.mark.parametrize("who", EVERYONE)
def test_who_opens_which(cast: Cast, who: str | None) -> None:
    keys, other = world(cast), world(cast, cast.lakeside)
    client, outside = as_(cast, who), 302 if who is None else 403
    readers = NETWORK | {"admin_prairie"}
    for path in READ:
        mine, theirs = path.format(**keys), path.format(**other)
        assert client.get(mine).status_code == (200 if who in readers else outside), (who, mine)
        expected = 200 if who in NETWORK else 404 if who == "admin_prairie" else outside
        assert client.get(theirs).status_code == expected, (who, theirs)
        assert client.post(mine).status_code == (405 if who in readers else outside), (who, mine)
    for path in LISTS:
        assert client.get(path).status_code == (200 if who in readers else outside), (who, path)
    for path in OF_NETWORK:
        address = path.format(**keys)
        assert client.get(address).status_code == (200 if who in NETWORK else outside), (who, address)
    for slug, seen in (("prairie", readers), ("lakeside", NETWORK)):
        answer = client.get(f"/organizations/{slug}/agreements/")
        missing = 404 if who == "admin_prairie" else outside
        assert answer.status_code == (200 if who in seen else missing), (who, slug)


@pytest.mark.parametrize("who", [who for who in EVERYONE if who != "network_admin"])
def test_only_administrators_of_the_network_act(cast: Cast, who: str | None) -> None:
    keys = world(cast)
    entries = Entry.objects.count()
    client, outside = as_(cast, who), 302 if who is None else 403
    for path in KEEP:
        address = path.format(**keys)
        assert client.get(address).status_code == outside, (who, address)
        for step in ("look", "do"):
            assert client.post(address, {"step": step, "press": "p", "agreed": "x"}).status_code == outside
    assert Entry.objects.count() == entries


def test_the_network_administrator_opens_each(cast: Cast) -> None:
    keys = world(cast)
    client = as_(cast, "network_admin")
    for path in KEEP:
        address = path.format(**keys)
        assert client.get(address).status_code == 200, address
        missing = path.format(**dict.fromkeys(keys, 999_999))
        if missing not in ("/fees/plans/new/", "/organizations/prairie/agreements/new/"):
            assert client.get(missing).status_code == 404, missing


def test_lists_show_a_member_its_own_rows_alone(cast: Cast) -> None:
    world(cast)
    world(cast, cast.lakeside)
    client = as_(cast, "admin_prairie")
    for path in ("/invoices/", "/invoices/?format=csv", "/fees/payments/", "/fees/payments/?format=csv"):
        text = client.get(path).content.decode()
        assert "Lakeside" not in text, path
    for path in ("/fees/accounts/", "/fees/accounts/?format=csv"):
        text = client.get(path).content.decode()
        assert "Prairie Health" in text
        assert "Lakeside" not in text
    assert "Make final" not in client.get("/invoices/").content.decode()
    assert client.get("/invoices/?state=draft").context["page"].paginator.count == 0


def test_no_page_grows_with_its_rows(cast: Cast) -> None:
    """Two periods, then twenty: the same number of queries on each page that lists something."""
    agreement = signed(cast)
    plan = agreement.terms.get().version.plan_id
    long_ = signed(cast, cast.lakeside, version=agreement.terms.get().version, until=later(800).date())
    account = long_.account_id
    standing.review(long_.account, at=later(1))
    paths = (
        "/invoices/",
        "/invoices/?format=csv",
        "/fees/payments/",
        "/fees/payments/?format=csv",
        "/fees/accounts/",
        "/fees/ageing/",
        f"/fees/accounts/{account}/",
        f"/fees/accounts/{account}/statement/?until=2030-01-01",
        f"/fees/accounts/{account}/standing/",
        f"/fees/plans/{plan}/",
        f"/fees/agreements/{long_.pk}/",
        "/organizations/lakeside/agreements/",
    )

    def queries() -> list[int]:
        client, found = sign_in(Client(), cast.network_admin), []
        for path in paths:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            found.append(len(captured))
        return found

    for number in range(2):
        billed(cast, long_, number)
        paid(cast, long_.account, 500_00)
        standing.extend(
            long_.account, by=cast.network_admin, until=later(400).date(), reason="Because", at=later(number)
        )
    paid(cast, long_.account, 1)
    two = queries()
    for number in range(2, 20):
        billed(cast, long_, number)
        paid(cast, long_.account, 500_00)
        standing.extend(
            long_.account, by=cast.network_admin, until=later(400).date(), reason="Because", at=later(number)
        )
    assert dict(zip(paths, queries(), strict=True)) == dict(zip(paths, two, strict=True))
