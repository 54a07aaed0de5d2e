"""What the tests of single sign-on do over and over."""

from typing import Any

from django.test import Client
from django.utils import timezone

from portal.members.models import Organization, Person
from portal.members.models_domains import OrganizationDomain
from portal.members.models_sso import IdentityProvider
from portal.members.services import single_sign_on
from tests.cast import Cast
from tests.providers import CLIENT, SECRET, Provider

EMPTY: dict[str, Any] = dict.fromkeys(
    "server_url client_id secret metadata_url entity_id sign_in_url certificate".split(), ""
) | {"asks_second_step": False}


def confirm(organization: Organization, domain: str, by: Person) -> OrganizationDomain:
    return OrganizationDomain.objects.create(
        organization=organization, domain=domain, confirmed_at=timezone.now(), confirmed_by=by
    )


def oidc(provider: Provider, **changes: Any) -> dict[str, Any]:
    """What an administrator enters."""
    typed = {"kind": "oidc", "server_url": provider.url, "client_id": CLIENT, "secret": SECRET}
    return EMPTY | typed | {"default_role": "clinician", "default_facility": None} | changes


def set_up(cast: Cast, provider: Provider, *, only_way: bool = False, **changes: Any) -> IdentityProvider:
    """Prairie's provider, checked and on; its domain is confirmed."""
    by, at = cast.admin_prairie, timezone.now()
    if not cast.prairie.domains.exists():
        confirm(cast.prairie, "prairie.example", cast.network_admin)
    facts = oidc(provider, **changes)
    single_sign_on.save_provider(by=by, organization=cast.prairie, at=at, **facts)
    problem = single_sign_on.check_provider(by=by, organization=cast.prairie, at=at)
    assert not problem, problem
    if only_way:
        IdentityProvider.objects.update(tried_at=at)
    return single_sign_on.switch(by=by, organization=cast.prairie, is_on=True, is_only_way=only_way)


def way_out(client: Client, address: str) -> str:
    """Where the sign-in page leads with this address."""
    page = client.post("/accounts/login/", {"login": address, "through": "organization"})
    assert page.status_code == 200, page.content
    assert "to" in (page.context or {}), page.content.decode()
    return str(page.context["to"])


def come_in(client: Client, provider: Provider, who: str, *, typed: str = "any@prairie.example") -> Any:
    """Through the provider as ``who``, having typed an address on the sign-in page; the last answer of ours."""
    return client.get(provider.code_for(way_out(client, typed), who))
