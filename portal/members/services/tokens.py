"""Personal tokens for the REST interface."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.common.audit import Acting, record
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import ApiToken, Person, digest, new_secret

HINT = 6
MOST_DAYS = 366
MOST_TOKENS = 20


@transaction.atomic
def create_token(
    *, by: Acting | str, person: Person, name: str, lifetime: timedelta | None = None
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is shown this once and kept only as a digest.

    Raises Invalid for a lifetime that is not between a moment and a year, Conflict for a person who cannot sign in or
    has too many.
    """
    lifetime = settings.API_TOKEN_LIFETIME if lifetime is None else lifetime
    now = timezone.now()
    if not timedelta() < lifetime <= timedelta(days=MOST_DAYS):
        raise Invalid(days=f"A token lasts from 1 to {MOST_DAYS} days.")
    if not person.can_sign_in:
        raise Conflict(f"{person.email} has no active role, so a token would open nothing.")
    if person.tokens.filter(revoked_at=None, expires_at__gt=now).count() >= MOST_TOKENS:
        raise Conflict(f"Nobody has more than {MOST_TOKENS} tokens at once. Revoke one first.")
    secret = new_secret()
    token = ApiToken.objects.create(
        person=person, name=name, digest=digest(secret), hint=secret[:HINT], created_at=now, expires_at=now + lifetime
    )
    record(by=by, action="create", object_type="token", object_id=token.pk, person_id=person.pk)
    return token, secret


@transaction.atomic
def revoke_token(*, by: Person, token: ApiToken) -> None:
    """End one of one's own tokens at once."""
    if token.person_id != by.pk:
        raise Refused("This is not your token.")
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record(by=by, action="revoke", object_type="token", object_id=token.pk)
