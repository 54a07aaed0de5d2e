"""A person's own lists: made, named, filled, put in order, and seen by nobody else."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledge.models import Document, ListEntry, ReadingList
from knowledge.services import (
    add_to_list,
    create_list,
    default_list,
    delete_list,
    move_in_list,
    rename_list,
    retire_document,
)
from knowledge.services import lists as services
from portal.common.refusals import Conflict, Invalid
from tests.cast import Cast
from tests.knowledge.helpers import load_rows, make_document, make_documents, row
from tests.knowledge.test_api import api
from tests.knowledge.test_pages import as_, text

pytestmark = pytest.mark.django_db
JSON = "application/json"


def order(found: ReadingList) -> list[str]:
    return list(found.entries.values_list("document__slug", flat=True))


def test_lists_are_made_renamed_and_deleted(cast: Cast) -> None:
    client = as_(cast.clinician_prairie)
    assert "Read later" in text(client, "/account/lists/")
    assert client.post("/account/lists/", {"name": "  On   the ward "}).status_code == 302
    made = ReadingList.objects.get(name="On the ward")
    assert "You have a list" in client.post("/account/lists/", {"name": "on the WARD"}).content.decode()
    assert "is there already" in client.post("/account/lists/", {"name": "read later"}).content.decode()
    assert client.post(f"/account/lists/{made.pk}/rename/", {"name": "At night"}).status_code == 302
    assert "At night" in text(client, "/account/lists/")
    assert "Delete “At night”?" in text(client, f"/account/lists/{made.pk}/delete/")
    assert ReadingList.objects.filter(pk=made.pk).exists(), "asking deletes nothing"
    assert client.post(f"/account/lists/{made.pk}/delete/").status_code == 302
    assert not ReadingList.objects.filter(pk=made.pk).exists()


def test_read_later_stays_as_it_is(cast: Cast) -> None:
    found = default_list(by=cast.clinician_prairie)
    assert default_list(by=cast.clinician_prairie) == found
    with pytest.raises(Conflict):
        rename_list(reading_list=found, name="x", by=cast.clinician_prairie)
    with pytest.raises(Conflict):
        delete_list(reading_list=found, by=cast.clinician_prairie)


@pytest.mark.parametrize("name", ["", "  ", "\0", "x" * 81])
def test_a_name_is_a_name(cast: Cast, name: str) -> None:
    with pytest.raises(Invalid):
        create_list(name=name, by=cast.clinician_prairie)


def test_there_is_a_limit(cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make_documents(tmp_path, 2)
    monkeypatch.setattr(services, "MOST_LISTS", 1)
    monkeypatch.setattr(services, "MOST_ENTRIES", 1)
    made = create_list(name="one", by=cast.clinician_prairie)
    with pytest.raises(Conflict):
        create_list(name="two", by=cast.clinician_prairie)
    first, second = Document.objects.all()
    assert add_to_list(reading_list=made, document=first, by=cast.clinician_prairie)
    with pytest.raises(Conflict):
        add_to_list(reading_list=made, document=second, by=cast.clinician_prairie)


def test_documents_are_added_from_their_page_and_put_in_order(tmp_path: Path, cast: Cast) -> None:
    for slug in ("a", "b", "c"):
        make_document(tmp_path, slug)
    client = as_(cast.clinician_prairie)
    assert "Read later" in text(client, "/documents/a/")
    for slug in ("a", "b", "c"):
        assert client.post(f"/documents/{slug}/lists/", {"list": ""}).status_code == 302
    client.post("/documents/a/lists/", {"list": ""})
    found = default_list(by=cast.clinician_prairie)
    assert order(found) == ["c", "b", "a"], "the last added on top, each once"
    assert "It is in" in text(client, "/documents/a/")
    client.post(f"/account/lists/{found.pk}/a/up/")
    assert order(found) == ["c", "a", "b"]
    client.post(f"/account/lists/{found.pk}/c/down/")
    assert order(found) == ["a", "c", "b"]
    entry = found.entries.get(document__slug="b")
    assert not move_in_list(entry=entry, up=False, by=cast.clinician_prairie), "nothing is below the last"
    removed = client.post(f"/account/lists/{found.pk}/c/remove/")
    assert order(found) == ["a", "b"]
    assert "is taken out" in text(client, removed["Location"])
    client.post("/documents/c/lists/", {"list": found.pk, "next": found.get_absolute_url()})
    assert order(found) == ["c", "a", "b"]
    client.post("/documents/a/lists/", {"name": "A new one"})
    assert order(ReadingList.objects.get(name="A new one")) == ["a"]


def test_nobody_else_sees_or_touches_them(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a")
    found = create_list(name="Secret plan", by=cast.clinician_prairie)
    add_to_list(reading_list=found, document=document, by=cast.clinician_prairie)
    for person in (cast.clinician_lakeside, cast.admin_prairie, cast.network_admin, cast.auditor, cast.editor):
        client = as_(person)
        for path in ("", "delete/"):
            assert client.get(f"/account/lists/{found.pk}/{path}").status_code == 404
        for path in ("rename/", "delete/", "a/up/", "a/down/", "a/remove/"):
            assert client.post(f"/account/lists/{found.pk}/{path}", {"name": "mine"}).status_code == 404, path
        assert client.post("/documents/a/lists/", {"list": found.pk}).status_code == 404
        assert "Secret plan" not in text(client, "/account/lists/")
        assert "Secret plan" not in text(client, "/documents/a/")
        rest = api(person)
        assert rest.get(f"/api/v1/lists/{found.pk}/").status_code == 404
        assert rest.get(f"/api/v1/lists/{found.pk}/documents/").status_code == 404
        assert rest.delete(f"/api/v1/lists/{found.pk}/").status_code == 404
        assert rest.put(f"/api/v1/lists/{found.pk}/documents/a/").status_code == 404
        assert rest.get("/api/v1/lists/").json()["count"] <= 1
    found.refresh_from_db()
    assert (found.name, order(found)) == ("Secret plan", ["a"])


def test_what_one_may_not_read_is_not_added_or_shown(tmp_path: Path, cast: Cast) -> None:
    load_rows(tmp_path, row("hidden"), draft=True)
    client, found = as_(cast.clinician_prairie), default_list(by=cast.clinician_prairie)
    assert client.post("/documents/hidden/lists/", {"list": ""}).status_code == 404
    ListEntry.objects.create(reading_list=found, document=Document.objects.get(slug="hidden"), place=0)
    assert "/documents/hidden/" not in text(client, found.get_absolute_url())
    assert api(cast.clinician_prairie).get(f"/api/v1/lists/{found.pk}/documents/").json()["count"] == 0
    document = make_document(tmp_path, "old")
    add_to_list(reading_list=found, document=document, by=cast.clinician_prairie)
    retire_document(document=document, by="test")
    assert "Retired" in text(client, found.get_absolute_url())


@pytest.mark.parametrize("asked", ["999999", "x", "9" * 30, "-1", "²"])
def test_a_list_that_is_not_there_is_404(tmp_path: Path, cast: Cast, asked: str) -> None:
    make_document(tmp_path, "a")
    assert as_(cast.clinician_prairie).post("/documents/a/lists/", {"list": asked}).status_code == 404


def test_over_rest(tmp_path: Path, cast: Cast) -> None:
    for slug in ("a", "b"):
        make_document(tmp_path, slug)
    client = api(cast.clinician_prairie)
    made = client.post("/api/v1/lists/", {"name": "Ward"}, JSON, headers={"Idempotency-Key": "k"})
    again = client.post("/api/v1/lists/", {"name": "Ward"}, JSON, headers={"Idempotency-Key": "k"})
    assert (made.status_code, again.status_code) == (201, 201)
    assert made.json() == again.json()
    address = made["Location"]
    assert client.post("/api/v1/lists/", {"name": "ward"}, JSON).status_code == 400
    for slug in ("a", "b", "b"):
        assert client.put(f"{address}documents/{slug}/").status_code == 200
    assert [entry["document"] for entry in client.get(f"{address}documents/").json()["results"]] == ["b", "a"]
    assert client.patch(f"{address}documents/a/", {"move": "up"}, JSON).status_code == 200
    assert [entry["document"] for entry in client.get(f"{address}documents/").json()["results"]] == ["a", "b"]
    assert client.patch(f"{address}documents/a/", {"move": "sideways"}, JSON).status_code == 400
    assert client.delete(f"{address}documents/a/").status_code == 204
    assert client.patch(address, {"name": "Home"}, JSON).json()["name"] == "Home"
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_pages_cost_the_same_however_long_a_list_is(tmp_path: Path, cast: Cast) -> None:
    make_documents(tmp_path, 30)
    client, found = as_(cast.clinician_prairie), default_list(by=cast.clinician_prairie)

    def cost(client: Client, path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            text(client, path)
        return len(seen)

    documents = list(Document.objects.all())
    add_to_list(reading_list=found, document=documents[0], by=cast.clinician_prairie)
    paths = (found.get_absolute_url(), "/account/lists/", "/documents/murmur-000/")
    for path in paths:
        text(client, path)
    before = [cost(client, path) for path in paths]
    for number, document in enumerate(documents[1:]):
        add_to_list(reading_list=found, document=document, by=cast.clinician_prairie)
        if number < 10:
            create_list(name=f"List {number}", by=cast.clinician_prairie)
    assert [cost(client, path) for path in paths] == before
