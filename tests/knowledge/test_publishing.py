"""Publishing and retiring, and what the database itself refuses."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from knowledge.models import Document, Recommendation, Reference, Revision
from knowledge.services import import_documents, publish_revision, retire_document
from portal.common.models import AuditEvent
from portal.common.refusals import Conflict, Refused
from portal.members.models import Role
from tests.cast import Cast, give, make_person
from tests.knowledge.helpers import approve, load_rows, make_approved, make_document, make_draft, row, write_rows

pytestmark = pytest.mark.django_db


def approved(folder: Path, cast: Cast, slug: str = "a") -> Revision:
    return make_approved(folder, slug, cast.reviewer, title="Next")


def test_an_editor_publishes_what_is_approved(tmp_path: Path, cast: Cast) -> None:
    first = make_document(tmp_path, "a").current_revision
    document = publish_revision(revision=approved(tmp_path, cast), by=cast.editor)
    assert document.current_revision is not None
    assert (document.current_revision.number, document.current_revision.published_by) == (2, cast.editor)
    assert document.version == 2
    assert first is not None
    first.refresh_from_db()
    assert first.state == "superseded"
    event = AuditEvent.objects.get(action="document.publish")
    assert (event.actor, event.object_id, event.detail) == (cast.editor.email, "a", {"revision": 2})


def test_publishing_twice_is_a_conflict(tmp_path: Path, cast: Cast) -> None:
    revision = approved(tmp_path, cast)
    publish_revision(revision=revision, by=cast.editor)
    with pytest.raises(Conflict, match="Revision 1 is published; only an approved revision"):
        publish_revision(revision=revision, by=cast.editor)


def test_nobody_publishes_what_they_wrote(tmp_path: Path, cast: Cast) -> None:
    import_documents(path=write_rows(tmp_path, row("a")), by=cast.editor, draft=True)
    revision = Revision.objects.get()
    other = make_person("third@network.example", "Third")
    revision.contributors.add(give(other, Role.Name.EDITOR))
    approve(revision, cast.lead)
    for person in (cast.editor, other):
        with pytest.raises(Refused, match="Someone other than its author"):
            publish_revision(revision=revision, by=person)
    publish_revision(revision=revision, by=cast.reviewer)


@pytest.mark.parametrize("state", ["draft", "in-review", "returned"])
def test_only_what_is_approved_is_published_by_a_person(tmp_path: Path, cast: Cast, state: str) -> None:
    revision = make_draft(tmp_path, "a")
    if state != "draft":
        Revision.objects.filter(pk=revision.pk).update(state="in-review", approvals_needed=1)
        Revision.objects.filter(pk=revision.pk).update(state=state)
    with pytest.raises(Conflict, match="only an approved revision is published"):
        publish_revision(revision=revision, by=cast.editor)
    if state == "draft":
        publish_revision(revision=revision, by="a command")
        return
    with pytest.raises(Conflict):
        publish_revision(revision=revision, by="a command")


def test_publishing_takes_the_revision_s_specialties_in_their_order(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a", specialties=["cardiology"])
    draft = make_draft(tmp_path, "a", specialties=["neurology", "cardiology"], title="Next")
    assert [place.slug for place in document.specialties.all()] == ["cardiology"], "not before it is published"
    publish_revision(revision=approve(draft, cast.reviewer), by=cast.editor)
    places = document.specialties.through.objects.filter(document=document).order_by("pk")
    assert list(places.values_list("specialty__slug", flat=True)) == ["neurology", "cardiology"]


@pytest.mark.parametrize(
    "who", ["clinician_prairie", "admin_prairie", "specialist", "lead", "network_admin", "auditor"]
)
def test_others_neither_publish_nor_retire(tmp_path: Path, cast: Cast, who: str) -> None:
    document, person = make_document(tmp_path, "a"), getattr(cast, who)
    revision = approved(tmp_path, cast)
    with pytest.raises(Refused, match="Only editors"):
        publish_revision(revision=revision, by=person)
    with pytest.raises(Refused, match="Only editors"):
        retire_document(document=document, by=person)


def test_retiring_and_returning(tmp_path: Path, cast: Cast) -> None:
    document = retire_document(document=make_document(tmp_path, "a"), by=cast.editor, because="It is  wrong.")
    assert document.retired_at
    assert document.retired_because == "It is wrong."
    assert document.version == 2
    assert not Document.objects.published().exists()
    assert document.current_revision is not None
    document.current_revision.refresh_from_db()
    assert document.current_revision.state == "retired"
    with pytest.raises(Conflict, match="retired already"):
        retire_document(document=document, by=cast.editor)
    document = publish_revision(revision=approved(tmp_path, cast), by=cast.editor)
    assert document.retired_at is None
    assert document.retired_because == ""
    assert list(document.revisions.values_list("state", flat=True)) == ["published", "retired"]


def test_visible_to(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "published")
    retire_document(document=make_document(tmp_path, "retired"), by="test")
    load_rows(tmp_path, row("draft"), draft=True)
    retire_document(document=make_draft(tmp_path, "draft-retired").document, by="test")

    def seen(person: object) -> list[str]:
        return list(Document.objects.visible_to(person).values_list("slug", flat=True))  # type: ignore[arg-type]

    for person in (cast.clinician_prairie, cast.admin_prairie, cast.specialist, cast.network_admin, cast.auditor):
        assert seen(person) == ["published", "retired"]
    assert seen(cast.editor) == ["draft", "draft-retired", "published", "retired"]
    cast.clinician_prairie.roles.all().delete()
    cast.clinician_prairie.__dict__.pop("actor", None)
    assert seen(cast.clinician_prairie) == []


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
