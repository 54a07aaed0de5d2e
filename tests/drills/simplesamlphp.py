"""Signing in through SimpleSAMLphp, the identity provider of many hospitals and universities, as Debian packages it.

``apt-get install --no-install-recommends simplesamlphp php-cli php-xml php-mbstring``, then
``make test ARGS=tests/drills/simplesamlphp.py``. Not in every run, because it needs those packages.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from django.test import Client

from portal.members.models import Person
from portal.members.models_sso import IdentityProvider
from tests.cast import Cast
from tests.environment import STATE
from tests.portal.members.helpers import is_signed_in
from tests.portal.members.sso import EMPTY, set_up, way_out
from tests.programs import Program, child_environment, free_port, wait_for
from tests.providers import PEOPLE, Provider

SITE = Path("/usr/share/simplesamlphp/www")
METADATA = "saml2/idp/metadata.php"
CONFIG = """<?php
$config = [
    'baseurlpath' => '{url}/', 'certdir' => '{folder}/', 'metadatadir' => '{folder}/metadata/',
    'loggingdir' => '{folder}/', 'datadir' => '{folder}/', 'tempdir' => '{folder}/temporary', 'timezone' => 'UTC',
    'logging.handler' => 'file', 'secretsalt' => 'only-for-this-drill', 'auth.adminpassword' => 'only-for-this-drill',
    'technicalcontact_email' => 'nobody@example.org', 'enable.saml20-idp' => true,
    'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
    'session.cookie.secure' => false, 'session.phpsession.savepath' => '{folder}/temporary',
    'store.type' => 'phpsession', 'attributenamemapdir' => '/etc/simplesamlphp/attributemap/',
    'session.cookie.samesite' => null,
    'authproc.idp' => [10 => ['class' => 'core:AttributeMap', 'name2oid']],
    'metadata.sources' => [['type' => 'flatfile']],
];
"""
HOSTED = """<?php
$metadata['__DYNAMIC:1__'] = [
    'host' => '__DEFAULT__', 'privatekey' => 'idp.key', 'certificate' => 'idp.crt', 'auth' => 'people',
    'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
];
"""
US = """<?php
$metadata['http://testserver/accounts/saml/{key}/metadata/'] = [
    'AssertionConsumerService' => 'http://testserver/accounts/saml/{key}/acs/', {named}
];
"""
BY_ADDRESS = """
    'NameIDFormat' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    'simplesaml.nameidattribute' => 'urn:oid:0.9.2342.19200300.100.1.3',
"""
BY_SUBJECT = """
    'authproc' => [60 => ['class' => 'core:AttributeCopy', 'urn:oid:0.9.2342.19200300.100.1.1' =>
        'urn:oasis:names:tc:SAML:attribute:subject-id']],
"""
AS_INSTALLED = ""
"""It then names everybody by a transient NameID."""
pytestmark = pytest.mark.django_db


def people() -> str:
    """Each signs in with the name as the password."""
    each = (f"'{who}:{who}' => ['mail' => ['{mail}'], 'uid' => ['{who}']]," for who, mail in PEOPLE.items())
    return f"<?php $config = ['people' => ['exampleauth:UserPass', {' '.join(each)}]];"


def write(folder: Path, url: str) -> None:
    """Its configuration, and a key of its own."""
    for name in ("metadata", "temporary"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "config.php").write_text(CONFIG.format(url=url, folder=folder))
    (folder / "authsources.php").write_text(people())
    (folder / "metadata" / "saml20-idp-hosted.php").write_text(HOSTED)
    key = ["-newkey", "rsa:2048", "-keyout", str(folder / "idp.key"), "-out", str(folder / "idp.crt")]
    command = ["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=drill", *key]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def simplesaml() -> Iterator[Provider]:
    """SimpleSAMLphp on a port of its own."""
    assert SITE.exists(), "Install the packages that the head of this file names."
    folder, port = STATE / "simplesamlphp", free_port()
    url = f"http://127.0.0.1:{port}"
    write(folder, url)
    command = ["php", "-d", "opcache.enable=0", "-S", f"127.0.0.1:{port}", "-t", str(SITE)]
    program = Program(command, child_environment(SIMPLESAMLPHP_CONFIG_DIR=str(folder)), folder / "log")
    try:
        wait_for(lambda: "started" in program.log(), "SimpleSAMLphp")
        yield Provider(url, program)
    finally:
        program.stop()
        shutil.rmtree(folder)


@pytest.fixture
def row(cast: Cast, simplesaml: Provider) -> IdentityProvider:
    """Prairie's, set up from the metadata it publishes, and known to it."""
    typed = {"kind": "saml", "metadata_url": f"{simplesaml.url}/{METADATA}", "default_role": "clinician"}
    found = set_up(cast, simplesaml, **EMPTY | typed | {"default_facility": None})
    know_us(found, BY_ADDRESS)
    return found


