"""Signing in to the REST interface with a personal token."""

from datetime import timedelta

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from portal.common import circumstances, tenancy
from portal.common.trouble import can_be_missed
from portal.members import doors
from portal.members.models import ApiToken, Person, digest
from portal.members.walls import scope_of

REFUSED = "This token is not known, has expired or was revoked. Make another on the page of your tokens."
NOT_FROM_HERE = "The organization of this token's person lets its people in from its own network only."
USED_EVERY = timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Token …``. One answer for every token that does not work."""

    def authenticate(self, request: Request) -> tuple[Person, ApiToken] | None:
        """The person and the token; None without the header; AuthenticationFailed for a bad one.

        The view's transaction then sees what the person may see.
        """
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"token":
            return None
        token = _find(words[1].decode("latin-1")) if len(words) == 2 else None
        now = timezone.now()
        if token is None or not token.is_valid(now) or not token.person.can_sign_in:
            raise AuthenticationFailed(REFUSED)
        if closed := doors.shut(token.person.actor.houses, circumstances.current().address):
            token.person.actor = token.person.actor.without(house.pk for house in closed)
            if not token.person.can_sign_in:
                raise AuthenticationFailed(NOT_FROM_HERE)
        if token.last_used_at is None or now - token.last_used_at >= USED_EVERY:
            with can_be_missed():
                ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        tenancy.narrow(scope_of(token.person))
        return token.person, token

    def authenticate_header(self, request: Request) -> str:
        """Makes the answer to a request without a person 401 instead of 403."""
        return 'Token realm="Consilium"'


def _find(secret: str) -> ApiToken | None:
    return ApiToken.objects.select_related("person").filter(digest=digest(secret)).first()
