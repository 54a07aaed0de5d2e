"""An organization's directory keeps its people: SCIM 2.0, as its own tester sees it, and never beyond the organization."""

import json
from typing import Annotated, Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.utils import timezone
from pydantic import Field
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_models import Required, ScimProvider, Uniqueness
from scim2_tester import Status, check_server

from portal.common.models import AuditEvent
from portal.members.models import Person, Role
from portal.members.models_sso import DirectoryGroup, DirectoryPerson, ProvisioningToken
from portal.members.scim_shapes import DirectoryUser, GroupOfDirectory
from portal.members.services import provisioning
from portal.members.services.tokens import create_token
from tests.cast import Cast, give, make_person, sign_in
from tests.portal.members.helpers import is_signed_in
from tests.portal.members.sso import confirm


def token_of(cast: Cast) -> str:
    """Prairie's, with its domain confirmed."""
    confirm(cast.prairie, "prairie.example", cast.network_admin)
    return provisioning.make_token(
        by=cast.admin_prairie, organization=cast.prairie, name="directory", at=timezone.now()
    )[1]


class Telling(DirectoryUser):
    """People as the tester makes them up, with addresses of the organization."""

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = Field(
        None, examples=[f"person{n}@prairie.example" for n in range(100_000)]
    )


def test_its_own_tester_finds_nothing_wrong(committed_cast: Cast) -> None:
    secret = token_of(committed_cast)
    client = WSGISCIMClient(
        get_wsgi_application(),
        base_url="http://testserver/scim/v2",
        headers={"Authorization": f"Bearer {secret}"},
        provider=ScimProvider([Telling, GroupOfDirectory]),
    )
    results = check_server(client)
    for result in results:
        print(result.status.name, result.title, result.reason or "")
    bad = [f"{r.title}: {r.reason}" for r in results if r.status not in (Status.SUCCESS, Status.SKIPPED, Status.COMPLIANT, Status.ACCEPTABLE)]
    assert not bad, "\n".join(bad)
