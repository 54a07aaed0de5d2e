"""Signing in by SAML 2.0, with a provider that is not ours."""

import base64
import re
from collections.abc import Callable
from html import unescape
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.socialaccount.models import SocialApp
from django.test import Client
from django.utils import timezone

from portal.common.refusals import Invalid
from portal.members.models import Person
from portal.members.models_sso import IdentityProvider
from portal.members.provider_adapter import SAML_NAMES
from portal.members.saml_provider import TRANSIENT, LastingProvider
from portal.members.services import single_sign_on, sso_looking
from portal.members.sso_rules import Said
from tests.cast import Cast
from tests.portal.members.helpers import is_signed_in
from tests.portal.members.sso import EMPTY, set_up, way_out
from tests.providers import PEOPLE, Provider

SIGNATURE = re.compile(r"<(\w+:)?Signature\b.*?</(\w+:)?Signature>", re.DOTALL)
pytestmark = pytest.mark.django_db


def browser() -> Client:
    """With the header that Django's own client leaves out and the SAML library reads."""
    return Client(headers={"host": "testserver"})


@pytest.fixture
def client() -> Client:
    return browser()


def saml(provider: Provider, **changes: Any) -> dict[str, Any]:
    typed = {"kind": "saml", "metadata_url": f"{provider.url}/saml/metadata", "default_role": "clinician"}
    return EMPTY | typed | {"default_facility": None} | changes


def answer_of(client: Client, provider: Provider, who: str) -> tuple[str, dict[str, str]]:
    """Where the provider has the browser post its answer, and the answer."""
    page = provider.answer(way_out(client, "a@prairie.example"), who)
    target = re.search(r'<form[^>]*action="([^"]+)"', page.text)
    assert target, page.text[:2000]
    fields = dict(re.findall(r'name="(SAMLResponse|RelayState)"\s+value="([^"]*)"', page.text))
    answer = {name: unescape(value) for name, value in fields.items()}
    return urlsplit(unescape(target[1])).path, rewritten(answer, in_order)


def rewritten(fields: dict[str, str], change: Callable[[str], str]) -> dict[str, str]:
    """The answer with its XML changed, which it must be."""
    xml = base64.b64decode(fields["SAMLResponse"]).decode()
    new = change(xml)
    assert new != xml
    return fields | {"SAMLResponse": base64.b64encode(new.encode()).decode()}


def in_order(xml: str) -> str:
    """The signature moved from the assertion's end to behind its issuer, where the schema wants it.

    This provider signs after it has built, and the SAML library checks the schema. A signature is left out of what it
    signs, so that it holds wherever it stands.
    """
    signature = SIGNATURE.search(xml)
    assert signature
    bare = xml.replace(signature[0], "")
    place = bare.index("</saml2:Issuer>", bare.index("<saml2:Assertion")) + len("</saml2:Issuer>")
    return bare[:place] + signature[0] + bare[place:]


def post(client: Client, path: str, fields: dict[str, str]) -> Any:
    """As the browser does: the answer, and the redirect to where the session is seen."""
    answer = client.post(path, fields)
    assert answer.status_code == 302
    return client.get(answer.headers["Location"])


def test_first_and_second_sign_in(cast: Cast, provider: Provider) -> None:
    row = set_up(cast, provider, **saml(provider))
    assert row.entity_id == f"{provider.url}/saml"
    for _ in range(2):
        client = browser()
        answer = post(client, *answer_of(client, provider, "new"))
        assert answer.status_code == 302, answer.content.decode()
        assert is_signed_in(client)
    person = Person.objects.get(email=PEOPLE["new"])
    assert [role.name for role in person.roles.all()] == ["clinician"]


@pytest.mark.parametrize("who", ["neighbour", "staff", "stranger"])
def test_it_signs_in_nobody_of_other_domains(cast: Cast, provider: Provider, client: Client, who: str) -> None:
    set_up(cast, provider, **saml(provider))
    answer = post(client, *answer_of(client, provider, who))
    assert answer.status_code == 403
    assert "is not a confirmed domain" in answer.content.decode()
    assert not is_signed_in(client)


