"""From where a request comes, and that taking a file out is on the record."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from portal.common import audit, circumstances
from portal.common.middleware import CircumstancesMiddleware, address_of, name_of
from portal.common.models import AuditEvent
from portal.common.refusals import Refused
from portal.members.models import Role
from portal.members.services.tokens import create_token
from tests.cast import Cast, give, sign_in


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "192.0.2.7"),
        (0, "203.0.113.9", "192.0.2.7"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.9.9.9, 203.0.113.9", "203.0.113.9"),
        (2, "10.9.9.9, 203.0.113.9, 192.0.2.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.7"),
        (1, "nonsense", None),
        (1, "2001:DB8::1", "2001:db8::1"),
    ],
)
def test_the_address_is_the_one_the_proxies_vouch_for(
    settings: Any, proxies: int, forwarded: str, address: str | None
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert address_of(RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.7")) == address


def test_a_link_local_address_and_a_socket() -> None:
    assert address_of(RequestFactory().get("/", REMOTE_ADDR="fe80::1%eth0")) == "fe80::1"
    assert address_of(RequestFactory().get("/", REMOTE_ADDR="")) is None


def test_the_name_of_a_request_is_a_proxys_or_our_own(settings: Any) -> None:
    request = RequestFactory().get("/", headers={"X-Request-ID": "proxy-name-1234"})
    assert name_of(request) != "proxy-name-1234"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert name_of(request) == "proxy-name-1234"
    assert len(name_of(RequestFactory().get("/", headers={"X-Request-ID": "a b\n"}))) == 32


def test_every_event_of_a_request_carries_both(cast: Cast, client: Client) -> None:
    sign_in(client, cast.auditor)
    answer = client.get("/audit/?format=csv", REMOTE_ADDR="192.0.2.7")
    event = AuditEvent.objects.get(action="export")
    assert event.address == "192.0.2.7"
    assert event.request_id == answer.headers["X-Request-ID"]
    assert circumstances.current().address is None, "nothing stays for the next request"


def test_a_failed_request_leaves_nothing_behind() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise ValueError("own")

    with pytest.raises(ValueError, match="own"):
        CircumstancesMiddleware(view)(RequestFactory().get("/"))
    assert circumstances.current().request_id == ""


def test_the_organizations_of_the_actor_are_those_at_the_time(cast: Cast) -> None:
    give(cast.clinician_prairie, Role.Name.CLINICIAN, organization=cast.lakeside)
    audit.record(by=cast.clinician_prairie, action="probe", object_type="x", object_id=1)
    audit.record(by="task", action="probe", object_type="x", object_id=2)
    rows = dict(AuditEvent.objects.values_list("object_id", "of_organizations"))
    assert rows == {"1": sorted([cast.prairie.pk, cast.lakeside.pk]), "2": []}


def test_on_behalf_both_are_named_and_nothing_but_reading_is_recorded(cast: Cast) -> None:
    with circumstances.standing_in(cast.network_admin):
        for action in ("consult.read", "consult.download", "document.print", "export"):
            audit.record(by=cast.clinician_prairie, action=action, object_type="x", object_id=1)
        for action in (
            "consult.answer",
            "review.approve",
            "update profile",
            "sign in",
            "give role",
            "take over calendar",
        ):
            with pytest.raises(Refused, match="as somebody else"):
                audit.record(by=cast.clinician_prairie, action=action, object_type="x", object_id=1)
        audit.record(by="task", action="anything", object_type="x", object_id=1)
    rows = AuditEvent.objects.exclude(actor="task")
    assert set(rows.values_list("actor", "for_person", "actor_id", "for_id")) == {
        (cast.network_admin.email, cast.clinician_prairie.email, cast.network_admin.pk, cast.clinician_prairie.pk)
    }
    assert rows.count() == 4
    assert rows[0].of_organizations == [cast.prairie.pk]


@pytest.mark.parametrize("path", ["/organizations/?format=csv", "/scoreboard/?format=csv"])
def test_a_file_taken_out_is_on_the_record(cast: Cast, client: Client, path: str) -> None:
    sign_in(client, cast.network_admin)
    assert client.get(path).headers["Content-Disposition"].startswith("attachment")
    event = AuditEvent.objects.get(action="export")
    assert (event.actor_id, event.object_id) == (cast.network_admin.pk, path.partition("?")[0])


def test_a_page_is_not_a_file_and_an_export_is_recorded_once(cast: Cast, client: Client) -> None:
    sign_in(client, cast.network_admin)
    client.get("/organizations/")
    assert not AuditEvent.objects.filter(action="export").exists()
    sign_in(client, cast.auditor)
    client.get("/audit/?format=csv")
    assert AuditEvent.objects.filter(action="export").count() == 1


def test_through_the_rest_interface_the_tokens_person_is_named(cast: Cast) -> None:
    _, secret = create_token(by=cast.editor, person=cast.editor, name="x")
    answer = Client().get("/api/v1/me/", headers={"Authorization": f"Token {secret}"})
    assert answer.status_code == 200
    assert answer.headers["X-Request-ID"]
