"""Who a password or a running session lets in."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from portal.members.models import Person
from portal.members.services.sso_looking import only_provider_of
from portal.members.signed_in import find


class CanSignInBackend(AuthenticationBackend):  # type: ignore[misc] # allauth has no types
    """Allauth's, for people with an active role only.

    Django asks this at sign-in and again for the session of every request, so that a session of a person who lost
    their last role, or whose organization was deactivated, is nobody's from the next request on.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> Person | None:
        """Nobody, too, for a right password of somebody who comes through their organization's provider only."""
        person: Person | None = super().authenticate(request, **credentials)
        return None if person and only_provider_of(person) else person

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        """False without an active role."""
        return isinstance(user, Person) and user.can_sign_in

    def get_user(self, user_id: int) -> Person | None:
        """The person of a session, with what the frame of every page shows of them."""
        person = find(user_id)
        return person if self.user_can_authenticate(person) else None
