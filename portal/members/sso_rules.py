"""Whom an organization's identity provider lets in, as pure rules over values: no database, no request.

The site believes a provider about its own organization's people and nobody else: an address is of one of the
organization's confirmed domains, and an account that exists works for that organization alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.members.policy import Actor

SECOND_STEPS = frozenset(
    {
        "mfa",
        "http://schemas.microsoft.com/claims/multipleauthn",
        "https://refeds.org/profile/mfa",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken",
    }
)
"""What a provider says when it has asked for more than a password (RFC 8176, Microsoft, REFEDS, SAML)."""

FACTORS = (
    frozenset({"pwd", "pin", "kba"}),
    frozenset({"otp", "hwk", "swk", "sc", "pop", "sms", "tel"}),
    frozenset({"face", "fpt", "iris", "retina", "vbm"}),
)
"""Ways of proving oneself (RFC 8176), by what they rest on: something known, something held, the body."""

NAMES = ("authnmethodsreferences", "acr", "amr")


@dataclass(frozen=True)
class Said:
    """What a provider said of the person in front of it. ``verified`` is None where it did not say; ``uid``, what it
    calls them, is empty where it has no name that lasts."""

    uid: str
    email: str
    name: str
    verified: bool | None = None
    second_step: bool = False
    shown: Mapping[str, str] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        return domain_of(self.email)


@dataclass(frozen=True)
class Account:
    """An account that exists already, as far as the rules ask."""

    actor: Actor
    is_active: bool
    is_linked_to_another: bool = False


def domain_of(email: str) -> str:
    """What stands behind the last @, in small letters; empty where there is no address."""
    name, at, domain = email.strip().rpartition("@")
    return domain.lower().rstrip(".") if name and at else ""


def why_not(said: Said, *, organization_id: int, domains: frozenset[str], account: Account | None, adds: bool) -> str:
    """Why the provider of this organization cannot let this person in; empty when it can.

    ``account`` is the one found by what the provider calls the person, or else by the address; ``adds`` says whether
    people who have none are added.
    """
    if not said.domain:
        return "The provider did not say an e-mail address."
    if not said.uid:
        return (
            "The provider gives people another identifier at each sign-in. Have it send a persistent NameID, the "
            "e-mail address as NameID, or the attribute subject-id."
        )
    if said.verified is False:
        return "The provider says that this address has not been verified."
    if said.domain not in domains:
        return f"{said.domain} is not a confirmed domain of this organization."
    if account is None:
        return "" if adds else "There is no account for this address. An administrator can invite you."
    return _why_not_this(account, organization_id)


def _why_not_this(account: Account, organization_id: int) -> str:
    if account.is_linked_to_another:
        return "This address belongs to an account that the provider knows under another identifier."
    if not account.is_active:
        return "This account is deactivated."
    if account.actor.is_network_staff or account.actor.organizations - {organization_id}:
        return "This account also works for the network or another organization: it signs in with its own password."
    if organization_id not in account.actor.organizations:
        return "This account has no role in this organization. An administrator can give one."
    return ""


def must_use_provider(actor: Actor, email: str, *, organization_id: int, domains: frozenset[str]) -> bool:
    """Whether this person comes in through the provider only, where the organization wants that.

    Those it cannot let in are free of it, and so are its administrators: they open the door when the provider is away.
    """
    alone = actor.organizations == {organization_id} and not actor.is_network_staff
    return alone and organization_id not in actor.administrator_of and domain_of(email) in domains


def second_step_in(claims: Mapping[str, Any]) -> bool:
    """Whether what was said names a second step, or ways of two kinds."""
    said = {
        str(value)
        for name, values in claims.items()
        if name.rpartition("/")[2] in NAMES
        for value in (values if isinstance(values, Sequence) and not isinstance(values, str) else [values])
    }
    return bool(said & SECOND_STEPS) or sum(not said.isdisjoint(kind) for kind in FACTORS) > 1
