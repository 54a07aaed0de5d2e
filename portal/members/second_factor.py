"""Who must prove more than a password, and whether they can."""

import zoneinfo
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from portal.common import tenancy
from portal.members import doors
from portal.members.models import Person
from portal.members.models_sso import IdentityProvider

PROVEN = "second_step_at_provider"
"""In the session: the organization's provider said that it had asked for a second step at this sign-in."""

PROVING = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def authenticators(person: Person) -> "QuerySet[Any]":
    """What the person can prove themselves with; recovery codes alone do not count."""
    proving: QuerySet[Any] = Authenticator.objects.filter(user=person, type__in=PROVING)
    return proving


def is_required(person: Person) -> bool:
    """Whether the network or one of the person's organizations asks for a second factor."""
    if not settings.REQUIRE_SECOND_FACTOR:
        return False
    if person.actor.is_network_staff:
        return True
    if _opens_past_a_provider(person):
        return True
    actor, today = person.actor, timezone.localdate(timezone=zoneinfo.ZoneInfo(person.time_zone))
    return doors.asks_second_factor(actor.houses, administrator_of=actor.administrator_of, today=today)


def _opens_past_a_provider(person: Person) -> bool:
    """Whether the person may use a password where others of their organization must use its provider."""
    if not person.actor.administrator_of:
        return False
    with tenancy.everything():
        theirs = IdentityProvider.objects.filter(organization__in=person.actor.administrator_of)
        return theirs.filter(is_only_way=True).exists()


def is_missing(person: Person) -> bool:
    """Whether the person must set one up before going on."""
    return bool(settings.REQUIRE_SECOND_FACTOR) and not authenticators(person).exists() and is_required(person)
