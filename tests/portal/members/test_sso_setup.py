"""Setting up an organization's own sign-in on its page: who may, the check, the trial, the switches."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, repeat
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from portal.common import fetching, tenancy
from portal.common.locks import unlock
from portal.common.models import AuditEvent
from portal.members.models import Person
from portal.members.models_sso import LOCK, DirectoryGroup, IdentityProvider, ProvisioningToken
from portal.members.services import single_sign_on
from tests.cast import PASSWORD, Cast, sign_in
from tests.portal.members.helpers import is_signed_in, sign_in_by_page
from tests.portal.members.sso import confirm, oidc, set_up
from tests.providers import SECRET, Provider

pytestmark = pytest.mark.django_db
PAGE = "/organizations/prairie/sign-in/"
POSTS = ["", "check/", "try/", "switch/", "remove/"]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("admin_prairie", 200),
        ("network_admin", 200),
        ("clinician_prairie", 403),
        ("clinician_lakeside", 404),
        ("specialist", 404),
        ("lead", 404),
        ("editor", 404),
        ("auditor", 404),
    ],
)
def test_who_gets_to_the_page(cast: Cast, who: str, status: int) -> None:
    client = sign_in(Client(), getattr(cast, who))
    for path in (PAGE, f"{PAGE}remove/", "/organizations/prairie/directory/"):
        assert client.get(path).status_code == status, path
    if status != 200:
        for path in [f"{PAGE}{post}" for post in POSTS] + ["/organizations/prairie/directory/"]:
            assert client.post(path, oidc_form("http://127.0.0.1:9")).status_code == status, path
        assert not IdentityProvider.objects.exists()


def test_without_a_session_one_is_asked_to_sign_in(cast: Cast, client: Client) -> None:
    assert client.get(PAGE).headers["Location"].startswith("/accounts/login/")


def oidc_form(url: str, **changes: Any) -> dict[str, Any]:
    typed = {"kind": "oidc", "server_url": url, "client_id": "consilium", "secret": SECRET, "default_role": "clinician"}
    return typed | changes


def words(client: Client, path: str = PAGE) -> str:
    """What the page says, without its tags."""
    text = re.sub(r"<[^>]+>", " ", client.get(path).content.decode())
    return " ".join(text.split())


def test_saved_checked_tried_and_switched_on(cast: Cast, provider: Provider) -> None:
    confirm(cast.prairie, "prairie.example", cast.network_admin)
    client = sign_in(Client(), cast.admin_prairie)
    assert client.post(PAGE, oidc_form(provider.url)).status_code == 302
    row = IdentityProvider.objects.get()
    assert unlock(row.locked_secret, LOCK) == SECRET
    client.post(f"{PAGE}switch/", {"is_on": "on"})
    assert "Check the provider first" in words(client)
    client.post(f"{PAGE}check/")
    assert "Well" in words(client)
    client.post(f"{PAGE}switch/", {"is_on": "on", "is_only_way": "on"})
    assert "Try a sign-in first" in words(client)
    leaving = client.post(f"{PAGE}try/")
    back = client.get(provider.code_for(leaving.context["to"], "known"))
    assert back.headers["Location"] == PAGE
    said = words(client)
    assert "This person would be let in" in said
    assert "clinician@prairie.example" in said
    assert "This person would be let in" not in words(client)
    client.post(f"{PAGE}switch/", {"is_on": "on", "is_only_way": "on"})
    row.refresh_from_db()
    assert (row.is_on, row.is_only_way) == (True, True)
    acts = set(AuditEvent.objects.filter(action__startswith="single-sign-on.").values_list("action", flat=True))
    assert acts == {f"single-sign-on.{act}" for act in ("save", "check", "try", "switch")}


def test_a_trial_signs_nobody_in_and_adds_nobody(cast: Cast, provider: Provider) -> None:
    set_up(cast, provider)
    client, before = sign_in(Client(), cast.admin_prairie), Person.objects.count()
    leaving = client.post(f"{PAGE}try/")
    client.get(provider.code_for(leaving.context["to"], "new"))
    assert client.session["_auth_user_id"] == str(cast.admin_prairie.pk)
    assert Person.objects.count() == before
    leaving = client.post(f"{PAGE}try/")
    client.get(provider.code_for(leaving.context["to"], "stranger"))
    assert "would not be let in. elsewhere.example is not a confirmed domain" in words(client)
    leaving = client.post(f"{PAGE}try/")
    client.post("/accounts/logout/")
    client.get(provider.code_for(leaving.context["to"], "known"))
    assert not is_signed_in(client)


def test_a_provider_that_refuses_is_quoted_in_a_trial(cast: Cast, provider: Provider) -> None:
    row = set_up(cast, provider)
    client = sign_in(Client(), cast.admin_prairie)
    state = client.post(f"{PAGE}try/").context["to"].partition("state=")[2].partition("&")[0]
    client.get(f"/accounts/oidc/{row.key}/callback/?state={state}&error=access_denied&error_description=Not+assigned")
    assert "Not assigned" in words(client)
    IdentityProvider.objects.update(locked_secret="")
    leaving = client.post(f"{PAGE}try/")
    client.get(provider.code_for(leaving.context["to"], "known"))
    assert "The trial ended with an error" in words(client)


@pytest.mark.parametrize(
    ("path", "words_"),
    [("/nothing", "answered 404"), ("/saml", "answered 404"), (":1", "could not be reached")],
)
def test_the_check_says_plainly_what_is_wrong(cast: Cast, provider: Provider, path: str, words_: str) -> None:
    client = sign_in(Client(), cast.admin_prairie)
    url = "http://127.0.0.1:1" if path == ":1" else provider.url + path
    client.post(PAGE, oidc_form(url))
    client.post(f"{PAGE}check/")
    assert words_ in words(client)
    assert not IdentityProvider.objects.get().is_checked


def test_a_provider_by_another_name_is_told_by_what_it_calls_itself(cast: Cast, provider: Provider) -> None:
    client = sign_in(Client(), cast.admin_prairie)
    client.post(PAGE, oidc_form(provider.url.replace("127.0.0.1", "localhost")))
    client.post(f"{PAGE}check/")
    assert f"calls itself {provider.url}" in words(client)


def test_another_provider_must_be_checked_and_tried_anew(cast: Cast, provider: Provider) -> None:
    from allauth.socialaccount.models import SocialAccount

    row = set_up(cast, provider, only_way=True)
    SocialAccount.objects.create(user=cast.clinician_prairie, provider=row.key, uid="x")
    client = sign_in(Client(), cast.admin_prairie)
    client.post(PAGE, oidc_form(provider.url, secret=""))
    row.refresh_from_db()
    assert row.is_on
    client.post(PAGE, oidc_form("http://127.0.0.1:9", secret=""))
    row.refresh_from_db()
    assert (row.is_on, row.is_only_way, row.checked_at, row.tried_at) == (False, False, None, None)
    assert not SocialAccount.objects.exists()


def test_without_a_confirmed_domain_it_cannot_be_switched_on(cast: Cast, provider: Provider) -> None:
    domain = confirm(cast.prairie, "prairie.example", cast.network_admin)
    set_up(cast, provider)
    domain.confirmed_at = None
    domain.save()
    client = sign_in(Client(), cast.admin_prairie)
    client.post(f"{PAGE}switch/", {"is_on": "on"})
    assert "no confirmed e-mail domain" in words(client)


def test_a_token_of_the_directory_is_shown_once_and_asks_for_the_password(cast: Cast, client: Client) -> None:
    page = "/organizations/prairie/directory/"
    sign_in_by_page(client, cast.admin_prairie.email)
    assert client.post(page, {"name": "x"}).headers["Location"].startswith("/accounts/reauthenticate/")
    assert not ProvisioningToken.objects.exists()
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    made = client.post(page, {"name": "of the hospital"})
    (secret,) = made.context["secrets"]
    assert secret in made.content.decode()
    shown = client.get(page).content.decode()
    assert secret not in shown
    assert "of the hospital" in shown
    group = DirectoryGroup.objects.create(organization=cast.prairie, name="Ward")
    client.post(f"{page}groups/{group.pk}/", {"role": "local-editor"})
    client.post(f"{page}groups/{group.pk}/", {"role": "auditor"})
    group.refresh_from_db()
    assert group.role == "local-editor"
    client.post(f"{page}tokens/{ProvisioningToken.objects.get().pk}/revoke/")
    assert ProvisioningToken.objects.get().revoked_at


def test_forgotten_with_its_secret(cast: Cast, provider: Provider) -> None:
    set_up(cast, provider)
    client = sign_in(Client(), cast.admin_prairie)
    assert client.get(f"{PAGE}remove/").status_code == 200
    assert IdentityProvider.objects.exists()
    client.post(f"{PAGE}remove/")
    assert not IdentityProvider.objects.exists()


def test_the_database_knows_the_rules_too(cast: Cast, provider: Provider) -> None:
    set_up(cast, provider)
    for changes in (
        {"problem": "x"},
        {"checked_at": None},
        {"is_only_way": True},
        {"is_only_way": True, "is_on": False},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            IdentityProvider.objects.update(**changes)


def test_the_walls_hold(cast: Cast, provider: Provider) -> None:
    """For every table of an organization's sign-in and directory."""
    from django.utils import timezone

    from portal.members.services import provisioning

    set_up(cast, provider)
    token = provisioning.make_token(by=cast.admin_prairie, organization=cast.prairie, name="x", at=timezone.now())[0]
    told = provisioning.Described("new@prairie.example", "New", "", True, {})
    person = provisioning.add_person(token=token, told=told, at=timezone.now())
    provisioning.save_group(token=token, row=None, name="g", external_id="", members=[person.pk], at=timezone.now())
    tables = "identityprovider provisioningtoken directoryperson directorygroup directorygroup_members".split()

    def seen(place: int) -> list[int]:
        with tenancy.only([place]), connection.cursor() as cursor:
            found = []
            for table in tables:
                cursor.execute(f"SELECT count(*) FROM members_{table}")  # noqa: S608
                found.append(cursor.fetchone()[0])
            return found

    assert seen(cast.prairie.pk) == [1] * 5
    assert seen(cast.lakeside.pk) == [0] * 5
    with tenancy.only([cast.lakeside.pk]):
        assert not IdentityProvider.objects.update(is_on=False)


