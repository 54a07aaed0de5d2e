"""Passwords that somebody who knows the site, or the person's organization, would try first."""

import re
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
"""Words that lie near (OWASP ASVS 5.0, 6.1.2), besides the site's own name and the person's organization."""
LEAST = 8
"""Characters that must be left once every such word is taken out."""


class NearbyWordsValidator:
    """Refuses a password that is little more than words lying near; a phrase that only holds one of them is fine."""

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError."""
        rest = password.lower()
        for word in sorted(_words_near(user), key=len, reverse=True):
            rest = rest.replace(word, "")
        if len(rest) < LEAST:
            raise ValidationError(
                "This password is little more than words that anybody would try here. Use words that have nothing to "
                "do with the network or your organization.",
                code="password_nearby",
            )

    def get_help_text(self) -> str:
        return "Your password can’t be made of the network’s or your organization’s name."


def _words_near(user: object) -> set[str]:
    theirs = user.actor.organizations if isinstance(user, Person) and user.pk else frozenset()
    names = " ".join([str(urlsplit(settings.SITE_URL).hostname), *_names(theirs)])
    return {*NEARBY, *(word for word in re.findall(r"[^\W_]+", names.lower()) if len(word) > 3)}


def _names(organizations: frozenset[int]) -> list[str]:
    return list(Organization.objects.filter(pk__in=organizations).values_list("name", flat=True))
