"""The pages and REST of offers to renew: who may open and do which, and the whole way from a draft to an answer."""

from datetime import date
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.fees.models import Agreement, Renewal
from portal.fees.services import renewal_sweep, renewals
from tests.cast import Cast, give, make_organization, make_person, sign_in
from tests.consults.test_api import Api, problem
from tests.portal.fees.helpers import noon, signed
from tests.portal.fees.renewals import AUTUMN, NAME, a_draft, accepted, an_offer
from tests.portal.fees.test_pages import EVERYONE
from tests.portal.test_role_walk import _body
from tests.portal.test_schema import check, schema  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
READERS = {"admin_prairie", "network_admin", "auditor"}
FORM = {
    "months": 12,
    "cycle": 3,
    "facilities": 2,
    "clinicians": 30,
    "discount_points": "5",
    "days_to_pay": 30,
    "draft_days": 3,
}
BODY = {"until": "2028-01-01", "cycle": 3, "facilities": 2, "clinicians": 30}


@pytest.fixture(autouse=True)
def _autumn() -> Any:
    with time_machine.travel(AUTUMN, tick=False):
        yield


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return unescape(answer.content.decode())


@pytest.mark.parametrize("who", EVERYONE)
def test_who_opens_which(cast: Cast, who: str | None) -> None:
    client = sign_in(Client(), getattr(cast, who)) if who else Client()
    outside = 302 if who is None else 403
    agreement = signed(cast)
    mine = an_offer(cast, agreement).pk
    theirs = an_offer(cast, signed(cast, cast.lakeside, version=agreement.terms.get().version)).pk
    seen = 200 if who in READERS else outside
    assert client.get("/renewals/").status_code == seen
    assert client.get(f"/renewals/{mine}/").status_code == seen
    foreign = 404 if who == "admin_prairie" else seen
    assert client.get(f"/renewals/{theirs}/").status_code == foreign
    for what in ("accept", "decline"):
        for method in (client.get, client.post):
            answers = 200 if who == "admin_prairie" else outside
            assert method(f"/renewals/{mine}/{what}/").status_code == answers, what
            assert method(f"/renewals/{theirs}/{what}/").status_code == (404 if who == "admin_prairie" else outside)
    keeps = 200 if who == "network_admin" else outside
    for path in (f"/renewals/{mine}/withdraw/", f"/renewals/{mine}/offer/", f"/fees/agreements/{agreement.pk}/renew/"):
        assert client.get(path).status_code == keeps, path
        if who != "network_admin":
            assert client.post(path, {"step": "do", "press": "p"}).status_code == outside, path
    assert Renewal.objects.waiting().count() == 2


def test_a_foreign_offer_a_draft_and_a_missing_one_look_the_same(cast: Cast) -> None:
    agreement = signed(cast)
    drafted = a_draft(cast, agreement).pk
    theirs = an_offer(cast, signed(cast, cast.lakeside, version=agreement.terms.get().version)).pk
    client, api = sign_in(Client(), cast.admin_prairie), Api(cast.admin_prairie)
    for what in ("", "accept/", "decline/"):
        bodies = set()
        for pk in (drafted, theirs, theirs + 99):
            answer = client.get(f"/renewals/{pk}/{what}")
            assert answer.status_code == 404
            bodies.add(_body(answer).replace(f"/renewals/{pk}/", ""))
        assert len(bodies) == 1, what
    for pk in (drafted, theirs, theirs + 99):
        problem(api.get(f"renewals/{pk}/"), 404)
        problem(api.post(f"renewals/{pk}/decline/", {"reason": "x"}), 404)
        problem(api.post(f"renewals/{pk}/accept/", {"name": "x", "sentence": "x"}), 404)
    assert str(drafted) not in {str(row["id"]) for row in api.get("renewals/").json()["results"]}
    assert "No offers yet" in page(client, "/renewals/")