def test_an_answer_somebody_changed_is_refused(cast: Cast, provider: Provider, client: Client) -> None:
    set_up(cast, provider, **saml(provider))
    path, fields = answer_of(client, provider, "new")
    answer = post(client, path, rewritten(fields, lambda xml: xml.replace(PEOPLE["new"], PEOPLE["known"])))
    assert answer.status_code == 403
    assert not is_signed_in(client)


def test_an_answer_without_its_signature_is_refused(cast: Cast, provider: Provider, client: Client) -> None:
    set_up(cast, provider, **saml(provider))
    path, fields = answer_of(client, provider, "new")
    answer = post(client, path, rewritten(fields, lambda xml: SIGNATURE.sub("", xml)))
    assert answer.status_code == 403
    assert not is_signed_in(client)


def test_an_answer_counts_once_and_where_it_was_asked_for(cast: Cast, provider: Provider) -> None:
    set_up(cast, provider, **saml(provider))
    mine, theirs = browser(), browser()
    path, fields = answer_of(mine, provider, "known")
    assert post(theirs, path, fields).status_code == 403
    assert not is_signed_in(theirs)
    assert post(mine, path, fields).status_code == 302
    mine.post("/accounts/logout/")
    assert post(mine, path, fields).status_code == 403
    assert not is_signed_in(mine)


def test_the_key_of_another_provider_is_not_believed(cast: Cast, provider: Provider, client: Client) -> None:
    row = set_up(cast, provider, **saml(provider))
    other = sso_looking.read_metadata(METADATA.encode())["certificate"]
    IdentityProvider.objects.filter(pk=row.pk).update(certificate=other)
    assert post(client, *answer_of(client, provider, "new")).status_code == 403
    assert not is_signed_in(client)


def test_an_answer_too_large_and_a_key_nobody_has_are_nothing(cast: Cast, provider: Provider, client: Client) -> None:
    row = set_up(cast, provider, **saml(provider))
    assert client.post(f"/accounts/saml/{row.key}/acs/", {"SAMLResponse": "A" * 300_000}).status_code == 404
    assert client.post("/accounts/saml/0123456789abcdef/acs/", {"SAMLResponse": "AAAA"}).status_code == 404
    assert client.get(f"/accounts/saml/{row.key}/sls/").status_code == 404


SUBJECT = "urn:oasis:names:tc:SAML:attribute:subject-id"


@pytest.mark.parametrize(
    ("form", "attributes", "uid"),
    [
        ("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", {SUBJECT: ["s"]}, "_1"),
        (TRANSIENT, {SUBJECT: ["s"]}, "s"),
        (TRANSIENT, {"mail": ["a@prairie.example"]}, TRANSIENT),
    ],
)
def test_a_name_for_one_sign_in_is_nobodys(form: str, attributes: dict[str, list[str]], uid: str) -> None:
    told = SimpleNamespace(get_nameid=lambda: "_1", get_nameid_format=lambda: form, get_attributes=lambda: attributes)
    assert (
        LastingProvider(
            None, app=SocialApp(provider="saml", name="Any", settings={"attribute_mapping": SAML_NAMES})
        ).extract_uid(told)
        == uid
    )


def test_whoever_has_no_lasting_name_is_told_what_the_provider_must_send(cast: Cast, provider: Provider) -> None:
    row = set_up(cast, provider, **saml(provider))
    said = Said(uid="", email=PEOPLE["known"], name="Known")
    assert "another identifier at each sign-in" in single_sign_on.may_enter(row, said)


def test_what_this_site_says_of_itself(cast: Cast, provider: Provider, client: Client) -> None:
    row = set_up(cast, provider, **saml(provider))
    told = client.get(f"/accounts/saml/{row.key}/metadata/").content.decode()
    assert f"http://testserver/accounts/saml/{row.key}/acs/" in told
    assert 'WantAssertionsSigned="true"' in told
    assert "SingleLogoutService" not in told


