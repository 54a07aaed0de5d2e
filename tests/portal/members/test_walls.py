"""What the database shows to a request, and that nothing stays of one that failed."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from portal.common.models import Heartbeat
from portal.members.middleware import TenancyMiddleware
from portal.members.models import Role
from portal.members.services.tokens import create_token
from portal.members.tokens import TokenAuthentication
from tests.cast import Cast, give


def scope() -> str:
    """What the transaction may see."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('consilium.organizations', true)")
        return str(cursor.fetchone()[0])


def seen_by(person: Any, path: str = "/consults/") -> str:
    """What a view of this person's request may see."""
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append((scope(), connection.in_atomic_block))
        return HttpResponse()

    request = RequestFactory().get(path)
    request.user = person
    TenancyMiddleware(view)(request)
    assert seen[0][1]
    return seen[0][0]


def test_members_see_their_organizations(cast: Cast) -> None:
    assert seen_by(cast.clinician_prairie) == str(cast.prairie.pk)
    assert seen_by(cast.admin_prairie) == str(cast.prairie.pk)
    give(cast.clinician_lakeside, Role.Name.CLINICIAN, organization=cast.prairie)
    both = sorted([cast.prairie.pk, cast.lakeside.pk])
    assert seen_by(cast.clinician_lakeside) == ",".join(map(str, both))


@pytest.mark.parametrize("who", ["specialist", "lead", "editor", "network_admin", "auditor"])
def test_network_staff_see_all(cast: Cast, who: str) -> None:
    assert seen_by(getattr(cast, who)) == "*"


def test_nobody_sees_nothing(db: None) -> None:
    assert seen_by(AnonymousUser()) == ""


def test_a_request_leaves_the_connection_as_it_was(committed_cast: Cast) -> None:
    before = scope()
    assert seen_by(committed_cast.clinician_prairie) == str(committed_cast.prairie.pk)
    assert scope() == before
    assert not connection.in_atomic_block


def test_a_token_narrows_the_running_transaction(cast: Cast) -> None:
    person = cast.clinician_lakeside
    _, secret = create_token(by=person, person=person, name="x")
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(scope())
        TokenAuthentication().authenticate(request)  # type: ignore[arg-type] # all it reads are the headers
        seen.append(scope())
        return HttpResponse()

    request = RequestFactory().get("/api/v1/consults/", headers={"Authorization": f"Token {secret}"})
    request.user = cast.specialist
    TenancyMiddleware(view)(request)
    assert seen == ["*", str(cast.lakeside.pk)]


@pytest.mark.parametrize(
    ("status", "stays"), [(200, True), (302, True), (403, True), (404, True), (500, False), (503, False)]
)
def test_nothing_stays_of_a_request_that_failed(committed_cast: Cast, status: int, stays: bool) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        Heartbeat.objects.create(name="probe", at="2026-01-01T00:00Z")
        return HttpResponse(status=status)

    request = RequestFactory().get("/consults/")
    request.user = committed_cast.clinician_prairie
    TenancyMiddleware(view)(request)
    assert Heartbeat.objects.filter(name="probe").exists() is stays
