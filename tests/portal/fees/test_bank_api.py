"""REST of bank files, reminders and payments online: who may, what it answers, and writes sent twice."""

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
import yaml
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from portal.fees.models import BankFile, BankLine, Hold, Payment
from portal.fees.services import reminding
from portal.fees.services.balances import open_cents
from portal.members.models import ApiToken, Person, digest
from tests.cast import Cast
from tests.portal.fees.bank import LAYOUT, brought, csv_of, lines, row
from tests.portal.fees.helpers import a_plan, billed, noon, paid, signed

pytestmark = pytest.mark.django_db
COLUMNS = {name: value for name, value in LAYOUT.as_json().items() if value}


class Api:
    """A client of the REST interface with a token of the person."""

    def __init__(self, person: Person | None) -> None:
        self.client = Client()
        self.headers: dict[str, str] = {}
        if person:
            secret = f"secret-of-{person.pk}"
            expires = timezone.now() + timedelta(days=400)
            ApiToken.objects.get_or_create(
                digest=digest(secret), defaults={"person": person, "hint": "se", "expires_at": expires}
            )
            self.headers["Authorization"] = f"Token {secret}"

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def post(self, path: str, body: dict[str, Any] | None = None, key: str = "") -> Any:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(f"/api/v1/{path}", body or {}, content_type="application/json", headers=headers)


def test_a_file_is_brought_looked_at_and_booked(cast: Cast) -> None:
    invoice = billed(cast, signed(cast))
    api = Api(cast.network_admin)
    content = csv_of(row("1404.00", "INV-2026-00001"), row("7.00", "?"), row("x")).decode()
    made = api.post("bank/files/", {"name": "a.csv", "content": content, "layout": COLUMNS})
    assert made.status_code == 201, made.content
    found = made.json()
    assert (found["state"], found["total"], found["waiting"], len(found["bad"])) == ("ready", 3, 2, 1)
    assert api.post("bank/files/", {"name": "b.csv", "content": content}).status_code == 200
    assert [row["id"] for row in api.get("bank/files/").json()["results"]] == [found["id"]]
    rows = api.get("bank/lines/", file=found["id"]).json()["results"]
    sure = next(line for line in rows if line["cents"] == 140_400)
    assert (sure["organization"], sure["parts"], sure["score"]) == ("prairie", {str(invoice.pk): 140_400}, 90)
    assert not Payment.objects.exists()
    for _ in range(2):
        answer = api.post("bank/lines/confirm/", {"lines": [line["id"] for line in rows]}, key="k1")
        assert answer.json() == {"booked": 1, "later": 0, "left": []}
    assert open_cents(invoice) == 0
    assert api.get(f"bank/files/{found['id']}/").json()["booked"] == 1


def test_by_hand_back_aside_and_up(cast: Cast) -> None:
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    payment = paid(cast, agreement.account, 5_00)
    line, fee, back = lines(brought(cast, csv_of(row("50.00", "a"), row("-3.00", "b"), row("-5.00", "c"))))
    api = Api(cast.network_admin)
    wrong = api.post(f"bank/lines/{line.pk}/match/", {"organization": "prairie", "pays": {"INV-1": 5}})
    assert wrong.status_code == 400
    assert api.post(f"bank/lines/{line.pk}/match/", {"organization": "lakeside"}).status_code == 404
    body: dict[str, Any] = {"organization": "prairie", "pays": {invoice.number: 4_000}}
    assert api.post(f"bank/lines/{line.pk}/match/", body).json()["state"] == "booked"
    assert api.post(f"bank/lines/{line.pk}/match/", body).status_code == 409
    assert api.post(f"bank/lines/{fee.pk}/set-aside/", {"reason": "Fee"}).json()["state"] == "aside"
    assert api.post(f"bank/lines/{fee.pk}/take-up/").json()["state"] == "waiting"
    body = {"payment": payment.pk, "reason": "Returned"}
    assert api.post(f"bank/lines/{back.pk}/take-back/", body).json()["refund"]


