"""Passwords that somebody who knows the site, or the person's organization, would try first."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

from portal.members.models import Organization, Person

NEARBY = (
    "consilium",
    "consult",
    "network",
    "member",
    "clinic",
    "hospital",
    "doctor",
    "physician",
    "welcome",
    "password",
)
"""Words that lie near (OWASP ASVS 5.0, 6.1.2), besides the site's own name, the person's and their organizations'."""
LEAST = 8
"""Characters that must be left once every such word is taken out."""


class NearbyWordsValidator:
    """Refuses a password that is little more than words lying near; a phrase that only holds one of them is fine."""

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError."""
        refuse_nearby(password, _names(user))

    def get_help_text(self) -> str:
        return "Your password can’t be made of your name, the network’s or your organization’s."


def refuse_nearby(password: str, names: Iterable[str]) -> None:
    """Raise ValidationError for a password that is little more than words of these names, or of the network."""
    rest = password.lower()
    for word in sorted(_words_near(names), key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(rest) < LEAST:
        raise ValidationError(
            "This password is little more than words that anybody would try here. Use words that have nothing to "
            "do with your name, the network or your organization.",
            code="password_nearby",
        )


def _words_near(given: Iterable[str]) -> set[str]:
    names = " ".join([str(urlsplit(settings.SITE_URL).hostname), *given])
    return {*NEARBY, *(word for word in re.findall(r"[^\W_]+", names.lower()) if len(word) > 3)}


def _names(user: object) -> list[str]:
    """The person's own, and those of the organizations they work for."""
    if not isinstance(user, Person):
        return []
    theirs = user.actor.organizations if user.pk else frozenset[int]()
    joined = Organization.objects.filter(pk__in=theirs).values_list("name", flat=True)
    return [user.name, user.email.partition("@")[0], *joined]
