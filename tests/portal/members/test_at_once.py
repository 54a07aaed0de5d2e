"""Two people acting in the same moment, on a database whose commits are real."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from portal.common.refusals import Conflict, Refused
from portal.members.models import Invitation, Person, Role
from portal.members.services import invitations
from portal.members.services.people import deactivate_person
from portal.members.services.roles import remove_role
from tests.cast import Cast, give, make_person
from tests.portal.members.helpers import last_mail, link_in

ADMINISTRATOR = Role.Name.ORGANIZATION_ADMINISTRATOR


def both(*acts: Callable[[], object]) -> list[bool]:
    """Do all at the same moment, and say which went well."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> bool:
        start.wait(10)
        try:
            act()
        except (Conflict, Refused):
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def second(committed_cast: Cast) -> Person:
    return give(make_person("second@prairie.example", "Second"), ADMINISTRATOR, organization=committed_cast.prairie)


def test_two_administrators_do_not_deactivate_each_other(committed_cast: Cast, second: Person) -> None:
    first = committed_cast.admin_prairie
    done = both(
        lambda: deactivate_person(by=first, person=second),
        lambda: deactivate_person(by=second, person=first),
    )
    assert sorted(done) == [False, True]
    assert Person.objects.filter(roles__name=ADMINISTRATOR, is_active=True).count() == 1


def test_nor_do_two_of_the_network(committed_cast: Cast) -> None:
    first = committed_cast.network_admin
    other = give(make_person("n2@network.example", "N2"), Role.Name.NETWORK_ADMINISTRATOR)
    done = both(
        lambda: deactivate_person(by=first, person=other),
        lambda: deactivate_person(by=other, person=first),
    )
    assert sorted(done) == [False, True]


def test_the_network_does_not_take_both_at_once(committed_cast: Cast, second: Person) -> None:
    network = give(make_person("n2@network.example", "N2"), Role.Name.NETWORK_ADMINISTRATOR)
    done = both(
        lambda: deactivate_person(by=network, person=second),
        lambda: remove_role(by=committed_cast.network_admin, role=committed_cast.admin_prairie.roles.get()),
    )
    assert sorted(done) == [False, True]


def test_a_link_is_accepted_once(committed_cast: Cast) -> None:
    invitations.invite(
        by=committed_cast.admin_prairie, email="n@x.example", role="clinician", organization=committed_cast.prairie
    )
    secret = link_in(last_mail("n@x.example")).split("/")[2]

    def accept() -> None:
        invitations.accept(secret=secret, name="N", password="harbor-violet-93-kite", time_zone="UTC")

    assert sorted(both(accept, accept, accept)) == [False, False, True]
    assert Person.objects.filter(email="n@x.example").count() == 1
    assert Invitation.objects.get().accepted_at
