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
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from portal.common.audit import record
from portal.common.locks import locks
from portal.common.notices import send_mail
from portal.members import second_factor
from portal.members.models import Person
from portal.members.services.sso_looking import only_provider_of, provider_for

RESET = "account/email/password_reset_key"


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
        if template_prefix == RESET and isinstance(user := context.get("user"), Person) and only_provider_of(user):
            template_prefix, words = "account/email/only_provider", words | {"key": ""}
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", words).split())
        body = render_to_string(f"{template_prefix}_message.txt", words).strip() + "\n"
        send_mail(to=email, subject=subject, body=body, key=f"account:{uuid.uuid4()}")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Under the site's own address: the Host header of whoever asked is not to be trusted with a secret."""
        return _at_home(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: EmailConfirmation) -> str:
        return _at_home(super().get_email_confirmation_url(request, emailconfirmation))

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """The page “this account is not active” for people without an active role, whatever proved who they are; and
        one that says so for people who come through their organization's provider only.
        """
        if not user.can_sign_in:
            clear_login(request)
            page: HttpResponse = self.respond_user_inactive(request, user)
            return page
        provider = None if _through_provider(kwargs) else only_provider_of(user)
        if provider is None:
            return None
        clear_login(request)
        reason = f"{provider.organization.name} signs its people in itself: choose that on the sign-in page."
        return render(request, "members/sso_refused.html", {"provider": provider, "reason": reason}, status=403)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        through = _through_provider(kwargs)
        record(by=user, action="sign in", object_type="person", object_id=user.pk, **_way_of(user, through))
        page: HttpResponse = super().post_login(request, user, **kwargs)
        if through:
            request.session[second_factor.PROVEN] = bool(getattr(through, "second_step", False))
        return page

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Audited under the address that was typed, looked up nowhere, so that it takes the same time for all."""
        address = str(credentials.get("email", ""))[:60]
        record(by="sign-in page", action="refuse sign-in", object_type="address", object_id=address)
        if provider := provider_for(address):
            messages.info(
                request,
                f"{provider.organization.name} signs its people in itself: choose “Sign in through my organization”.",
            )

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


def _through_provider(kwargs: dict[str, Any]) -> Any:
    """What an organization's provider said, where the person came through one."""
    return (kwargs.get("signal_kwargs") or {}).get("sociallogin")


def _way_of(user: Person, through: Any) -> dict[str, Any]:
    """How the person came in, for the record: through a provider, or past one that is the only way for others."""
    if through:
        return {"way": "single sign-on"}
    provider = provider_for(user.email)
    return {"way": "past the provider"} if provider and provider.is_only_way else {}
