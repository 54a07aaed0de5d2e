"""Publishing and retiring, and what the database itself refuses."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from knowledge.models import Document, Recommendation, Reference, Revision
from knowledge.services import import_documents, publish_revision, retire_document
from portal.common.models import AuditEvent
from portal.common.refusals import Conflict, Refused
from tests.cast import Cast
from tests.knowledge.helpers import load_rows, make_document, row, write_rows

pytestmark = pytest.mark.django_db


def draft_of(folder: Path, slug: str = "a") -> Revision:
    load_rows(folder, row(slug, title="Next"), draft=True)
    return Revision.objects.get(document__slug=slug, state="draft")


def test_an_editor_publishes_a_draft(tmp_path: Path, cast: Cast) -> None:
    first = make_document(tmp_path, "a").current_revision
    document = publish_revision(revision=draft_of(tmp_path), by=cast.editor)
    assert document.current_revision is not None
    assert (document.current_revision.number, document.current_revision.published_by) == (2, cast.editor)
    assert document.version == 2
    assert first is not None
    first.refresh_from_db()
    assert first.state == "superseded"
    event = AuditEvent.objects.get(action="document.publish")
    assert (event.actor, event.object_id, event.detail) == (cast.editor.email, "a", {"revision": 2})


def test_publishing_twice_is_a_conflict(tmp_path: Path, cast: Cast) -> None:
    revision = draft_of(tmp_path)
    publish_revision(revision=revision, by=cast.editor)
    with pytest.raises(Conflict, match="Revision 1 is published, not a draft"):
        publish_revision(revision=revision, by=cast.editor)


def test_nobody_publishes_their_own_draft(tmp_path: Path, cast: Cast) -> None:
    import_documents(path=write_rows(tmp_path, row("a")), by=cast.editor, draft=True)
    revision = Revision.objects.get()
    with pytest.raises(Refused, match="Someone other than its author"):
        publish_revision(revision=revision, by=cast.editor)
    publish_revision(revision=revision, by=cast.reviewer)


@pytest.mark.parametrize(
    "who", ["clinician_prairie", "admin_prairie", "specialist", "lead", "network_admin", "auditor"]
)
def test_others_neither_publish_nor_retire(tmp_path: Path, cast: Cast, who: str) -> None:
    document, person = make_document(tmp_path, "a"), getattr(cast, who)
    with pytest.raises(Refused, match="Only editors"):
        publish_revision(revision=draft_of(tmp_path), by=person)
    with pytest.raises(Refused, match="Only editors"):
        retire_document(document=document, by=person)


def test_retiring_and_returning(tmp_path: Path, cast: Cast) -> None:
    document = retire_document(document=make_document(tmp_path, "a"), by=cast.editor)
    assert document.retired_at
    assert document.version == 2
    assert not Document.objects.published().exists()
    assert document.current_revision is not None
    document.current_revision.refresh_from_db()
    assert document.current_revision.state == "retired"
    with pytest.raises(Conflict, match="retired already"):
        retire_document(document=document, by=cast.editor)
    document = publish_revision(revision=draft_of(tmp_path), by=cast.editor)
    assert document.retired_at is None
    assert list(document.revisions.values_list("state", flat=True)) == ["published", "retired"]


def test_visible_to(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "published")
    retire_document(document=make_document(tmp_path, "retired"), by="test")
    load_rows(tmp_path, row("draft"), draft=True)
    retire_document(document=make_draft(tmp_path), by="test")

    def seen(person: object) -> list[str]:
        return list(Document.objects.visible_to(person).values_list("slug", flat=True))  # type: ignore[arg-type]

    for person in (cast.clinician_prairie, cast.admin_prairie, cast.specialist, cast.network_admin, cast.auditor):
        assert seen(person) == ["published", "retired"]
    assert seen(cast.editor) == ["draft", "draft-retired", "published", "retired"]
    cast.clinician_prairie.roles.all().delete()
    cast.clinician_prairie.__dict__.pop("actor", None)
    assert seen(cast.clinician_prairie) == []


def make_draft(folder: Path) -> Document:
    load_rows(folder, row("draft-retired"), draft=True)
    return Document.objects.get(slug="draft-retired")


CHANGES = ["title", "summary", "body", "source", "content_hash"]


@pytest.mark.parametrize("field", CHANGES)
def test_the_database_freezes_what_left_draft(tmp_path: Path, field: str) -> None:
    revision = make_document(tmp_path, "a").current_revision
    assert revision is not None
    with pytest.raises(DatabaseError, match="is frozen"), transaction.atomic():
        Revision.objects.filter(pk=revision.pk).update(**{field: "other"})


def test_the_database_freezes_its_parts(tmp_path: Path) -> None:
    parts = {"recommendations": ["Do this."], "references": ["A source."]}
    revision = make_document(tmp_path, "a", **parts).current_revision
    assert revision is not None
    refused: list[Callable[[], object]] = [
        lambda: Recommendation.objects.update(text="Do that."),
        lambda: Recommendation.objects.all().delete(),
        lambda: Reference.objects.update(citation="Another."),
        lambda: Reference.objects.create(revision=revision, position=9, citation="x"),
        lambda: Revision.objects.update(state="draft"),
        lambda: revision.delete(),
    ]
    for change in refused:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    Recommendation.objects.update(verified_on="2026-11-01", verified_by="Somebody")