def test_nobody_else_sets_it_up_by_the_service(cast: Cast, provider: Provider) -> None:
    from django.utils import timezone

    from portal.common.refusals import Refused

    set_up(cast, provider)
    for person in (cast.clinician_prairie, cast.clinician_lakeside, cast.specialist, cast.auditor):
        place = cast.prairie
        with pytest.raises(Refused):
            single_sign_on.save_provider(by=person, organization=place, at=timezone.now(), **oidc(provider))
        with pytest.raises(Refused):
            single_sign_on.check_provider(by=person, organization=place, at=timezone.now())
        with pytest.raises(Refused):
            single_sign_on.switch(by=person, organization=place, is_on=False, is_only_way=False)
        with pytest.raises(Refused):
            single_sign_on.remove_provider(by=person, organization=place)


@contextmanager
def served(answer: bytes) -> Iterator[str]:
    """The address of a server that answers this to whoever asks, or waits when it is nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(2)
        over = threading.Event()

        def serve() -> None:
            try:
                asked, _ = listener.accept()
            except TimeoutError:
                return
            with asked:
                asked.recv(65536)
                if answer:
                    try:
                        asked.sendall(answer)
                    except OSError:
                        return
                else:
                    over.wait(5)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            over.set()
            thread.join()


class TestAskingServers:
    """What an address that a member types in may reach."""

    @pytest.mark.parametrize(
        "address",
        [
            "https://127.0.0.1/",
            "https://localhost/",
            "https://[::1]/",
            "https://10.1.2.3/",
            "https://192.168.0.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00::1]/",
            "https://0.0.0.0/",
            "https://100.64.0.1/",
        ],
    )
    def test_nothing_in_a_private_network(self, settings: Any, address: str) -> None:
        settings.FETCH_PRIVATE_ADDRESSES = False
        with pytest.raises(fetching.NotFetched, match="private network"):
            fetching.fetch(address)

    def test_not_even_by_a_name_that_leads_elsewhere_a_moment_later(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A name that is public when it is looked at and private when it is connected to."""
        settings.FETCH_PRIVATE_ADDRESSES = False
        answers = chain(["198.35.26.96"], repeat("127.0.0.1"))
        found = []

        def resolve(*_: Any, **__: Any) -> list[Any]:
            found.append(next(answers))
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found[-1], _[1]))]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        inside = served(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
        with inside as url, pytest.raises(fetching.NotFetched, match="could not be reached"):
            fetching.fetch(url.replace("127.0.0.1", "rebinding.example"))
        assert found == ["198.35.26.96", "127.0.0.1"]

    @pytest.mark.parametrize(
        "address", ["http://example.org/", "ftp://example.org/", "file:///etc/passwd", "https://a:b@example.org/", "x"]
    )
    def test_only_https(self, settings: Any, address: str) -> None:
        settings.FETCH_HTTPS_ONLY = True
        with pytest.raises(fetching.NotFetched):
            fetching.fetch(address)

    def test_no_redirect_is_followed_and_no_answer_without_end(self, provider: Provider) -> None:
        with pytest.raises(fetching.NotFetched, match="instead of 200"):
            fetching.fetch(f"{provider.url}/authorize/")
        redirecting = served(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        with redirecting as url, pytest.raises(fetching.NotFetched, match="302 instead of 200"):
            fetching.fetch(url)
        endless = served(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 600_000)
        with endless as url, pytest.raises(fetching.NotFetched, match="more than 512 KB"):
            fetching.fetch(url)

    def test_no_answer_is_waited_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fetching, "SECONDS", 0.3)
        with served(b"") as url, pytest.raises(fetching.NotFetched, match="did not answer"):
            fetching.fetch(url)