def test_from_a_draft_to_the_next_agreement_by_the_pages(cast: Cast) -> None:
    agreement = signed(cast)
    network, mine = sign_in(Client(), cast.network_admin), sign_in(Client(), cast.admin_prairie)
    assert f"/fees/agreements/{agreement.pk}/renew/" in page(network, "/renewals/")
    version = agreement.terms.get().version_id
    answer = network.post(f"/fees/agreements/{agreement.pk}/renew/", FORM | {"version": version})
    row = Renewal.objects.get()
    assert answer["Location"] == f"/renewals/{row.pk}/"
    shown = page(network, f"/renewals/{row.pk}/")
    for words in ("$16,848.00", "$19,699.20", "+$2,851.20", "Send the offer", "Changed"):
        assert words in shown, words
    sent = network.post(f"/renewals/{row.pk}/offer/", {"step": "do", "press": "once"})
    assert sent["Location"] == f"/renewals/{row.pk}/"
    network.post(f"/renewals/{row.pk}/offer/", {"step": "do", "press": "once"})

    assert f"/renewals/{row.pk}/accept/" in page(mine, f"/renewals/{row.pk}/")
    said = renewals.sentence_of(row)
    assert said in page(mine, f"/renewals/{row.pk}/accept/")
    refused = mine.post(f"/renewals/{row.pk}/accept/", {"name": NAME, "sentence": said})
    assert "Agree to the sentence" in refused.content.decode()
    assert Agreement.objects.count() == 1
    taken = mine.post(f"/renewals/{row.pk}/accept/", {"name": NAME, "sentence": said, "agree": "on"})
    assert taken["Location"] == f"/renewals/{row.pk}/"
    shown = page(mine, f"/renewals/{row.pk}/")
    for words in (
        f"Accepted by {NAME}",
        "On behalf of Prairie Health",
        "The agreement that was made",
        "Told: Robin Castell.",
    ):
        assert words in shown, words
    assert "Drafted by" not in shown
    account = page(mine, f"/fees/accounts/{agreement.account_id}/")
    assert "Offers to renew" in account
    assert f"by {NAME}" in account
    assert "This offer is not open" in page(mine, f"/renewals/{row.pk}/accept/")


def test_declined_with_a_reason_on_its_page(cast: Cast) -> None:
    row = an_offer(cast, signed(cast))
    mine = sign_in(Client(), cast.admin_prairie)
    path = f"/renewals/{row.pk}/decline/"
    assert "is over from 1 January 2027 on" in page(mine, path)
    assert mine.post(path, {"step": "do", "press": "p", "reason": "", "agreed": ""}).status_code == 200
    assert mine.post(path, {"step": "do", "press": "p", "reason": "Too dear"}).status_code == 302
    assert "Too dear" in page(sign_in(Client(), cast.network_admin), f"/renewals/{row.pk}/")


def test_a_draft_that_cannot_be_stays_on_its_page_with_what_was_typed(cast: Cast) -> None:
    agreement = signed(cast)
    network = sign_in(Client(), cast.network_admin)
    path = f"/fees/agreements/{agreement.pk}/renew/"
    answer = network.post(path, FORM | {"version": 9999, "clinicians": 31})
    assert b'value="31"' in answer.content
    with time_machine.travel(noon(date(2026, 3, 1)), tick=False):
        network = sign_in(Client(), cast.network_admin)
        answer = network.post(path, FORM | {"version": agreement.terms.get().version_id})
        assert b"It is too early: an offer can be made from 1 September 2026 on." in answer.content
    assert not Renewal.objects.exists()