def test_reminders_and_holds(cast: Cast) -> None:
    invoice = billed(cast, signed(cast))
    other = billed(cast, signed(cast, cast.lakeside, version=a_plan(cast)))
    at = noon(date(2026, 2, 10))
    reminding.send_due(at=at)
    with time_machine.travel(at, tick=False):
        mine = Api(cast.admin_prairie).get("reminders/").json()["results"]
        assert [(row["invoice"], row["level"], row["sent_to"]) for row in mine] == [
            (invoice.number, 1, ["Robin Castell"])
        ]
        assert len(Api(cast.auditor).get("reminders/").json()["results"]) == 2
        asked = {"invoice": other.number, "kind": "promise", "until": "2026-02-20", "reason": "By phone"}
        answer = Api(cast.network_admin).post("reminders/holds/", asked)
        assert answer.status_code == 201
        assert answer.json()["invoice"] == other.number
        bad = Api(cast.network_admin).post("reminders/holds/", asked | {"until": "2026-02-01"})
        assert bad.status_code == 400
    assert Hold.objects.get().invoice == other


def test_paying_online_is_off(cast: Cast) -> None:
    invoice = billed(cast, signed(cast))
    assert Api(cast.admin_prairie).post(f"invoices/{invoice.number}/pay/").status_code == 409
    payment = paid(cast, invoice.account, 5)
    asked = {"cents": 5, "reason": "x"}
    assert Api(cast.network_admin).post(f"online-payments/{payment.pk}/refund/", asked).status_code == 409


def test_everybody_else_is_refused_and_learns_nothing(cast: Cast) -> None:
    invoice = billed(cast, signed(cast, cast.lakeside))
    (line,) = lines(brought(cast, csv_of(row("5.00"))))
    write: list[tuple[str, dict[str, Any]]] = [
        ("bank/files/", {"name": "a", "content": "a,b"}),
        ("bank/lines/confirm/", {"lines": [line.pk]}),
        (f"bank/lines/{line.pk}/match/", {"organization": "prairie"}),
        (f"bank/lines/{line.pk}/take-back/", {"payment": 1, "reason": "x"}),
        (f"bank/lines/{line.pk}/set-aside/", {"reason": "x"}),
        (f"bank/lines/{line.pk}/take-up/", {}),
        ("bank/lines/999999/take-up/", {}),
        ("reminders/holds/", {"invoice": invoice.number, "kind": "promise", "until": "2030-01-01", "reason": "x"}),
        ("online-payments/1/refund/", {"cents": 1, "reason": "x"}),
    ]
    read = ["bank/files/", "bank/files/1/", "bank/lines/"]
    for who in ("clinician_prairie", "admin_prairie", "specialist", "lead", "editor", "auditor"):
        api = Api(getattr(cast, who))
        assert {api.get(path).status_code for path in read} == {403}, who
        assert {api.post(path, body).status_code for path, body in write} == {403}, who
    assert {Api(None).post(path, body).status_code for path, body in write} == {401}
    assert {Api(None).get(path).status_code for path in [*read, "reminders/"]} == {401}
    for who in ("clinician_prairie", "specialist", "editor"):
        assert Api(getattr(cast, who)).get("reminders/").status_code == 403
    assert Api(cast.admin_prairie).post(f"invoices/{invoice.number}/pay/").status_code == 404
    assert Api(cast.clinician_prairie).post(f"invoices/{invoice.number}/pay/").status_code == 403
    assert Api(cast.network_admin).get("bank/files/999999/").status_code == 404
    assert Api(cast.network_admin).post("bank/lines/999999/take-up/").status_code == 404
    assert BankLine.objects.get().state == "waiting"
    assert BankFile.objects.count() == 1


def test_it_is_described(cast: Cast) -> None:
    out = StringIO()
    call_command("spectacular", "--fail-on-warn", stdout=out)
    paths = yaml.safe_load(out.getvalue())["paths"]
    for path in ("bank/files/", "bank/lines/confirm/", "reminders/holds/", "invoices/{number}/pay/"):
        assert f"/api/v1/{path}" in paths
