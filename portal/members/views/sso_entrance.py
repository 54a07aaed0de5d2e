"""The way in through an organization's own provider: from the sign-in page to it, and back from it."""

import logging
from typing import Any

from allauth.account.internal.decorators import login_not_required
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import login as password_login
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.socialaccount.providers.saml.utils import build_saml_config
from allauth.socialaccount.providers.saml.views import acs
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from jwt.exceptions import PyJWTError
from onelogin.saml2.errors import OneLogin_Saml2_Error
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from requests import RequestException

from portal.members.models_sso import IdentityProvider
from portal.members.provider_adapter import ProviderAdapter, as_app
from portal.members.services import sso_looking

log = logging.getLogger(__name__)
LARGEST_ANSWER = 256 * 1024
NOT_OURS = "No organization signs in addresses like this one. Use your password, or a passkey."
AWAY = "The sign-in of {name} cannot be reached just now. Try again in a moment, or ask your administrator."


class Checking(OpenIDConnectOAuth2Adapter):  # type: ignore[misc] # allauth has no types
    """OpenID Connect as allauth speaks it, with the signature always checked, and the two answers of one person."""

    @property
    def basic_auth(self) -> bool:
        """As the standard has it where nothing else was agreed; not with a client ID that the header cannot carry."""
        methods = self.openid_config.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return "client_secret_basic" in methods and ":" not in self.get_provider().app.client_id

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwtkit.verify_and_decode(
                credential=id_token,
                keys_url=self.openid_config["jwks_uri"],
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
            )
        except (KeyError, PyJWTError) as error:
            raise OAuth2Error(f"The identity token is not right: {error}") from error
        return claims

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> Any:
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("The provider gave no identity token.")
        try:
            login = super().complete_login(request, app, token, **kwargs)
        except (KeyError, ValueError) as error:
            raise OAuth2Error(f"The provider's answer is not complete: {error}") from error
        told = login.account.extra_data
        if told["userinfo"].get("sub") != told["id_token"].get("sub"):
            raise OAuth2Error("The provider's two answers are about different people.")
        return login


@never_cache
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page. With a password it is allauth's; an address alone goes to its organization's provider.

    What comes depends on the domain of the address only, so that it says nothing about who has an account.
    """
    if request.method != "POST" or (request.POST.get("password") and "through" not in request.POST):
        page: HttpResponseBase = password_login(request)
        return page
    address = request.POST.get("login", "").strip()
    provider = sso_looking.provider_for(address)
    if provider is None:
        messages.error(request, NOT_OURS)
        return password_login(request)  # type: ignore[no-any-return] # allauth has no types
    return leave_for(request, provider, next_url=get_next_redirect_url(request))


def leave_for(request: HttpRequest, provider: IdentityProvider, **state: Any) -> HttpResponse:
    """A page that leads on to the provider at once: our policy lets no form be answered by another site."""
    try:
        asked = as_app(provider).get_provider(request).redirect(request, "login", **state)
    except (RequestException, OAuth2Error, OneLogin_Saml2_Error, KeyError, ValueError) as error:
        log.warning("No way to provider %s: %s %s", provider.key, type(error).__name__, error)
        messages.error(request, AWAY.format(name=provider.organization.name))
        return redirect("account_login")
    if asked.status_code != 302:
        messages.error(request, AWAY.format(name=provider.organization.name))
        return redirect("account_login")
    return render(request, "members/sso_leave.html", {"provider": provider, "to": asked["Location"]})


@never_cache
@login_not_required  # type: ignore[untyped-decorator] # allauth has no types
def oidc_callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Where an OpenID Connect provider sends the browser back to."""
    try:
        view = OAuth2CallbackView.adapter_view(Checking(request, provider_id))
        page: HttpResponseBase = view(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return page


@csrf_exempt
@require_POST
def saml_answer(request: HttpRequest, organization_slug: str) -> HttpResponseBase:
    """Where a SAML provider has the browser post its answer, which allauth keeps until the browser's next request."""
    if sso_looking.by_key(organization_slug) is None or len(request.body) > LARGEST_ANSWER:
        raise Http404
    page: HttpResponseBase = acs(request, organization_slug=organization_slug)
    return page


@require_safe
def saml_metadata(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """What a SAML provider needs to know of this site. Without single logout, which this site does not offer."""
    app = next(iter(ProviderAdapter(request).list_apps(request, "saml", organization_slug)), None)
    if app is None or app.provider != "saml":
        raise Http404
    config = build_saml_config(request, app.settings, organization_slug)
    config["sp"].pop("singleLogoutService")
    metadata = OneLogin_Saml2_Settings(settings=config, sp_validation_only=True).get_sp_metadata()
    return HttpResponse(metadata, content_type="application/samlmetadata+xml")


def nothing_here(request: HttpRequest, organization_slug: str = "") -> HttpResponse:
    """Single logout, whose address allauth wants to name: not offered."""
    raise Http404


def addresses(request: HttpRequest, provider: IdentityProvider) -> dict[str, str]:
    """What to enter at the provider."""

    def whole(name: str) -> str:
        return request.build_absolute_uri(reverse(name, args=[provider.key]))

    if provider.kind == IdentityProvider.Kind.OIDC:
        return {"Redirect address": whole("openid_connect_callback")}
    return {"Metadata, entity ID": whole("saml_metadata"), "Assertion consumer service": whole("saml_acs")}