def know_us(row: IdentityProvider, named: str) -> None:
    """This site in the provider's list, with how it names people to it."""
    ours = STATE / "simplesamlphp" / "metadata" / "saml20-sp-remote.php"
    ours.write_text(US.format(key=row.key, named=named))


def come_in(client: Client, provider: Provider, who: str, password: str | None = None) -> tuple[str, dict[str, str]]:
    """Where the provider has the browser post its answer, and the answer."""
    with requests.Session() as browser:
        page = browser.get(way_out(client, "a@prairie.example"), timeout=20)
        state = re.search(r'name="AuthState" value="([^"]+)"', page.text)
        assert state, page.text[:3000]
        typed = {"username": who, "password": password or who, "AuthState": unescape(state[1])}
        page = browser.post(urljoin(page.url, "?"), typed, timeout=20)
        target = re.search(r'<form[^>]*action="([^"]+)"', page.text)
        fields = dict(re.findall(r'name="(SAMLResponse|RelayState)"\s+value="([^"]*)"', page.text))
        path = urlsplit(unescape(target[1])).path if target else ""
        return path, {name: unescape(value) for name, value in fields.items()}


def post(client: Client, path: str, fields: dict[str, str]) -> tuple[int, str]:
    """The status of our page and what it says, once the browser has brought the answer."""
    answer = client.post(path, fields)
    assert answer.status_code == 302, answer.content.decode()
    end = client.get(answer.headers["Location"])
    return end.status_code, end.content.decode()


def browser() -> Client:
    return Client(headers={"host": "testserver"})


@pytest.mark.parametrize("named", [BY_ADDRESS, BY_SUBJECT], ids=["by address", "by subject-id"])
def test_a_physician_comes_in_twice(row: IdentityProvider, simplesaml: Provider, named: str) -> None:
    know_us(row, named)
    for _ in ("first, just in time", "second"):
        client = browser()
        assert post(client, *come_in(client, simplesaml, "new"))[0] == 302
        assert is_signed_in(client)
    person = Person.objects.get(email=PEOPLE["new"])
    assert [role.name for role in person.roles.all()] == ["clinician"]


def test_whom_it_names_anew_each_time_it_does_not_sign_in(row: IdentityProvider, simplesaml: Provider) -> None:
    know_us(row, AS_INSTALLED)
    client = browser()
    status, page = post(client, *come_in(client, simplesaml, "new"))
    assert status == 403
    assert "another identifier at each sign-in" in page
    assert not is_signed_in(client)


@pytest.mark.usefixtures("row")
@pytest.mark.parametrize("who", ["neighbour", "staff", "stranger"])
def test_nobody_of_other_domains_comes_in(simplesaml: Provider, who: str) -> None:
    client = browser()
    status, page = post(client, *come_in(client, simplesaml, who))
    assert status == 403
    assert "is not a confirmed domain" in page
    assert not is_signed_in(client)


@pytest.mark.usefixtures("row")
def test_a_wrong_password_brings_no_answer(simplesaml: Provider) -> None:
    assert not come_in(browser(), simplesaml, "new", "wrong")[1]


def test_its_answer_counts_once(row: IdentityProvider, simplesaml: Provider) -> None:
    client = browser()
    path, fields = come_in(client, simplesaml, "known")
    assert path == f"/accounts/saml/{row.key}/acs/"
    assert post(client, path, fields)[0] == 302
    client.post("/accounts/logout/")
    assert post(client, path, fields)[0] == 403
    assert not is_signed_in(client)
