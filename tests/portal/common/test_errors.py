"""Errors as pages and, below /api/, as problem details; and no answer left in a cache."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.test import Client

from portal import home
from portal.common.sessions import SessionStore
from portal.common.storage import WholeFiles
from tests.cast import Cast, sign_in


@pytest.mark.django_db
def test_an_unknown_address_is_a_page_or_problem_details(client: Client, cast: Cast) -> None:
    page = client.get("/nothing/")
    assert page.status_code == 404
    assert "There is nothing to show at this address" in page.content.decode()
    problem = client.get("/api/v1/nothing/")
    assert (problem.status_code, problem["Content-Type"]) == (404, "application/problem+json")
    assert problem.json()["detail"] == "Nothing here, or not for you."


@pytest.mark.django_db
def test_pages_and_rest_answers_stay_out_of_caches(client: Client, cast: Cast) -> None:
    sign_in(client, cast.clinician_prairie)
    for path in ("/", "/consults/", "/api/v1/me/", "/accounts/login/"):
        assert "no-store" in client.get(path)["Cache-Control"], path


@pytest.mark.django_db
def test_a_database_that_is_away_is_a_503_with_a_time_to_come_back(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("could not connect to server at 10.0.0.5")

    client.raise_request_exception = False
    sign_in(client, cast.clinician_prairie)
    for where, name in ((home, "for_clinician"), (SessionStore, "load")):
        with monkeypatch.context() as patch:
            patch.setattr(where, name, away)
            for path in ("/", "/api/v1/me/") if where is SessionStore else ("/",):
                response = client.get(path)
                assert (response.status_code, response["Retry-After"]) == (503, "10")
                assert "10.0.0.5" not in response.content.decode()


@pytest.mark.django_db
def test_a_fault_of_ours_is_a_page_that_needs_no_database(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(home, "for_clinician", broken)
    client.raise_request_exception = False
    response = sign_in(client, cast.clinician_prairie).get("/")
    assert response.status_code == 500
    assert "<h1" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_takes_no_file_is_a_503_that_says_so(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(*_: object) -> None:
        raise OSError(number, "of the disk", "/srv/consilium/files/x")

    monkeypatch.setattr(home, "for_clinician", full)
    client.raise_request_exception = False
    response = sign_in(client, cast.clinician_prairie).get("/")
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "Files cannot be stored" in response.content.decode()
    assert "/srv" not in response.content.decode()


class TornFile(ContentFile):  # type: ignore[type-arg]
    """The disk is full after its first part."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield b"the first part"
        raise OSError(errno.ENOSPC, "full")


def test_a_file_that_found_no_room_leaves_no_part_of_itself(tmp_path: Path) -> None:
    storage = WholeFiles(location=tmp_path)
    with pytest.raises(OSError, match="full"):
        storage.save("consults/one.txt", TornFile(b""))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
