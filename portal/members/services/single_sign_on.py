"""Setting up an organization's own sign-in, and letting its people in through it."""

from datetime import datetime
from typing import TypedDict, Unpack

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from portal.common import fetching, tenancy
from portal.common.audit import Acting, record
from portal.common.locks import lock
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Facility, Organization, Person, Role
from portal.members.models_sso import LOCK, IdentityProvider
from portal.members.policy import Action, Denied, can
from portal.members.services import sso_looking
from portal.members.sso_rules import Account, Said, why_not

BY_HAND = ("entity_id", "sign_in_url", "certificate")
IDENTITY = ("kind", "server_url", "client_id", "entity_id", "sign_in_url", "certificate")
"""What makes it another provider, so that what was checked and tried before says nothing any more."""


class Facts(TypedDict):
    """What is entered; ``secret`` empty keeps the one there is."""

    kind: str
    server_url: str
    client_id: str
    secret: str
    metadata_url: str
    entity_id: str
    sign_in_url: str
    certificate: str
    default_role: str
    default_facility: Facility | None
    asks_second_step: bool


def check_may(by: Person, organization: Organization) -> None:
    """Raise Refused for who may not set up this organization's sign-in: those who may not manage its people."""
    decision = can(by.actor, Action.MANAGE_PEOPLE, organization.pk)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)


@transaction.atomic
def save_provider(*, by: Person, organization: Organization, at: datetime, **facts: Unpack[Facts]) -> IdentityProvider:
    """Keep what was entered. Another provider than before must be checked and tried anew, and is off until then.

    Raises Invalid for a field, Refused for who may not.
    """
    check_may(by, organization)
    row = IdentityProvider.objects.select_for_update().filter(organization=organization).first()
    row = IdentityProvider(organization=organization) if row is None else row
    before = {name: getattr(row, name) for name in IDENTITY}
    _take_over(row, facts)
    if not row.locked_secret and row.kind == IdentityProvider.Kind.OIDC:
        raise Invalid(secret="Enter the client secret that the provider gave you.")  # noqa: S106 - it is a sentence
    if row.default_facility and row.default_facility.organization_id != organization.pk:
        raise Invalid(default_facility="Choose a facility of your own organization.")
    if row._state.adding or facts["secret"] or before != {name: getattr(row, name) for name in IDENTITY}:
        row.is_on, row.is_only_way, row.checked_at, row.problem, row.tried_at = False, False, None, "", None
    if any(before[name] and before[name] != getattr(row, name) for name in ("kind", "server_url", "entity_id")):
        SocialAccount.objects.filter(provider=row.key).delete()
    row.changed_at = at
    row.save()
    _record(by, "save", row, kind=row.kind, default_role=row.default_role, asks_second_step=int(row.asks_second_step))
    return row


def _take_over(row: IdentityProvider, facts: Facts) -> None:
    row.kind, row.default_role = facts["kind"], facts["default_role"]
    row.default_facility, row.asks_second_step = facts["default_facility"], facts["asks_second_step"]
    is_oidc = row.kind == IdentityProvider.Kind.OIDC
    row.server_url = facts["server_url"].rstrip("/").removesuffix(sso_looking.WELL_KNOWN) if is_oidc else ""
    row.client_id = facts["client_id"].strip() if is_oidc else ""
    row.metadata_url = "" if is_oidc else facts["metadata_url"]
    if is_oidc:
        _need(server_url=row.server_url, client_id=row.client_id)
        sso_looking.check_typed_address(server_url=row.server_url)
        row.locked_secret = lock(facts["secret"], LOCK) if facts["secret"] else row.locked_secret
    else:
        row.locked_secret = ""
    told = {} if is_oidc else _saml_facts(facts)
    for name in BY_HAND:
        setattr(row, name, told.get(name, ""))


def _saml_facts(facts: Facts) -> dict[str, str]:
    """What the metadata say, or else what was typed."""
    if address := facts["metadata_url"]:
        sso_looking.check_typed_address(metadata_url=address)
        try:
            return sso_looking.read_metadata(fetching.fetch(address))
        except fetching.NotFetched as error:
            raise Invalid(metadata_url=str(error)) from None
    typed = {"entity_id": facts["entity_id"], "sign_in_url": facts["sign_in_url"], "certificate": facts["certificate"]}
    _need(**typed)
    sso_looking.check_typed_address(sign_in_url=typed["sign_in_url"])
    if wrong := sso_looking.why_not_certificate(typed["certificate"]):
        raise Invalid(certificate=wrong)
    return typed


def _need(**values: str) -> None:
    if missing := {name: "This is needed." for name, value in values.items() if not value}:
        raise Invalid(**missing)


@transaction.atomic
def check_provider(*, by: Person, organization: Organization, at: datetime) -> str:
    """Look at the provider and keep what is wrong, which also goes back; empty is well. A provider that is on and no
    longer answers rightly stays on: the look is not the sign-in.
    """
    row = _locked(by, organization)
    problem = sso_looking.look_at(row)[:500]
    if not row.is_on:
        row.checked_at, row.problem = at, problem
        row.save(update_fields=["checked_at", "problem"])
    _record(by, "check", row, well=int(not problem))
    return problem


