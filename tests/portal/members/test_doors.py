"""What an organization asks of its people's way in: from where, with what proof, for how long."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.common.models import AuditEvent, Notice
from portal.common.refusals import Invalid, Refused
from portal.members import doors
from portal.members.doors import House
from portal.members.models import Organization, Person, Role
from portal.members.services.house_rules import Rules, set_rules
from portal.members.services.tokens import create_token
from tests.cast import Cast, give, sign_in
from tests.portal.members.helpers import is_signed_in, sign_in_by_page

PAGE = "/organizations/prairie/rules/"
AWAY = "203.0.113.9"
HOME = "192.0.2.0/24"
TODAY = date(2026, 11, 25)


def close(organization: Organization, *networks: str) -> None:
    Organization.objects.filter(pk=organization.pk).update(allowed_networks=list(networks))


def form(**more: object) -> dict[str, object]:
    return {
        "networks": "",
        "second_factor_for": "",
        "second_factor_from": "",
        "idle_minutes": "",
        "session_hours": "",
    } | more


# --- pure rules ---


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("192.0.2.77", True),
        ("::ffff:192.0.2.77", True),
        ("192.0.3.1", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        (None, False),
    ],
)
def test_which_addresses_are_inside(address: str | None, inside: bool) -> None:
    assert doors.contains([HOME, "2001:db8::/32"], address) is inside
    assert bool(doors.shut([House(1, networks=(HOME, "2001:db8::/32"))], address)) is not inside
    assert doors.shut([House(1)], address) == []


@pytest.mark.parametrize(
    ("text", "kept"), [(" 192.0.2.5/24 ", HOME), ("192.0.2.5", "192.0.2.5/32"), ("2001:DB8::/32", "2001:db8::/32")]
)
def test_networks_as_they_are_kept(text: str, kept: str) -> None:
    assert doors.network_of(text) == kept


@pytest.mark.parametrize("text", ["nonsense", "192.0.2.0/33", "0.0.0.0/0", "::/0", "10.0.0.0/7", "192.0.2.1-9"])
def test_no_networks(text: str) -> None:
    with pytest.raises(ValueError, match="“"):
        doors.network_of(text)


@pytest.mark.parametrize(
    ("house", "administers", "asks"),
    [
        (House(1), True, False),
        (House(1, second_factor_required=True), False, True),
        (House(1, second_factor_for="everybody"), False, True),
        (House(1, second_factor_for="administrators"), False, False),
        (House(1, second_factor_for="administrators"), True, True),
        (House(1, second_factor_for="everybody", second_factor_from=TODAY), False, True),
        (House(1, second_factor_for="everybody", second_factor_from=TODAY + timedelta(days=1)), False, False),
        (House(1, second_factor_required=True, second_factor_from=TODAY + timedelta(days=1)), False, True),
    ],
)
def test_who_needs_a_second_step(house: House, administers: bool, asks: bool) -> None:
    mine = [1] if administers else [2]
    assert doors.asks_second_factor([House(2), house], administrator_of=mine, today=TODAY) is asks


def test_the_shortest_session_holds_and_never_more_than_the_networks() -> None:
    rows = [House(1, idle_minutes=10), House(2, idle_minutes=20, session_hours=4), House(3)]
    assert doors.lengths(rows, idle_seconds=1800, absolute_seconds=43200) == (600, 14400)
    assert doors.lengths([House(1, idle_minutes=90, session_hours=99)], idle_seconds=1800, absolute_seconds=43200) == (
        1800,
        43200,
    )


# --- addresses ---


def test_outside_the_network_nobody_of_it_comes_in(cast: Cast, client: Client) -> None:
    close(cast.prairie, HOME)
    answer = sign_in_by_page(client, cast.clinician_prairie.email, follow=True, REMOTE_ADDR=AWAY)
    assert answer.status_code == 403
    assert "Not from here" in answer.content.decode()
    assert not is_signed_in(client)
    event = AuditEvent.objects.get(action="refuse address")
    assert (event.actor, event.address, event.organization_id) == (cast.clinician_prairie.email, AWAY, cast.prairie.pk)


def test_inside_they_do_and_others_are_not_concerned(cast: Cast) -> None:
    close(cast.prairie, HOME)
    assert sign_in(Client(REMOTE_ADDR="192.0.2.44"), cast.clinician_prairie).get("/").status_code == 200
    for who in (cast.clinician_lakeside, cast.specialist, cast.network_admin):
        assert sign_in(Client(REMOTE_ADDR=AWAY), who).get("/").status_code == 200


def test_a_running_session_ends_with_the_network(cast: Cast) -> None:
    client = sign_in(Client(REMOTE_ADDR=AWAY), cast.clinician_prairie)
    assert client.get("/").status_code == 200
    close(cast.prairie, HOME)
    assert client.get("/").status_code == 403
    assert client.get("/account/").status_code == 302


def test_a_forwarded_address_counts_only_behind_proxies(cast: Cast, settings: Any) -> None:
    close(cast.prairie, HOME)
    claimed = {"X-Forwarded-For": "192.0.2.44"}
    client = sign_in(Client(REMOTE_ADDR=AWAY), cast.clinician_prairie)
    assert client.get("/", headers=claimed).status_code == 403
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    client = sign_in(Client(REMOTE_ADDR="10.0.0.1"), cast.clinician_prairie)
    assert client.get("/", headers=claimed).status_code == 200
    forged = {"X-Forwarded-For": f"192.0.2.44, {AWAY}"}
    assert client.get("/", headers=forged).status_code == 403, "the outermost trusted proxy says where it came from"


def test_who_works_elsewhere_keeps_that_and_sees_nothing_of_the_closed_house(cast: Cast) -> None:
    person = give(cast.clinician_prairie, Role.Name.CLINICIAN, organization=cast.lakeside)
    give(person, Role.Name.ORGANIZATION_ADMINISTRATOR, organization=cast.prairie)
    close(cast.prairie, HOME)
    outside = sign_in(Client(REMOTE_ADDR=AWAY), person)
    assert outside.get("/").status_code == 200
    assert outside.get("/organizations/prairie/people/").status_code == 404
    assert outside.get("/organizations/lakeside/").status_code == 200
    inside = sign_in(Client(REMOTE_ADDR="192.0.2.1"), person)
    assert inside.get("/organizations/prairie/people/").status_code == 200


def test_tokens_are_held_to_it(cast: Cast) -> None:
    person = cast.clinician_prairie
    _, secret = create_token(by=person, person=person, name="x")
    close(cast.prairie, HOME)
    headers = {"Authorization": f"Token {secret}"}
    answer = Client(REMOTE_ADDR=AWAY).get("/api/v1/me/", headers=headers)
    assert answer.status_code == 401
    assert "own network only" in answer.json()["detail"]
    assert Client(REMOTE_ADDR="192.0.2.9").get("/api/v1/me/", headers=headers).status_code == 200


def test_no_query_more_for_any_of_it(cast: Cast) -> None:
    client = sign_in(Client(), cast.clinician_prairie)
    client.get("/notices/")

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/notices/").status_code == 200
        return len(queries)

    before = count()
    Organization.objects.filter(pk=cast.prairie.pk).update(
        allowed_networks=["127.0.0.0/8"], second_factor_for="everybody", session_idle_minutes=10, session_hours=2
    )
    assert count() == before


# --- the second step ---


def test_the_second_step_from_its_day_on(cast: Cast, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    start = datetime(2026, 11, 25, 18, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        set_rules(
            by=cast.admin_prairie,
            organization=cast.prairie,
            rules=Rules(second_factor_for="everybody", second_factor_from=date(2026, 11, 27)),
        )
        told = set(Notice.objects.filter(kind="second factor").values_list("person_id", flat=True))
        assert told == {cast.clinician_prairie.pk, cast.admin_prairie.pk}
        client = sign_in(Client(), cast.clinician_prairie)
        assert client.get("/").status_code == 200
        clock.move_to(datetime(2026, 11, 27, 18, tzinfo=UTC))
        client = sign_in(Client(), cast.clinician_prairie)
        assert client.get("/").headers["Location"] == "/accounts/2fa/"
        assert sign_in(Client(), cast.clinician_lakeside).get("/").status_code == 200
        Authenticator.objects.create(user=cast.clinician_prairie, type="totp", data={})
        assert client.get("/").status_code == 200


def test_the_second_step_of_administrators_only(cast: Cast, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    Organization.objects.filter(pk=cast.prairie.pk).update(second_factor_for="administrators")
    assert sign_in(Client(), cast.clinician_prairie).get("/").status_code == 200
    assert sign_in(Client(), cast.admin_prairie).get("/").status_code == 302
    Organization.objects.filter(pk=cast.prairie.pk).update(second_factor_for="", second_factor_required=True)
    assert sign_in(Client(), cast.clinician_prairie).get("/").status_code == 302, "what the network asks stays"


# --- sessions ---


def test_sessions_are_as_short_as_the_organization_says(cast: Cast) -> None:
    Organization.objects.filter(pk=cast.prairie.pk).update(session_idle_minutes=10, session_hours=1)
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        mine, other = sign_in(Client(), cast.clinician_prairie), sign_in(Client(), cast.clinician_lakeside)
        assert mine.get("/").status_code == other.get("/").status_code == 200
        clock.shift(601)
        assert other.get("/").status_code == 200
        assert mine.get("/").status_code == 302
        assert "after 10 minutes" in mine.get("/accounts/login/").content.decode()
        mine = sign_in(Client(), cast.clinician_prairie)
        for _ in range(6):
            assert mine.get("/").status_code == 200
            clock.shift(599)
        assert mine.get("/").status_code == 200
        clock.shift(10)
        assert mine.get("/").status_code == 302
        assert "at most 1 hour." in mine.get("/accounts/login/").content.decode()


# --- setting them ---


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        (Rules(networks=["nonsense"]), "networks"),
        (Rules(networks=["0.0.0.0/0"]), "networks"),
        (Rules(networks=[f"192.0.2.{n}" for n in range(51)]), "networks"),
        (Rules(idle_minutes=4), "idle_minutes"),
        (Rules(idle_minutes=31), "idle_minutes"),
        (Rules(session_hours=0), "session_hours"),
        (Rules(session_hours=13), "session_hours"),
        (Rules(second_factor_for="cats"), "second_factor_for"),
    ],
)
def test_bounds(cast: Cast, rules: Rules, field: str) -> None:
    with pytest.raises(Invalid) as error:
        set_rules(by=cast.admin_prairie, organization=cast.prairie, rules=rules, knowingly=True)
    assert list(error.value.fields) == [field]


def test_nobody_else_sets_them(cast: Cast) -> None:
    for who in (cast.clinician_prairie, cast.clinician_lakeside, cast.specialist, cast.editor, cast.auditor):
        with pytest.raises(Refused):
            set_rules(by=who, organization=cast.prairie, rules=Rules())
    with pytest.raises(Refused):
        set_rules(by=cast.admin_prairie, organization=cast.lakeside, rules=Rules())
    assert sign_in(Client(), cast.clinician_prairie).get(PAGE).status_code == 403
    assert sign_in(Client(), cast.clinician_prairie).post(PAGE, form()).status_code == 403
    assert sign_in(Client(), cast.clinician_lakeside).post(PAGE, form()).status_code == 404


def test_the_page_says_whether_ones_own_address_is_inside_and_warns(cast: Cast) -> None:
    client = sign_in(Client(REMOTE_ADDR=AWAY), cast.admin_prairie)
    assert AWAY in client.get(PAGE).content.decode()
    answer = client.post(PAGE, form(networks=HOME))
    assert "you would lock yourself out" in answer.content.decode()
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, form(networks=f"{HOME}\n203.0.113.0/24", idle_minutes=15)).status_code == 302
    assert "In the list" in client.get(PAGE).content.decode()
    row = Organization.objects.get(pk=cast.prairie.pk)
    assert (row.allowed_networks, row.session_idle_minutes) == ([HOME, "203.0.113.0/24"], 15)
    assert AuditEvent.objects.get(action="set rules of sign-in").detail["networks"] == f"{HOME},203.0.113.0/24"
    client.post(PAGE, form(networks=HOME, knowingly="on"))
    assert client.get(PAGE).status_code == 403, "knowingly"


def test_the_network_is_not_locked_out_and_may_mend_it(cast: Cast) -> None:
    close(cast.prairie, HOME)
    client = sign_in(Client(REMOTE_ADDR=AWAY), cast.network_admin)
    assert "Not in the list" in client.get(PAGE).content.decode()
    assert client.post(PAGE, form()).status_code == 302
    assert sign_in(Client(REMOTE_ADDR=AWAY), Person.objects.get(pk=cast.admin_prairie.pk)).get("/").status_code == 200
