"""The history of a membership: joining, active by an agreement, ended with a reason, and reopened."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from portal.common import tenancy
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Organization
from portal.members.models_applications import MembershipPeriod
from portal.members.services import membership, organizations
from tests.cast import Cast, sign_in
from tests.portal.fees.helpers import a_plan, signed
from tests.portal.members.applications import accepted

pytestmark = pytest.mark.django_db


def states(place: Organization) -> list[tuple[str, str]]:
    return [(row.state, row.why) for row in place.periods.all()]


def end(cast: Cast, place: Organization | None = None) -> None:
    membership.end(place or cast.prairie, by=cast.network_admin, reason="It left.", at=timezone.now())


def test_the_first_agreement_makes_it_active_and_the_next_renews(cast: Cast) -> None:
    place = accepted(cast)
    signed(cast, place, at=timezone.now())
    place.refresh_from_db()
    assert place.membership == "active"
    assert states(place)[-1] == ("active", "Its first agreement is signed.")
    later = {"starts_on": date(2027, 1, 1), "until": date(2028, 1, 1), "at": timezone.now()}
    signed(cast, place, version=a_plan(cast, name="Next"), **later)
    assert states(place)[-1] == ("active", "Renewed: another agreement is signed.")
    rows = list(place.periods.all())
    assert [row.ends_at for row in rows[:-1]] == [row.starts_at for row in rows[1:]], "no gap and no overlap"
    assert rows[-1].ends_at is None


def test_an_organization_added_by_the_network_is_active(cast: Cast) -> None:
    place = organizations.create_organization(
        by=cast.network_admin, name="Added", tier="member", time_zone="UTC", second_factor_required=False
    )
    assert place.membership == "active"
    assert states(place) == [("active", "Added by the network.")]


def test_ended_and_reopened(cast: Cast) -> None:
    end(cast)
    cast.prairie.refresh_from_db()
    assert cast.prairie.membership == "ended"
    with pytest.raises(Conflict):
        end(cast)
    with pytest.raises(Conflict, match="Reopen it first"):
        signed(cast)
    membership.reopen(cast.prairie, by=cast.network_admin, reason="It came back.", at=timezone.now())
    with pytest.raises(Conflict):
        membership.reopen(cast.prairie, by=cast.network_admin, reason="Again.", at=timezone.now())
    assert states(cast.prairie) == [("ended", "It left."), ("active", "It came back.")]
    signed(cast)


@pytest.mark.parametrize("reason", ["", "  ", "\x00", "x" * 1001])
def test_a_reason_is_needed(cast: Cast, reason: str) -> None:
    with pytest.raises(Invalid):
        membership.end(cast.prairie, by=cast.network_admin, reason=reason, at=timezone.now())
    assert not cast.prairie.periods.exists()


@pytest.mark.parametrize("who", ["admin_prairie", "clinician_prairie", "specialist", "auditor", "editor"])
def test_only_the_network_ends_it(cast: Cast, who: str) -> None:
    person = getattr(cast, who)
    with pytest.raises(Refused):
        membership.end(cast.prairie, by=person, reason="I want.", at=timezone.now())
    client = sign_in(Client(), person)
    for act in ("end", "reopen"):
        path = f"/organizations/prairie/membership/{act}/"
        assert client.get(path).status_code == client.post(path, {"reason": "x"}).status_code == 403
    cast.prairie.refresh_from_db()
    assert cast.prairie.membership == "active"


def test_by_the_pages(cast: Cast) -> None:
    client = sign_in(Client(), cast.network_admin)
    page = client.get("/organizations/prairie/").content.decode()
    assert "End the membership" in page
    assert client.post("/organizations/prairie/membership/end/", {"reason": ""}).status_code == 200
    assert client.post("/organizations/prairie/membership/end/", {"reason": "It left."}).status_code == 302
    own = sign_in(Client(), cast.admin_prairie).get("/organizations/prairie/").content.decode()
    assert "It left." in own
    assert "Reopen the membership" not in own
    assert "has ended already" in client.get("/organizations/prairie/membership/end/").content.decode()
    assert client.get("/organizations/?state=ended").context["page"].paginator.count == 1
    client.post("/organizations/prairie/membership/reopen/", {"reason": "It came back."})
    assert client.get("/organizations/?state=ended").context["page"].paginator.count == 0


def test_periods_hold_in_the_database(cast: Cast) -> None:
    end(cast)
    row = cast.prairie.periods.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipPeriod.objects.create(
            organization=cast.prairie, state="active", starts_at=timezone.now(), why="Twice at once."
        )
    for statement in ("UPDATE members_membershipperiod SET why = 'x'", "DELETE FROM members_membershipperiod"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    with tenancy.only([cast.lakeside.pk]):
        assert not MembershipPeriod.objects.exists()
    with tenancy.only([cast.prairie.pk]):
        assert MembershipPeriod.objects.get() == row