@transaction.atomic
def switch(*, by: Person, organization: Organization, is_on: bool, is_only_way: bool) -> IdentityProvider:
    """Open or close the way through the provider, and the other ways. Raises Conflict before it is checked and tried,
    and without a confirmed domain.
    """
    row = _locked(by, organization)
    if is_on and not row.is_checked:
        raise Conflict("Check the provider first: it is switched on once the check finds nothing wrong.")
    if is_on and not sso_looking.domains_of(organization.pk):
        raise Conflict("This organization has no confirmed e-mail domain, so nobody would be let in.")
    if is_only_way and not row.tried_at:
        raise Conflict("Try a sign-in first: it becomes the only way once a trial would have let its person in.")
    row.is_on, row.is_only_way = is_on, is_on and is_only_way
    row.save(update_fields=["is_on", "is_only_way"])
    _record(by, "switch", row, on=int(row.is_on), only_way=int(row.is_only_way))
    return row


@transaction.atomic
def remove_provider(*, by: Person, organization: Organization) -> None:
    """Forget the provider with its secret and what it called people; those sign in by password again."""
    row = _locked(by, organization)
    SocialAccount.objects.filter(provider=row.key).delete()
    _record(by, "remove", row)
    row.delete()


def may_enter(provider: IdentityProvider, said: Said) -> str:
    """Why the provider's word does not let this person in; empty when it does. Changes nothing: what a trial asks."""
    person, linked = _known(provider, said)
    return _why_not(provider, said, person, is_linked_to_another=linked)


@transaction.atomic
def admit(*, provider: IdentityProvider, said: Said, at: datetime) -> Person:
    """The person the provider speaks of, added at their first sign-in where the organization wants that.

    Raises Refused with the reason, which is on the record.
    """
    with tenancy.everything():
        row = IdentityProvider.objects.select_for_update(of=["self"]).select_related("organization").get(pk=provider.pk)
        if not row.is_on or not row.organization.is_active:
            raise Refused("This organization's own sign-in is not switched on.")
        person, linked = _known(row, said)
        if reason := _why_not(row, said, person, is_linked_to_another=linked):
            raise Refused(reason)
        if person is None:
            person = _add(row, said)
        _link(row, said, person, at)
    return person


def note_refused(provider: IdentityProvider, said: Said, reason: str) -> None:
    """On the record: whom the provider spoke of, by address, and why they were not let in."""
    record(
        by="single sign-on",
        action="refuse sign-in",
        object_type="address",
        object_id=said.email[:60],
        organization_id=provider.organization_id,
        reason=reason,
    )


@transaction.atomic
def note_trial(*, by: Person, provider: IdentityProvider, said: Said, at: datetime) -> str:
    """Keep that a trial would have let its person in; why not, otherwise."""
    row = _locked(by, provider.organization)
    problem = may_enter(row, said)
    if not problem:
        row.tried_at = at
        row.save(update_fields=["tried_at"])
    _record(by, "try", row, well=int(not problem))
    return problem


def _known(provider: IdentityProvider, said: Said) -> tuple[Person | None, bool]:
    """Who is meant: by what the provider calls them, or else by address; and whether it calls that one otherwise."""
    link = SocialAccount.objects.filter(provider=provider.key, uid=said.uid).first()
    if link is not None:
        return Person.objects.get(pk=link.user_id), False
    person = Person.objects.filter(email__iexact=said.email).first()
    if person is None:
        return None, False
    return person, SocialAccount.objects.filter(provider=provider.key, user_id=person.pk).exists()


def _why_not(provider: IdentityProvider, said: Said, person: Person | None, *, is_linked_to_another: bool) -> str:
    account = Account(person.actor, person.is_active, is_linked_to_another) if person else None
    place = provider.organization_id
    adds = bool(provider.default_role)
    return why_not(said, organization_id=place, domains=sso_looking.domains_of(place), account=account, adds=adds)


def _add(row: IdentityProvider, said: Said) -> Person:
    zone = row.organization.time_zone
    person = Person.objects.create_user(
        said.email, None, name=said.name[:120], time_zone=zone, facility=row.default_facility
    )
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    Role.objects.create(person=person, name=row.default_role, organization=row.organization)
    person.__dict__.pop("actor", None)
    _record("single sign-on", "add", row, person_id=person.pk, role=row.default_role)
    return person


def _link(row: IdentityProvider, said: Said, person: Person, at: datetime) -> None:
    link, is_new = SocialAccount.objects.get_or_create(
        provider=row.key, uid=said.uid, defaults={"user": person, "extra_data": {}, "last_login": at}
    )
    if not is_new:
        SocialAccount.objects.filter(pk=link.pk).update(extra_data={}, last_login=at)


def _locked(by: Person, organization: Organization) -> IdentityProvider:
    check_may(by, organization)
    row = (
        IdentityProvider.objects.select_for_update(of=["self"])
        .select_related("organization")
        .filter(organization=organization)
        .first()
    )
    if row is None:
        raise Conflict("This organization has not set up a provider.")
    return row


def _record(by: Acting | str, act: str, row: IdentityProvider, **detail: str | int) -> None:
    record(
        by=by,
        action=f"single-sign-on.{act}",
        object_type="organization",
        object_id=row.organization_id,
        organization_id=row.organization_id,
        **detail,
    )
