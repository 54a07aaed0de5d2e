"""How allauth's social sign-in fits into the site: organizations' providers are rows of ours, and their word is weighed
by our own rules before anybody is anybody.
"""

import logging
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from requests import Session

from portal.common import fetching
from portal.common.locks import unlock
from portal.common.refusals import Conflict, Refused
from portal.members.models import Person
from portal.members.models_sso import LOCK, IdentityProvider
from portal.members.saml_provider import TRANSIENT
from portal.members.services import single_sign_on, sso_looking
from portal.members.sso_rules import Said, second_step_in

log = logging.getLogger(__name__)
TRIAL = "sso_trial"
"""In the session: the organization whose administrator tries its provider, and then what that said."""

SAML_NAMES = {
    "email": [
        "urn:oid:0.9.2342.19200300.100.1.3",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        "email",
        "mail",
    ],
    "name": [
        "urn:oid:2.16.840.1.113730.3.1.241",
        "http://schemas.microsoft.com/identity/claims/displayname",
        "displayName",
    ],
    "first_name": [
        "urn:oid:2.5.4.42",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
        "givenName",
        "first_name",
    ],
    "last_name": [
        "urn:oid:2.5.4.4",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
        "sn",
        "last_name",
    ],
}


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc] # allauth has no types
    """One provider an organization, asked within limits, believed within rules."""

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[Any]:
        """The one whose key is asked for: allauth names OIDC's by provider, and SAML's by client."""
        key = client_id if provider == "saml" else provider
        row = sso_looking.by_key(key) if key else None
        return [as_app(row)] if row else []

    def get_requests_session(self) -> Session:
        return fetching.session()

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Any:
        """Nothing is taken over into the account; what was read is kept for the rules."""
        sociallogin.fields = data
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Weigh what the provider said. Goes on with a person of ours, or ends here with a page."""
        provider, said = _provider(sociallogin.account.provider), said_by(sociallogin)
        data = sociallogin.state.get("data") or {}
        if sociallogin.state.get("process") != "login":
            raise ImmediateHttpResponse(refused(request, None))
        if data.get("trial"):
            raise ImmediateHttpResponse(_tried(request, provider, said))
        try:
            person = single_sign_on.admit(provider=provider, said=said, at=timezone.now())
        except Refused as error:
            single_sign_on.note_refused(provider, said, str(error))
            raise ImmediateHttpResponse(refused(request, provider, str(error))) from None
        sociallogin.user = sociallogin.account.user = person
        sociallogin.second_step = provider.asks_second_step and said.second_step

    def on_authentication_error(self, request: HttpRequest, provider: Any, **what: Any) -> None:
        """The provider, or the way to it, failed: said plainly to an administrator who tries it."""
        row = sso_looking.by_key(getattr(provider.app, "provider_id", "") or "")
        extra = what.get("extra_context") or {}
        told = request.GET.get("error_description") or request.GET.get("error") or extra.get("saml_last_error_reason")
        reason = str(told or what.get("exception") or "The answer did not belong to a sign-in that was begun here.")[
            :300
        ]
        log.warning("Sign-in through provider %s failed: %s", row.key if row else "unknown", reason)
        if row and isinstance(request.user, Person) and request.session.get(TRIAL, {}).get("of") == row.key:
            messages.error(request, f"The trial ended with an error. {reason}")
            raise ImmediateHttpResponse(redirect("single-sign-on", slug=row.organization.slug))
        raise ImmediateHttpResponse(refused(request, row, "Something went wrong between the provider and this site."))


def as_app(row: IdentityProvider) -> SocialApp:
    """The provider as allauth wants it; never saved, so that the secret is open only here."""
    app = SocialApp(provider_id=row.key, name=row.organization.name[:40])
    if row.kind == IdentityProvider.Kind.OIDC:
        app.provider, app.client_id, app.secret = "openid_connect", row.client_id, unlock(row.locked_secret, LOCK)
        app.settings = {"server_url": row.server_url, "oauth_pkce_enabled": True}
        return app
    app.provider, app.client_id = "saml", row.key
    app.settings = {
        "idp": {"entity_id": row.entity_id, "sso_url": row.sign_in_url, "x509cert": row.certificate},
        "attribute_mapping": SAML_NAMES,
        "advanced": {
            "want_assertion_signed": True,
            "reject_idp_initiated_sso": True,
            "strict": True,
            "allow_single_label_domains": True,
        },
    }
    return app


def said_by(sociallogin: SocialLogin) -> Said:
    """What the provider said, out of allauth's hands. Of a second step the signed token speaks."""
    account = sociallogin.account
    told, fields = account.extra_data or {}, getattr(sociallogin, "fields", {})
    token = told.get("id_token") or {}
    claims = {**token, **(told.get("userinfo") or {})} if token or "userinfo" in told else dict(told)
    verified = claims.get("email_verified", fields.get("email_verified"))
    email = str(fields.get("email") or "").strip().lower()
    return Said(
        uid="" if account.uid == TRANSIENT else str(account.uid or ""),
        email=email,
        name=_name(fields, email),
        verified=None if verified is None else str(verified).lower() in ("true", "1"),
        second_step=second_step_in(token or told),
        shown={name: _shown(value) for name, value in sorted(claims.items())[:40]},
    )


def _name(fields: dict[str, Any], email: str) -> str:
    parts = " ".join(str(fields.get(part) or "") for part in ("first_name", "last_name"))
    return " ".join(str(fields.get("name") or parts).split()) or email.partition("@")[0]


def _shown(value: Any) -> str:
    return (", ".join(map(str, value)) if isinstance(value, list) else str(value))[:200]


def _provider(key: str) -> IdentityProvider:
    row = sso_looking.by_key(key)
    if row is None:
        raise Http404
    return row


def _tried(request: HttpRequest, provider: IdentityProvider, said: Said) -> HttpResponse:
    """Back to the page of the provider, with what it said; nobody is signed in or added."""
    by = request.user
    if not isinstance(by, Person):
        return refused(request, provider, "The trial is over: sign in again, then try once more.")
    try:
        problem = single_sign_on.note_trial(by=by, provider=provider, said=said, at=timezone.now())
    except (Refused, Conflict) as error:
        return refused(request, provider, str(error))
    request.session[TRIAL] = {
        "of": provider.key,
        "problem": problem,
        "said": {"Identifier": said.uid, "E-mail address": said.email, "Name": said.name} | dict(said.shown),
        "second_step": said.second_step,
    }
    return redirect("single-sign-on", slug=provider.organization.slug)


def refused(request: HttpRequest, provider: IdentityProvider | None, reason: str = "") -> HttpResponse:
    """The page of somebody whom the provider cannot let in."""
    page = {"provider": provider, "reason": reason}
    return render(request, "members/sso_refused.html", page, status=403)
