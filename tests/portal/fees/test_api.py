"""The fees over REST: the pages' services, who may, previews, keys, refusals, and queries that do not grow."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.fees.models import Agreement, CreditNote, Entry, Invoice, Payment, Plan
from portal.fees.services import standing, verifying
from portal.fees.services.balances import open_cents
from tests.cast import Cast
from tests.consults.test_api import Api, problem
from tests.portal.fees.helpers import a_plan, billed, drafted, later, paid, signed
from tests.portal.fees.test_access import world
from tests.portal.test_schema import check, schema  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

GET = (
    "invoices/",
    "invoices/{invoice}/",
    "payments/",
    "payments/{payment}/",
    "credit-notes/{note}/",
    "fee-accounts/",
    "fee-accounts/{account}/",
    "fee-accounts/{account}/ledger/",
    "fee-accounts/{account}/statement/",
    "fee-accounts/{account}/standing/",
    "agreements/",
    "agreements/{agreement}/",
)
GET_NETWORK = ("plans/", "plans/{plan}/", "ageing/")
AMOUNT = {"cents": 1, "reason": "Because"}
VERSION = {
    "currency": "USD",
    "dues": {"member": 1_000_00, "regional": 500_00},
    "bands": [[10, 100_00], [None, 200_00]],
    "tax_points": 800,
}
POST: dict[str, dict[str, Any]] = {
    "invoices/{draft}/finalize/": {},
    "invoices/{invoice}/credit/": {"reason": "Because"},
    "invoices/{invoice}/write-off/": AMOUNT,
    "payments/{payment}/allocate/": {"invoice": 1, "cents": 1},
    "payments/{payment}/refund/": AMOUNT,
    "payments/{payment}/return/": {"reason": "Because"},
    "allocations/{allocation}/release/": {},
    "credit-notes/{note}/allocate/": {"invoice": 1, "cents": 1},
    "credit-notes/{note}/refund/": AMOUNT,
    "fee-accounts/{account}/payments/": {"cents": 1, "received_on": "2026-01-01", "method": "bank"},
    "fee-accounts/{account}/distribute/": {},
    "fee-accounts/{account}/extend/": {"until": "2030-01-01", "reason": "Because"},
    "plans/": {**VERSION, "name": "Small"},
    "plans/{plan}/versions/": VERSION,
    "plans/{plan}/withdraw/": {},
    "plans/{plan}/restore/": {},
    "agreements/": {
        "organization": "prairie",
        "version": 1,
        "starts_on": "2028-01-01",
        "until": "2029-01-01",
        "cycle": 1,
        "facilities": 1,
        "clinicians": 1,
    },
    "agreements/{agreement}/change/": {"on": "2026-02-01", "clinicians": 50},
    "agreements/{agreement}/end/": {"on": "2026-02-01", "reason": "Because"},
}


@pytest.mark.parametrize("who", ["clinician_prairie", "clinician_lakeside", "specialist", "editor"])
def test_others_read_nothing(cast: Cast, who: str) -> None:
    keys, api = world(cast), Api(getattr(cast, who))
    for path in (*GET, *GET_NETWORK):
        problem(api.get(path.format(**keys)), 403)


@pytest.mark.parametrize("who", ["network_admin", "auditor"])
def test_the_network_reads_all(cast: Cast, who: str) -> None:
    keys, api = world(cast), Api(getattr(cast, who))
    for path in (*GET, *GET_NETWORK):
        assert api.get(path.format(**keys)).status_code == 200, path


def test_a_member_reads_its_own(cast: Cast) -> None:
    keys, other = world(cast), world(cast, cast.lakeside)
    mine = Api(cast.admin_prairie)
    for path in GET:
        answer = mine.get(path.format(**keys))
        assert answer.status_code == 200, path
        assert "lakeside" not in answer.content.decode(), path
        if "{" in path:
            problem(mine.get(path.format(**other)), 404)
    for path in GET_NETWORK:
        problem(mine.get(path.format(**keys)), 403)
    problem(mine.get(f"invoices/{keys['draft']}/"), 404)
    problem(Api(None).get("invoices/"), 401)


def test_only_administrators_of_the_network_act(cast: Cast) -> None:
    keys = world(cast)
    entries = Entry.objects.count()
    for who in ("clinician_prairie", "admin_prairie", "specialist", "editor", "auditor"):
        api = Api(getattr(cast, who))
        for path, body in POST.items():
            for query in ("", "?preview=true"):
                problem(api.post(path.format(**keys) + query, body), 403)
    assert Entry.objects.count() == entries


def test_each_act_is_described_and_previewed_without_a_trace(cast: Cast, schema: dict[str, Any]) -> None:  # noqa: F811
    keys, api = world(cast), Api(cast.network_admin)
    before = (Entry.objects.count(), Invoice.objects.count(), Plan.objects.count(), Agreement.objects.count())
    for path, body in POST.items():
        described = path.format(**dict.fromkeys(keys, "{id}"))
        answer = api.post(path.format(**keys) + "?preview=true", body)
        check(schema, described, "post", answer)
        assert answer.status_code in (200, 400, 409), path
    for path in (*GET, *GET_NETWORK):
        check(schema, path.format(**dict.fromkeys(keys, "{id}")), "get", api.get(path.format(**keys)))
    assert before == (Entry.objects.count(), Invoice.objects.count(), Plan.objects.count(), Agreement.objects.count())


def test_join_pay_credit_and_end(cast: Cast) -> None:
    api = Api(cast.network_admin)
    made = api.post("plans/", {**VERSION, "name": "Small"}, key="plan")
    assert made.status_code == 201
    version = api.get(f"plans/{made.json()['id']}/").json()["versions"][0]
    assert version["bands"] == [[10, 100_00], [None, 200_00]]
    terms = {"starts_on": "2026-11-01", "until": "2027-11-01", "cycle": 12, "facilities": 1, "clinicians": 5}
    body = {"organization": "prairie", "version": version["id"], **terms}
    shown = api.post("agreements/?preview=true", body).json()
    assert (shown["done"], shown["id"], shown["effects"][0]["cents"]) == (False, None, 1_188_00)
    agreement = api.post(f"agreements/?agreed={shown['mark']}", body, key="sign")
    assert agreement.status_code == 201
    assert agreement.json() == api.post(f"agreements/?agreed={shown['mark']}", body, key="sign").json()
    assert Agreement.objects.count() == 1
    draft = Invoice.objects.get()
    assert api.post(f"invoices/{draft.pk}/finalize/", key="final").status_code == 200
    account = draft.account_id
    payment = {"cents": 1_200_00, "received_on": "2026-11-02", "method": "bank", "reference": "B-1"}
    first, again = (api.post(f"fee-accounts/{account}/payments/", payment, key="pay") for _ in range(2))
    assert first.json() == again.json()
    assert Payment.objects.count() == 1
    assert first.json()["balances"] == [{"currency": "USD", "owed_cents": 0, "left_cents": 12_00}]
    problem(api.post(f"fee-accounts/{account}/payments/", payment, key="pay2"), 409)
    found = api.get(f"invoices/{draft.pk}/").json()
    assert found["open_cents"] == 0
    line = found["lines"][0]
    body = {"reason": "Agreed", "parts": [{"line": line["id"], "cents": line["cents"] + 1}]}
    problem(api.post(f"invoices/{draft.pk}/credit/", body), 400)
    assert api.post(f"invoices/{draft.pk}/credit/", {"reason": "All of it"}).status_code == 200
    assert CreditNote.objects.get().total_cents == 1_188_00
    ended = {"on": "2027-01-01", "reason": "Merged"}
    assert api.post(f"agreements/{agreement.json()['id']}/end/", ended).status_code == 200
    statement = api.get(f"fee-accounts/{account}/statement/", since="2026-01-01", until="2030-01-01").json()
    assert statement["closing_cents"] == sum(row["cents"] for row in statement["movements"])
    assert verifying.verify().faults == []


def test_what_was_agreed_to_is_done_or_nothing(cast: Cast) -> None:
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    api, path = Api(cast.network_admin), f"invoices/{invoice.pk}/credit/"
    mark = api.post(f"{path}?preview=true", {"reason": "All"}).json()["mark"]
    paid(cast, agreement.account, 1)
    body = problem(api.post(f"{path}?agreed={mark}", {"reason": "All"}), 409)
    assert "Something changed" in body["detail"]
    assert open_cents(invoice) == 1_404_00 - 1


def test_a_foreign_row_looks_like_a_missing_one(cast: Cast) -> None:
    keys, other = world(cast), world(cast, cast.lakeside)
    api = Api(cast.admin_prairie)
    for path in GET:
        if "{" in path:
            foreign, missing = api.get(path.format(**other)), api.get(path.format(**dict.fromkeys(keys, 999_999)))
            assert foreign.json() == missing.json(), path
    network = Api(cast.network_admin)
    strange = other["draft"]
    problem(network.post(f"payments/{keys['payment']}/allocate/", {"invoice": strange, "cents": 1}), 400)


def test_nonsense_is_named(cast: Cast) -> None:
    keys, api = world(cast), Api(cast.network_admin)
    problem(api.get("ageing/", day="yesterday"), 400)
    problem(api.get(f"fee-accounts/{keys['account']}/statement/", since="2027-01-01", until="2026-01-01"), 400)
    for body in ({"cents": -1}, {"cents": "x"}, {"cents": 10**15}, {}):
        problem(api.post(f"invoices/{keys['invoice']}/write-off/", {**body, "reason": "Because"}), 400)
    problem(api.post("plans/", {**VERSION, "name": "X", "bands": [[5, None], [None, 1]]}), 400)
    problem(api.post("plans/", {**VERSION, "name": "X", "dues": {"member": 1}}), 400)
    problem(api.post(f"agreements/{keys['agreement']}/change/", {"on": "2026-02-01", "tier": "nonsense"}), 400)
    problem(api.post("agreements/", {**POST["agreements/"], "organization": "nobody"}), 400)


def test_no_list_grows_with_its_rows(cast: Cast) -> None:
    agreement = signed(cast, until=later(800).date())
    a_plan(cast, name="Another")
    account = agreement.account_id
    api = Api(cast.network_admin)
    standing.review(agreement.account, at=later(1))
    paths = (
        "invoices/",
        "payments/",
        "fee-accounts/",
        "ageing/",
        "plans/",
        "agreements/",
        f"fee-accounts/{account}/ledger/",
        f"fee-accounts/{account}/statement/",
    )

    def queries() -> dict[str, int]:
        found = {}
        for path in paths:
            with CaptureQueriesContext(connection) as captured:
                assert api.get(path, page_size="100").status_code == 200
            found[path] = len(captured)
        return found

    for number in range(2):
        billed(cast, agreement, number)
        paid(cast, agreement.account, 500_00)
    queries()
    two = queries()
    for number in range(2, 20):
        billed(cast, agreement, number)
        paid(cast, agreement.account, 500_00)
    drafted(cast, agreement, 20)
    assert queries() == two