def test_the_whole_way_over_rest(cast: Cast, schema: dict[str, Any]) -> None:  # noqa: F811
    agreement = signed(cast)
    network, mine = Api(cast.network_admin), Api(cast.admin_prairie)
    body = BODY | {"version": agreement.terms.get().version_id}
    path = f"agreements/{agreement.pk}/renewal/"
    tried = network.post(f"{path}?preview=true", body)
    assert (tried.status_code, Renewal.objects.count()) == (200, 0)
    made = network.post(path, body, key="draft")
    check(schema, "agreements/{id}/renewal/", "post", made)
    pk = made.json()["id"]
    check(schema, "renewals/{id}/offer/", "post", network.post(f"renewals/{pk}/offer/", {}, key="offer"))
    assert network.post(f"renewals/{pk}/offer/", {}, key="offer").status_code == 200
    problem(network.post(f"renewals/{pk}/offer/", {}), 409)
    renewal_sweep.sweep(at=noon(date(2026, 10, 3)))
    found = mine.get(f"renewals/{pk}/")
    check(schema, "renewals/{id}/", "get", found)
    offer = found.json()
    assert offer["is_open"] is True
    assert offer["costs"][-1] == {"name": "A year", "now_cents": 1_684_800, "offered_cents": 2_073_600}
    assert [row["days_before"] for row in offer["reminders"]] == [90]
    check(schema, "renewals/", "get", mine.get("renewals/"))
    problem(mine.post(f"renewals/{pk}/accept/", {"name": NAME, "sentence": "Yes"}), 400)
    said = {"name": NAME, "sentence": offer["sentence"]}
    done = mine.post(f"renewals/{pk}/accept/", said, key="yes")
    check(schema, "renewals/{id}/accept/", "post", done)
    assert mine.post(f"renewals/{pk}/accept/", said, key="yes").json() == done.json()
    assert Agreement.objects.get(pk=done.json()["id"]).starts_on == date(2027, 1, 1)
    problem(mine.post(f"renewals/{pk}/decline/", {"reason": "Late"}), 409)
    problem(network.post(f"renewals/{pk}/withdraw/", {"reason": "Late"}), 409)


@pytest.mark.parametrize(
    "who", ["network_admin", "auditor", "clinician_prairie", "clinician_lakeside", "specialist", None]
)
def test_who_may_not_answer_over_rest(cast: Cast, who: str | None) -> None:
    row = an_offer(cast, signed(cast))
    api, code = Api(getattr(cast, who) if who else None), 403 if who else 401
    for query in ("", "?preview=true"):
        said = {"name": "x", "sentence": renewals.sentence_of(row)}
        problem(api.post(f"renewals/{row.pk}/accept/{query}", said), code)
        problem(api.post(f"renewals/{row.pk}/decline/{query}", {"reason": "x"}), code)
    assert Renewal.objects.waiting().get() == row


@pytest.mark.parametrize("who", ["admin_prairie", "auditor", "clinician_prairie"])
def test_who_may_not_offer_over_rest(cast: Cast, who: str) -> None:
    agreement = signed(cast)
    row, api = a_draft(cast, agreement), Api(getattr(cast, who))
    body = BODY | {"version": agreement.terms.get().version_id}
    problem(api.post(f"agreements/{agreement.pk}/renewal/", body), 403)
    problem(api.post(f"renewals/{row.pk}/offer/", {}), 403)
    problem(api.post(f"renewals/{row.pk}/withdraw/", {"reason": "x"}), 403)


def test_an_administrator_of_another_organization_answers_nothing(cast: Cast) -> None:
    row = an_offer(cast, signed(cast))
    other = give(make_person("a@lakeside.example", "Liv Ek"), "organization-administrator", organization=cast.lakeside)  # type: ignore[arg-type]
    client, api = sign_in(Client(), other), Api(other)
    said = {"name": "x", "sentence": renewals.sentence_of(row), "agree": "on"}
    assert client.post(f"/renewals/{row.pk}/accept/", said).status_code == 404
    problem(api.post(f"renewals/{row.pk}/accept/", said), 404)
    assert Renewal.objects.waiting().get() == row


def test_longer_lists_ask_the_database_no_more(cast: Cast) -> None:
    agreement = signed(cast)
    version = agreement.terms.get().version
    client, api = sign_in(Client(), cast.network_admin), Api(cast.network_admin)
    row = an_offer(cast, agreement)

    def counted() -> list[int]:
        found = []
        for ask in (
            lambda: client.get("/renewals/"),
            lambda: api.get("renewals/"),
            lambda: client.get(f"/renewals/{row.pk}/"),
        ):
            ask()
            with CaptureQueriesContext(connection) as seen:
                assert ask().status_code == 200
            found.append(len(seen))
        return found

    one = counted()
    for number in range(12):
        other = signed(cast, make_organization(f"Group{number} of physicians"), version=version)
        an_offer(cast, other) if number % 2 else a_draft(cast, other)
    assert counted() == one
    accepted(cast, row)
