"""What a process keeps of a document's page: never anything of a reader's, never what is no longer so."""

import re
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.db.models import Case, Q, When
from django.test import Client
from django.utils import timezone

from knowledge.models import Document, Recommendation, Revision
from knowledge.reader import RELATED, at_hand
from knowledge.services import add_overlay, retire_document
from portal.members.models import Person, Role
from tests.cast import Cast, give, make_person, sign_in
from tests.knowledge.helpers import load_rows, make_document, row
from tests.knowledge.test_importing import CALCULATOR
from tests.knowledge.test_overlays import note, number_of
from tests.knowledge.test_pages import FULL

pytestmark = pytest.mark.django_db
ADMINISTRATOR = Role.Name.ORGANIZATION_ADMINISTRATOR
SECRET = re.compile(r"(csrfmiddlewaretoken\" value=\"|X-CSRFToken\": \")\w+")


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    caches["process"].clear()


def page(person: Person, path: str = "/documents/full/") -> str:
    """The page, but for the secrets of its forms."""
    response = sign_in(Client(), person).get(path)
    assert response.status_code == 200, path
    return SECRET.sub("", response.content.decode())


def test_a_page_that_is_kept_is_the_page(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "full", **FULL)
    page(cast.clinician_prairie)  # which says from now on that it was read
    kept = page(cast.clinician_prairie)
    caches["process"].clear()
    assert kept == page(cast.clinician_prairie)
    assert "Was your question answered?" in kept


def test_the_form_of_one_page_is_no_other_pages(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "full", **FULL)
    make_document(tmp_path, "other")
    page(cast.clinician_prairie)
    client = sign_in(Client(), cast.clinician_prairie)
    typed = {"answer": "no", "reason": "", "comment": "Not clear", "revision": 1}
    told = client.post("/documents/full/feedback/", typed)
    assert "Choose what was missing." in told.content.decode()
    client.post("/documents/full/feedback/", typed | {"reason": "unclear"})
    assert "Not clear" in page(cast.clinician_prairie)
    for path, person in (("full", cast.clinician_lakeside), ("other", cast.clinician_prairie)):
        shown = page(person, f"/documents/{path}/")
        assert "Not clear" not in shown
        assert "Choose what was missing.<" not in shown


# Of what is published the database lets nothing else change.
CHANGES = {"verified_on": "2026-07-31", "verified_by": "Dr. Next", "due_on": "2026-08-30"}


def test_what_changes_is_shown_at_once(tmp_path: Path, cast: Cast, time_machine: Any) -> None:
    time_machine.move_to("2026-10-01 20:00+00:00", tick=False)
    make_document(tmp_path, "full", **FULL)
    shown = page(cast.clinician_prairie)
    assert "Review overdue" not in shown
    time_machine.move_to("2026-10-02 18:00+00:00", tick=False)
    # Beside the title, which is not kept, and beside the recommendation, which is.
    assert page(cast.clinician_prairie).count("Review overdue since") == 2
    for name, value in CHANGES.items():
        before = recommendation(cast)
        Recommendation.objects.update(**{name: value})
        assert recommendation(cast) != before, name


def test_what_one_reader_is_shown_no_other_is(tmp_path: Path, cast: Cast) -> None:
    found = make_document(tmp_path, "full", **FULL)
    Document.objects.filter(pk=found.pk).update(owner=cast.specialist, origin="/consults/1/")
    readers = (cast.clinician_prairie, cast.admin_prairie, cast.editor, cast.specialist, cast.network_admin)
    for reader in readers:
        page(reader)  # which says from now on that it was read
    for is_retired in (False, True):
        if is_retired:
            retire_document(document=Document.objects.get(pk=found.pk), by=cast.editor)
        alone = {}
        for reader in readers:
            caches["process"].clear()
            alone[reader.pk] = page(reader)
        assert len(set(alone.values())) == len(readers)
        for first, second in permutations(readers, 2):
            caches["process"].clear()
            page(first)
            assert page(second) == alone[second.pk], (first.name, second.name, is_retired)


def test_a_day_is_written_in_the_readers_zone(tmp_path: Path, cast: Cast, time_machine: Any) -> None:
    time_machine.move_to("2026-10-01 20:00+00:00", tick=False)
    make_document(tmp_path, "full", **FULL)
    far = make_person("far@prairie.example", "Fay Rao", time_zone="Pacific/Kiritimati")
    give(far, Role.Name.CLINICIAN, organization=cast.prairie)
    time_machine.move_to("2026-10-03 08:00+00:00", tick=False)  # the same day at both
    for reader, day in ((cast.clinician_prairie, "Thu 1 Oct 2026"), (far, "Fri 2 Oct 2026")):
        shown = page(reader)
        assert re.search(rf"revision 1, published <time[^>]*>{day}</time>", shown), day


