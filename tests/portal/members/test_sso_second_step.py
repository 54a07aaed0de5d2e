"""Whose second step counts: the provider's where its organization says so and it says so of that sign-in, else ours."""

from typing import Any

import pytest
from django.test import Client

from portal.members.models import Organization
from portal.members.models_sso import IdentityProvider
from portal.members.sso_rules import second_step_in
from tests.cast import Cast, sign_in
from tests.portal.members.sso import come_in, set_up
from tests.portal.members.test_sso_setup import PAGE, oidc_form, words
from tests.providers import Provider

OURS = "/accounts/2fa/"


@pytest.mark.parametrize(
    ("claims", "is_one"),
    [
        ({"amr": ["mfa"]}, True),
        ({"amr": ["pwd", "mfa"]}, True),
        ({"amr": ["pwd", "otp"]}, True),
        ({"amr": ["pwd", "hwk"]}, True),
        ({"amr": ["hwk", "fpt"]}, True),
        ({"amr": ["hwk", "pin"]}, True),
        ({"amr": ["pwd"]}, False),
        ({"amr": ["otp"]}, False),
        ({"amr": ["otp", "sms"]}, False),
        ({"amr": ["pwd", "pin"]}, False),
        ({"amr": ["pwd", "user", "unheard-of"]}, False),
        ({"amr": "mfa"}, True),
        ({"amr": []}, False),
        ({"amr": [{"mfa": 1}]}, False),
        ({"amr": None}, False),
        ({"acr": "https://refeds.org/profile/mfa"}, True),
        ({"acr": "https://refeds.org/profile/sfa"}, False),
        ({"http://schemas.microsoft.com/claims/authnmethodsreferences": ["pwd", "otp"]}, True),
        ({"roles": ["mfa"]}, False),
        ({}, False),
    ],
)
def test_what_names_a_second_step(claims: dict[str, Any], is_one: bool) -> None:
    assert second_step_in(claims) is is_one


@pytest.fixture
def needed(cast: Cast, settings: Any) -> Cast:
    settings.REQUIRE_SECOND_FACTOR = True
    Organization.objects.filter(pk=cast.prairie.pk).update(second_factor_for="everybody")
    return cast


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("says_so", "who", "is_ours_asked"),
    [
        (True, "careful", False),
        (True, "known", True),
        (False, "careful", True),
        (False, "known", True),
    ],
)
def test_the_providers_counts_where_both_say_so(
    needed: Cast, provider: Provider, client: Client, says_so: bool, who: str, is_ours_asked: bool
) -> None:
    """“careful” types an app's code at the provider, which says [pwd, otp] of it; “known” a password, [pwd]."""
    set_up(needed, provider, asks_second_step=says_so)
    come_in(client, provider, who)
    assert client.session["_auth_user_id"] == str(needed.clinician_prairie.pk)
    answer = client.get("/notices/")
    assert (answer.status_code, answer.headers.get("Location")) == ((302, OURS) if is_ours_asked else (200, None))


@pytest.mark.django_db
def test_the_page_keeps_the_choice_and_a_trial_shows_what_was_said(cast: Cast, provider: Provider) -> None:
    row = set_up(cast, provider)
    client = sign_in(Client(), cast.admin_prairie)
    for ticked, told in (({}, "does not count until"), ({"asks_second_step": "on"}, "which counts here")):
        client.post(PAGE, oidc_form(provider.url, secret="", **ticked))
        row.refresh_from_db()
        assert (row.asks_second_step, row.is_on) == (bool(ticked), True)
        leaving = client.post(f"{PAGE}try/")
        client.get(provider.code_for(leaving.context["to"], "careful"))
        assert told in words(client)
    leaving = client.post(f"{PAGE}try/")
    client.get(provider.code_for(leaving.context["to"], "known"))
    assert "Not spoken of: where one is needed, ours is asked for" in words(client)
    assert IdentityProvider.objects.get().asks_second_step
