"""How django-allauth fits into the site: closed doors, mail through the outbox, secrets encrypted at rest."""

import uuid
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import EmailConfirmation
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from portal.common.audit import record
from portal.common.locks import locks
from portal.common.notices import send_mail
from portal.members import second_factor
from portal.members.models import Person


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """Sign-in by e-mail for people who were invited."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This e-mail address and password do not belong together.",
        "too_many_login_attempts": "Too many attempts to sign in. Wait a few minutes and try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an invitation is the only way in."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put the message into the outbox, as text only, in the running transaction."""
        words = context | {"email": email, "site": settings.SITE_URL}
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", words).split())
        body = render_to_string(f"{template_prefix}_message.txt", words).strip() + "\n"
        send_mail(to=email, subject=subject, body=body, key=f"account:{uuid.uuid4()}")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Under the site's own address: the Host header of whoever asked is not to be trusted with a secret."""
        return _at_home(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: EmailConfirmation) -> str:
        return _at_home(super().get_email_confirmation_url(request, emailconfirmation))

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """The page “this account is not active” for people without an active role, whatever proved who they are."""
        if user.can_sign_in:
            return None
        clear_login(request)
        page: HttpResponse = self.respond_user_inactive(request, user)
        return page

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        record(by=user, action="sign in", object_type="person", object_id=user.pk)
        page: HttpResponse = super().post_login(request, user, **kwargs)
        return page

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Audited under the address that was typed, looked up nowhere, so that it takes the same time for all."""
        address = str(credentials.get("email", ""))[:60]
        record(by="sign-in page", action="refuse sign-in", object_type="address", object_id=address)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Attempts count per address only: allauth's own key holds the Host header, which the client may vary."""
        return str(credentials.get("email", "")).lower()


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth has no types
    """Authenticator apps, passkeys and recovery codes."""

    def encrypt(self, text: str) -> str:
        """As kept in the database: under a key made from SECRET_KEY, with older keys still readable."""
        return locks(__name__).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return locks(__name__).decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one of a person who must have a second factor."""
        person: Person = authenticator.user
        others = second_factor.authenticators(person).exclude(pk=authenticator.pk).exists()
        is_code = authenticator.type == Authenticator.Type.RECOVERY_CODES
        return is_code or others or not second_factor.is_required(person)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site by its name; passkeys belong to its host."""
        return {"id": context.request.get_host().partition(":")[0], "name": settings.MFA_TOTP_ISSUER}


def _at_home(address: str) -> str:
    return settings.SITE_URL + urlsplit(address).path