@pytest.mark.parametrize(
    ("field", "entered", "words"),
    [
        ("metadata_url", {"metadata_url": "{url}/.well-known/openid-configuration"}, "not the SAML metadata"),
        ("metadata_url", {"metadata_url": "{url}/nothing"}, "answered 404"),
        ("metadata_url", {"metadata_url": "http://127.0.0.1:1/"}, "could not be reached"),
        (
            "certificate",
            {"metadata_url": "", "entity_id": "x", "sign_in_url": "{url}", "certificate": "no"},
            "cannot be",
        ),
        ("sign_in_url", {"metadata_url": "", "entity_id": "x", "sign_in_url": "ftp://a", "certificate": "no"}, "https"),
        ("entity_id", {"metadata_url": "", "sign_in_url": "{url}", "certificate": "no"}, "needed"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    cast: Cast, provider: Provider, field: str, entered: dict[str, str], words: str
) -> None:
    typed = saml(provider, **{name: value.format(url=provider.url) for name, value in entered.items()})
    with pytest.raises(Invalid, match=words) as error:
        single_sign_on.save_provider(by=cast.admin_prairie, organization=cast.prairie, at=timezone.now(), **typed)
    assert field in error.value.fields


def test_metadata_with_entities_of_their_own_are_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + METADATA
    with pytest.raises(Exception, match="not the SAML metadata"):
        sso_looking.read_metadata(bomb.encode())


METADATA = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
 xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://other.example">
 <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
  <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
MIIDGzCCAgOgAwIBAgIUWQhu0BxNqq1SnWbC/48aeyx6EC0wDQYJKoZIhvcNAQELBQAwPTELMAkGA1UEBhMCREUxEDAOBgNVBAoMB05hbm9JRFAxHDAaBgNVBAMME05hbm9JRFAgU2VsZi1TaWduZWQwHhcNMjYxMTI0MTYzODA2WhcNMzYxMTIyMTYzODA2WjA9MQswCQYDVQQGEwJERTEQMA4GA1UECgwHTmFub0lEUDEcMBoGA1UEAwwTTmFub0lEUCBTZWxmLVNpZ25lZDCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAJphvRTqh3I64CzHP6znTFWNC6iRT29cfnd1XzsBGmCUDfm+/132nsgaGaF1rJBK1mRhIjdrltty+t+lRr8cxuUJngrjKzmZEFDfvvqD7b6W6wlG/TuZiNHJPMTOsDwyKlij9FHNxPmi8v04BtPLZK+G/iPq3ej4NsXZ7Y8IwqHensJw5L5Mm6JJwY7K1jwV5YEsVh+Dn2XOK5681JzitCj9ronEjjhCxAvXe6uzaA6/xo4qJZEQe1TDlT2Hk66a30LeFpySlyGP+h1YuqryIw+Y7nEN1c7kXJvVmuG2lCwFxuIZAsxoIsFud//JuDj2Qj5547bCrmFGIm0pCI/nT0MCAwEAAaMTMBEwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAEWKMl09MKLDEvuBLi+nQ0HVxaQTz++garAlX9FePoD8UrlA2v3EyLI47FAduKxFlc5thDtmHyx6Fh90yB+aSX/OaoOc05wUOUqu4LgivUJs4bxmsRKzH76YuI4tH4mFRZ65PWdFzsjDR3gH1tr7ZEunMLSAXJamYy81QubmoVQXV2JZ5Pdo9ii5TSFrHAWP9R3WBqSe9Qb1pYPobJy3O51kwFXE4hkl8js+VOJJpKFnvkx69C3pWgGNG3jGCBT72cr18Lp7xYaZma5hpCsQ8UgTkdN7AUThAFfIbLir1hk/2RDOvTUZ8vJpI/AFuZ2ENtWxnUu3+TAJU32/b00AOMA==
  </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
  <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://other.example/s"/>
 </md:IDPSSODescriptor></md:EntityDescriptor>"""
