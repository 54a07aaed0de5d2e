"""Finding an organization's provider, and looking whether it is set up rightly."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cryptography.x509 import load_pem_x509_certificate
from django.utils import timezone
from onelogin.saml2.errors import OneLogin_Saml2_Error
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

from portal.common import fetching, tenancy
from portal.common.refusals import Invalid
from portal.members.models import Organization, Person
from portal.members.models_domains import OrganizationDomain
from portal.members.models_sso import IdentityProvider
from portal.members.sso_rules import domain_of, must_use_provider

WELL_KNOWN = "/.well-known/openid-configuration"
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


def domains_of(organization_id: int) -> frozenset[str]:
    """The organization's confirmed domains, in small letters."""
    rows = OrganizationDomain.objects.filter(organization_id=organization_id, confirmed_at__isnull=False)
    return frozenset(domain.lower() for domain in rows.values_list("domain", flat=True))


def provider_for(address: str) -> IdentityProvider | None:
    """The provider that addresses like this one go to: that of the domain, whether or not anyone has the address."""
    domain = domain_of(address)
    with tenancy.everything():
        confirmed = OrganizationDomain.objects.filter(domain__iexact=domain, confirmed_at__isnull=False)
        found = IdentityProvider.objects.select_related("organization").filter(
            is_on=True, organization__deactivated_at=None, organization__in=confirmed.values("organization")
        )
        return found.first() if domain else None


def by_key(key: str) -> IdentityProvider | None:
    """The provider with this key in its addresses, on or off: a trial comes before it is switched on."""
    with tenancy.everything():
        return IdentityProvider.objects.select_related("organization").filter(key=key).first()


def only_provider_of(person: Person) -> IdentityProvider | None:
    """The provider that this person must come through; None for those who may use a password or a passkey."""
    found = provider_for(person.email)
    if found is None or not found.is_only_way:
        return None
    its = domains_of(found.organization_id)
    must = must_use_provider(person.actor, person.email, organization_id=found.organization_id, domains=its)
    return found if must else None


def of(organization: Organization) -> IdentityProvider | None:
    """The organization's provider, if the reader's walls show it."""
    return (
        IdentityProvider.objects.select_related("organization", "default_facility")
        .filter(organization=organization)
        .first()
    )


def look_at(row: IdentityProvider) -> str:
    """Ask the provider what it says of itself; what is wrong with that, or nothing. Changes nothing."""
    try:
        return _look_at_oidc(row) if row.kind == IdentityProvider.Kind.OIDC else _look_at_saml(row)
    except fetching.NotFetched as error:
        return str(error)


def _look_at_oidc(row: IdentityProvider) -> str:
    found = _json(row.server_url.rstrip("/") + WELL_KNOWN)
    if missing := [name for name in NEEDED if not isinstance(found.get(name), str)]:
        return f"The provider's configuration does not say {', '.join(missing)}."
    if found["issuer"].rstrip("/") != row.server_url.rstrip("/"):
        return f"The provider calls itself {found['issuer'][:200]}: enter that address."
    for name in NEEDED[1:]:
        fetching.check_address(found[name])
    if "code" not in found.get("response_types_supported", ["code"]):
        return "The provider does not offer the authorization code flow (response_types_supported)."
    keys = _json(found["jwks_uri"]).get("keys")
    if not isinstance(keys, list) or not any(isinstance(key, dict) and key.get("kid") for key in keys):
        return "The provider publishes no key with a name (kid) to check its signatures by (jwks_uri)."
    return ""


def _json(address: str) -> Mapping[str, Any]:
    try:
        found = json.loads(fetching.fetch(address))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise fetching.NotFetched(f"What is at {address[:300]} is not JSON as it should be.")
    return found


def _look_at_saml(row: IdentityProvider) -> str:
    if row.metadata_url:
        told = read_metadata(fetching.fetch(row.metadata_url))
        if told != {name: getattr(row, name) for name in told}:
            return "The provider's metadata have changed. Save this page again to take them over."
    fetching.check_address(row.sign_in_url)
    return why_not_certificate(row.certificate)


def read_metadata(xml: bytes) -> dict[str, str]:
    """The entity, its sign-in address and its first signing certificate. Raises NotFetched for anything else."""
    try:
        told = OneLogin_Saml2_IdPMetadataParser.parse(xml)["idp"]
    except (ValueError, KeyError, SyntaxError, OneLogin_Saml2_Error):
        raise fetching.NotFetched("These are not the SAML metadata of an identity provider.") from None
    several = told.get("x509certMulti", {}).get("signing", [""])
    read = {
        "entity_id": str(told.get("entityId", ""))[:500],
        "sign_in_url": str(told.get("singleSignOnService", {}).get("url", "")),
        "certificate": "".join(str(told.get("x509cert") or several[0]).split()),
    }
    names = {"entity_id": "an entity ID", "sign_in_url": "a sign-in address (HTTP-Redirect)"}
    if missing := [words for name, words in names.items() if not read[name]]:
        raise fetching.NotFetched(f"The metadata do not hold {' and '.join(missing)}.")
    return read


def why_not_certificate(text: str) -> str:
    """What is wrong with a signing certificate, given as PEM or as its middle part."""
    body = "".join(line for line in text.strip().splitlines() if "CERTIFICATE" not in line)
    pem = f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
    try:
        certificate = load_pem_x509_certificate(pem.encode())
    except ValueError:
        return "The signing certificate cannot be read. Paste it as PEM."
    if certificate.not_valid_after_utc <= timezone.now():
        return f"The signing certificate ended on {certificate.not_valid_after_utc:%Y-%m-%d}."
    return ""


def check_typed_address(**addresses: str) -> None:
    """Raise Invalid for an address that could not be asked anyway."""
    for name, address in addresses.items():
        try:
            fetching.check_address(address)
        except fetching.NotFetched as error:
            raise Invalid(**{name: str(error)}) from None
        if urlsplit(address).fragment:
            raise Invalid(**{name: "Leave out what follows the #."})