def test_one_document_at_hand_is_visible_as_the_queryset_has_it(tmp_path: Path, cast: Cast) -> None:
    load_rows(tmp_path, row("draft"), draft=True)
    make_document(tmp_path, "full")
    nobody, gone = make_person("no@where.example", "No Role"), make_person("gone@where.example", "Gone")
    give(gone, Role.Name.CLINICIAN, organization=cast.prairie)
    Person.objects.filter(pk=gone.pk).update(is_active=False, deactivated_at=timezone.now())
    gone.refresh_from_db()
    for person in (cast.clinician_prairie, cast.editor, cast.specialist, nobody, gone):
        for slug in ("full", "draft", "missing"):
            there = Document.objects.visible_to(person).filter(slug=slug).first()
            assert Document.objects.to_read(person, slug) == there, (person, slug)
    scored = make_document(tmp_path, "scored", kind="tool", tool_type="calculator", calculator=CALCULATOR)
    read = Document.objects.to_read(cast.editor, "scored")
    assert read
    assert read.current_revision
    assert scored.current_revision
    for field in Revision._meta.concrete_fields:
        assert getattr(read.current_revision, field.attname) == getattr(scored.current_revision, field.attname), field


def recommendation(cast: Cast) -> str:
    shown = page(cast.clinician_prairie)
    return shown[shown.index('class="recommendations"') : shown.index("</ol>")]


def test_a_note_of_an_organization_is_kept_for_nobody(tmp_path: Path, cast: Cast) -> None:
    found = make_document(tmp_path, "full", **FULL)
    page(cast.clinician_lakeside)
    note(found, "Act now.", cast, "Ours: call the ward first.")
    for _ in range(2):
        assert "call the ward first" in page(cast.clinician_prairie)
        assert "call the ward first" not in page(cast.clinician_lakeside)
    # What is not kept has one name for all: another organization with a note must not meet the first one's.
    admin = give(make_person("admin@lakeside.example", "Liv Ek"), ADMINISTRATOR, organization=cast.lakeside)
    add_overlay(
        document=found,
        organization=cast.lakeside,
        revision=1,
        passage=number_of(found, "Act now."),
        text="Theirs: page the registrar.",
        by=admin,
    )
    for person, theirs, others in (
        (cast.clinician_prairie, "call the ward first", "page the registrar"),
        (cast.clinician_lakeside, "page the registrar", "call the ward first"),
    ) * 2:
        shown = page(person)
        assert theirs in shown
        assert others not in shown


def test_related_are_published_documents_linked_first(tmp_path: Path, cast: Cast) -> None:
    names = [f"coded-{letter}" for letter in "abcdefg"]
    load_rows(tmp_path, *(row(name, codes=["A41.9"]) for name in [*names, "retired"]), row("z-linked"), row("far"))
    load_rows(tmp_path, row("unborn", codes=["A41.9"]), draft=True)
    body = "See [it](document:z-linked), [this](document:coded-b) and [that](document:unborn)."
    found = make_document(tmp_path, "full", body=body, codes=["A41.9", "B00"])
    retire_document(document=Document.objects.get(slug="retired"), by=cast.editor)
    assert found.current_revision
    here = at_hand(found, found.current_revision, person=cast.clinician_prairie)
    linked = Q(slug__in=["z-linked", "coded-b", "unborn"])
    near = Document.objects.visible_to(cast.clinician_prairie).published().exclude(pk=found.pk)
    near = near.filter(linked | Q(current_revision__codes__overlap=["A41.9", "B00"]))
    ranked = near.order_by(Case(When(linked, then=0), default=1), "slug")[:RELATED]
    assert [one.slug for one in here.related] == list(ranked.values_list("slug", flat=True))
    assert [one.slug for one in here.related] == ["coded-b", "z-linked", "coded-a", "coded-c", "coded-d"]
    titled = {one.slug: one.current_revision.title for one in here.related if one.current_revision}
    assert titled["coded-a"] == "About coded-a"
    lone = make_document(tmp_path, "lone")
    assert lone.current_revision
    assert at_hand(lone, lone.current_revision, person=cast.clinician_prairie).related == []
