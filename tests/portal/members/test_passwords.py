"""Passwords: long enough, not common, not made of what lies near; any characters, and none of them lost."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from tests.cast import Cast
from tests.portal.members.helpers import sign_in_by_page

NEW = "/accounts/password/change/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "password", ["Consilium-2026!", "network-member1", "welcomedoctor7", "HospitalPassword", "prairie-clinic-1"]
)
def test_words_lying_near_do_not_make_a_password(password: str, cast: Cast) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, cast.clinician_prairie)
    assert "password_nearby" in {error.code for error in refused.value.error_list}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "password", ["orchard-lantern-hospital", "       plum  tree   ", "пароль-из-двух-слов", "x9" * 40]
)
def test_anything_else_may_be_in_one(password: str, cast: Cast) -> None:
    validate_password(password, cast.clinician_prairie)


@pytest.mark.django_db
def test_the_name_that_is_near_is_that_of_ones_own_organization(cast: Cast) -> None:
    validate_password("prairie-prairie-9", cast.clinician_lakeside)
    with pytest.raises(ValidationError):
        validate_password("prairie-prairie-9", cast.clinician_prairie)


@pytest.mark.django_db
def test_ones_own_name_and_address_are_near_and_anothers_are_not(cast: Cast) -> None:
    someone = cast.clinician_prairie
    someone.name, someone.email = "Wilhelmina Featherstone", "lanternfish@prairie.example"
    someone.save()
    for near in ("Wilhelmina-featherstone", "featherstone-12", "lanternfish-2026"):
        validate_password(near, cast.clinician_lakeside)
        with pytest.raises(ValidationError):
            validate_password(near, someone)


@pytest.mark.django_db
def test_a_password_is_taken_as_it_was_typed(cast: Cast, client: Client) -> None:
    """No trimming, no change of case, nothing cut off: a difference in the last of 80 characters counts."""
    long = "Ab" * 39 + " x"
    sign_in_by_page(client, cast.clinician_prairie.email)
    client.post(NEW, {"oldpassword": "orchard-lantern-47", "password1": long, "password2": long})
    for wrong in (long[:-1] + "y", long.lower(), long.strip()[:-2]):
        assert not is_in(wrong, cast)
    assert is_in(long, cast)


def is_in(password: str, cast: Cast) -> bool:
    client = Client(REMOTE_ADDR=f"10.1.1.{len(password)}")
    client.post("/accounts/login/", {"login": cast.clinician_prairie.email, "password": password})
    return "_auth_user_id" in client.session
