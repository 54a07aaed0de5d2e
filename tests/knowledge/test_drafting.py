"""Drafts: begun, saved half written, merged when two write at once, never lost, and only by editors."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from knowledge.drafts import DraftContent, DraftRow
from knowledge.merging import Choice
from knowledge.models import Document, DraftDesk, DraftSave, Revision
from knowledge.services import drafting, import_documents, publish_revision, retire_document
from knowledge.sources import stored
from portal.common.models import AuditEvent
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person
from tests.cast import Cast
from tests.knowledge.helpers import load_rows, make_document, row, write_rows
from tests.knowledge.test_importing import CALCULATOR

pytestmark = pytest.mark.django_db
OTHERS = (
    "clinician_prairie",
    "admin_prairie",
    "clinician_lakeside",
    "specialist",
    "lead",
    "network_admin",
    "auditor",
)
RECOMMENDATION = {
    "key": "first",
    "text": "Give oxygen.",
    "strength": "strong",
    "grade": "high",
    "evidence": "One trial.",
    "verified_on": "2026-01-01",
    "verified_by": "Dr. A",
    "due_on": "2027-01-01",
}
REFERENCE = {"citation": "A paper", "year": 2020, "identifier": "pmid:1", "url": "https://example.org/a"}


@pytest.fixture
def document(tmp_path: Path) -> Document:
    body = "## One\n\nFirst line.\n\n## Two\n\nSecond line."
    return make_document(
        tmp_path, "oxygen", body=body, codes=["J96.0"], recommendations=[RECOMMENDATION], references=[REFERENCE]
    )


def save(revision: Revision, content: DraftContent, by: Person, edition: int, **more: Any) -> drafting.Saved:
    return drafting.save_draft(revision=revision, content=content, edition=edition, by=by, **more)


def test_a_new_document_is_a_draft_of_its_maker(cast: Cast) -> None:
    draft = drafting.new_document(kind="topic", tool_type="", slug="air", title="  About   air ", by=cast.editor)
    assert (draft.document.slug, draft.title, draft.number, draft.state) == ("air", "About air", 1, "draft")
    assert draft.author == draft.changed_by == draft.document.owner == cast.editor
    assert {problem.field for problem in drafting.draft_problems(draft)} == {"body", "specialties"}
    assert AuditEvent.objects.filter(action="document.create", object_id="air").exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"slug": "manage"}, "slug"),
        ({"slug": "new"}, "slug"),
        ({"slug": "no spaces"}, "slug"),
        ({"slug": "OXYGEN"}, "slug"),
        ({"title": " "}, "title"),
        ({"kind": "poem"}, "kind"),
        ({"kind": "tool"}, "tool_type"),
    ],
)
def test_a_new_document_names_what_is_wrong(cast: Cast, document: Document, values: dict[str, str], field: str) -> None:
    given = {"kind": "topic", "tool_type": "", "slug": "air", "title": "Air"} | values
    with pytest.raises(Invalid) as invalid:
        drafting.new_document(**given, by=cast.editor)
    assert field in invalid.value.fields


@pytest.mark.parametrize("who", OTHERS)
def test_only_editors_write(cast: Cast, document: Document, who: str) -> None:
    person = getattr(cast, who)
    draft = drafting.open_draft(document=document, by=cast.editor)
    with pytest.raises(Refused):
        drafting.open_draft(document=document, by=person)
    with pytest.raises(Refused):
        drafting.new_document(kind="topic", tool_type="", slug="b", title="B", by=person)
    with pytest.raises(Refused):
        save(draft, DraftContent(), person, 0)
    with pytest.raises(Refused):
        drafting.discard_draft(revision=draft, by=person)


def test_a_draft_says_what_the_document_says_and_hashes_as_it_does(cast: Cast, document: Document) -> None:
    draft = drafting.open_draft(document=document, by=cast.editor)
    current = document.current_revision
    assert current is not None
    assert draft.based_on == current
    assert draft.content_hash == current.content_hash
    assert drafting.open_draft(document=document, by=cast.reviewer) == draft
    assert [vars(part)["text"] for part in draft.recommendations.all()] == ["Give oxygen."]
    assert draft.specialty_slugs == ["cardiology"]
    assert not drafting.draft_problems(draft)


def test_saving_without_a_change_changes_nothing(cast: Cast, document: Document) -> None:
    draft = drafting.open_draft(document=document, by=cast.editor)
    saved = save(draft, drafting.content_of(draft), cast.editor, 0)
    assert saved.revision.edition == 0
    assert saved.revision.content_hash == draft.content_hash


def test_a_calculator_survives_being_edited(cast: Cast, tmp_path: Path) -> None:
    document = make_document(tmp_path, "score", kind="tool", tool_type="calculator", calculator=CALCULATOR)
    draft = drafting.open_draft(document=document, by=cast.editor)
    content = drafting.content_of(draft)
    assert content.calculator.startswith("name: ")
    saved = save(draft, replace(content, title="Another title"), cast.editor, 0)
    assert document.current_revision is not None
    assert saved.revision.calculator == document.current_revision.calculator
    half = save(draft, replace(content, calculator="name: [half"), cast.editor, 1)
    assert half.revision.calculator is None
    assert drafting.content_of(half.revision).calculator == "name: [half"
    [problem] = drafting.draft_problems(half.revision)
    assert (problem.field, "line 1" in problem.fix) == ("calculator", True)


def test_half_written_things_are_kept_as_typed(cast: Cast, document: Document) -> None:
    draft = drafting.open_draft(document=document, by=cast.editor)
    typed = DraftContent(
        title="t" * 400,
        body="```mermaid\nflow",
        review_due="next year",
        codes=("not a code", "I10"),
        recommendations=(
            DraftRow("first", {"text": "", "verified_on": "2027-05-05", "due_on": "2026-01-01", "grade": "odd"}),
            DraftRow("first", {"text": "Twice the same key"}),
            DraftRow("empty", {"text": " "}),
        ),
        references=(DraftRow("ref-1", {"citation": "", "year": "20x", "url": "javascript:alert(1)"}),),
    )
    saved = save(draft, typed, cast.editor, 0)
    assert saved.is_stored
    draft = Revision.objects.get(pk=draft.pk)
    again = drafting.content_of(draft)
    assert (again.title, again.body, again.review_due) == (typed.title, typed.body, typed.review_due)
    assert [part.values["text"] for part in again.recommendations] == ["", "Twice the same key", " "]
    assert again.references[0].values["year"] == "20x"
    assert len(draft.title) == 300
    problems = drafting.field_problems(document, again)
    found = {(problem.field, problem.row, problem.part) for problem in problems}
    assert {
        ("title", None, ""),
        ("body", None, ""),
        ("review_due", None, ""),
        ("codes", None, ""),
        ("specialties", None, ""),
        ("recommendations", 0, "text"),
        ("recommendations", 0, "due_on"),
        ("recommendations", 0, "grade"),
        ("references", 0, "citation"),
        ("references", 0, "year"),
        ("references", 0, "url"),
    } <= found


def test_others_who_save_are_contributors(cast: Cast, document: Document) -> None:
    draft = drafting.open_draft(document=document, by=cast.editor)
    content = drafting.content_of(draft)
    save(draft, replace(content, title="By the author"), cast.editor, 0)
    assert not draft.contributors.exists()
    saved = save(draft, replace(content, title="By another"), cast.reviewer, 0, choices=[Choice.MINE], against=1)
    assert saved.is_stored
    assert list(draft.contributors.all()) == [cast.reviewer]
    assert saved.revision.is_written_by(cast.reviewer)


def test_changes_in_different_places_meet(cast: Cast, document: Document) -> None:
    draft = drafting.open_draft(document=document, by=cast.editor)
    begun = drafting.content_of(draft)
    save(draft, replace(begun, body=begun.body.replace("First", "Prime")), cast.editor, 0, tab="a")
    mine = replace(begun, body=begun.body.replace("Second", "Latter"), title="New title", codes=("J96.0", "I10"))
    saved = save(draft, mine, cast.reviewer, 0, tab="b")
    assert saved.is_stored
    assert saved.merged_with == (cast.editor.name,)
    assert "Prime line." in saved.content.body
    assert "Latter line." in saved.content.body
    assert (saved.revision.title, saved.revision.codes) == ("New title", ["J96.0", "I10"])
    # The page of the second still shows what it sent, and goes on from that.
    further = replace(mine, body=mine.body.replace("Latter", "Last"))
    saved = save(draft, further, cast.reviewer, saved.revision.edition, tab="b")
    assert saved.is_stored
    assert "Prime line." in saved.content.body
    assert "Last line." in saved.content.body


def test_the_same_place_changed_twice_is_asked_about_and_nothing_is_lost(cast: Cast, document: Document) -> None:
    draft = drafting.open_draft(document=document, by=cast.editor)
    begun = drafting.content_of(draft)
    save(draft, replace(begun, body=begun.body.replace("First", "Prime")), cast.editor, 0, tab="a")
    mine = replace(begun, body=begun.body.replace("First", "Foremost"), title="New title")
    saved = save(draft, mine, cast.reviewer, 0, tab="b")
    assert not saved.is_stored
    [spot] = saved.spots
    assert (spot.label, spot.mine, spot.theirs) == ("Text", "Foremost line.", "Prime line.")
    aside = drafting.aside_of(draft, cast.reviewer)
    assert aside is not None
    assert aside == (mine, 0)
    assert drafting.aside_of(draft, cast.editor) is None
    assert Revision.objects.get(pk=draft.pk).title == begun.title
    stale = save(draft, mine, cast.reviewer, 0, tab="b", choices=[Choice.MINE], against=0)
    assert not stale.is_stored
    saved = save(draft, mine, cast.reviewer, 0, tab="b", choices=[Choice.BOTH], against=1)
    assert saved.is_stored
    assert "Foremost line.\nPrime line." in saved.content.body
    assert saved.content.title == "New title"
    assert drafting.aside_of(draft, cast.reviewer) is None


def test_a_lost_answer_does_not_make_a_page_a_stranger_to_itself(cast: Cast, document: Document) -> None:
    draft = drafting.open_draft(document=document, by=cast.editor)
    begun = drafting.content_of(draft)
    save(draft, replace(begun, title="One"), cast.editor, 0, tab="a")
    saved = save(draft, replace(begun, title="Two"), cast.editor, 0, tab="a")
    assert saved.is_stored
    assert saved.content.title == "Two"
    saved = save(draft, replace(begun, title="Three"), cast.editor, 0, tab="another")
    assert [spot.label for spot in saved.spots] == ["Title"]
    assert saved.merged_with == ("you, on another page",)


def test_rows_are_merged_field_by_field_and_a_changed_one_is_not_taken_out(cast: Cast, document: Document) -> None:
    draft = drafting.open_draft(document=document, by=cast.editor)
    begun = drafting.content_of(draft)
    [row_] = begun.recommendations
    regraded = replace(begun, recommendations=(DraftRow("first", {**row_.values, "grade": "low"}),))
    save(draft, regraded, cast.editor, 0, tab="a")
    added = DraftRow("second", {"text": "Stop."})
    reworded = DraftRow("first", {**row_.values, "text": "Give oxygen at once."})
    saved = save(draft, replace(begun, recommendations=(added, reworded)), cast.reviewer, 0, tab="b")
    assert saved.is_stored
    texts = {part.key: (part.text, part.grade) for part in saved.revision.recommendations.all()}
    assert texts == {"first": ("Give oxygen at once.", "low"), "second": ("Stop.", "")}
    without = replace(begun, recommendations=())
    saved = save(draft, without, cast.editor, 0, tab="c")
    assert {part.key for part in saved.content.recommendations} == {"first", "second"}


def test_an_edition_forgotten_is_compared_whole(
    cast: Cast, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "KEPT_SAVES", 2)
    draft = drafting.open_draft(document=document, by=cast.editor)
    begun = drafting.content_of(draft)
    for number in range(4):
        save(draft, replace(begun, title=f"Title {number}"), cast.editor, number, tab="a")
    assert DraftSave.objects.count() == 2
    saved = save(draft, replace(begun, summary="Other"), cast.reviewer, 0, tab="b")
    assert {spot.label for spot in saved.spots} == {"Title", "Summary"}


def test_an_imported_draft_can_be_written_on_by_two(cast: Cast, tmp_path: Path) -> None:
    load_rows(tmp_path, row("in"), draft=True)
    draft = Revision.objects.get()
    begun = drafting.content_of(draft)
    save(draft, replace(begun, title="One"), cast.editor, 0, tab="a")
    saved = save(draft, replace(begun, summary="Two"), cast.reviewer, 0, tab="b")
    assert (saved.content.title, saved.content.summary) == ("One", "Two")


def test_what_was_sent_on_takes_no_more_and_its_saves_are_gone(cast: Cast, document: Document) -> None:
    draft = drafting.open_draft(document=document, by=cast.editor)
    save(draft, replace(drafting.content_of(draft), title="New"), cast.editor, 0)
    drafting.enter(revision=draft, by=cast.reviewer)
    publish_revision(revision=draft, by="test")
    assert not DraftSave.objects.exists()
    assert not DraftDesk.objects.exists()
    with pytest.raises(Conflict):
        save(draft, DraftContent(title="Late"), cast.editor, 1)
    with pytest.raises(Conflict):
        drafting.discard_draft(revision=draft, by=cast.editor)


def test_nothing_is_opened_while_a_revision_is_under_review(cast: Cast, document: Document) -> None:
    draft = drafting.open_draft(document=document, by=cast.editor)
    Revision.objects.filter(pk=draft.pk).update(state="in-review", approvals_needed=1)
    with pytest.raises(Conflict, match="in review"):
        drafting.open_draft(document=document, by=cast.editor)
    Revision.objects.filter(pk=draft.pk).update(state="returned")
    again = drafting.open_draft(document=document, by=cast.reviewer)
    assert (again.number, again.based_on) == (3, document.current_revision)


def test_a_draft_sent_back_is_gone_on_with(cast: Cast, document: Document) -> None:
    draft = drafting.open_draft(document=document, by=cast.editor)
    save(draft, replace(drafting.content_of(draft), title="Better"), cast.editor, 0)
    Revision.objects.filter(pk=draft.pk).update(state="in-review", approvals_needed=1)
    Revision.objects.filter(pk=draft.pk).update(state="returned")
    assert drafting.open_draft(document=document, by=cast.editor).title == "Better"


def test_discarding_leaves_what_is_published_and_nothing_of_what_never_was(cast: Cast, document: Document) -> None:
    drafting.discard_draft(revision=drafting.open_draft(document=document, by=cast.editor), by=cast.reviewer)
    assert [revision.number for revision in document.revisions.all()] == [1]
    new = drafting.new_document(kind="topic", tool_type="", slug="air", title="Air", by=cast.editor)
    drafting.discard_draft(revision=new, by=cast.editor)
    assert not Document.objects.filter(slug="air").exists()


def test_who_else_is_at_the_draft_is_said(cast: Cast, document: Document) -> None:
    draft = drafting.open_draft(document=document, by=cast.editor)
    assert drafting.enter(revision=draft, by=cast.editor) == []
    [other] = drafting.enter(revision=draft, by=cast.reviewer)
    assert (other.name, other.saved_at) == (cast.editor.name, None)
    save(draft, replace(drafting.content_of(draft), title="New"), cast.editor, 0)
    assert drafting.others_at(draft, cast.reviewer)[0].saved_at is not None


def test_links_and_pictures_that_lead_nowhere_are_problems(cast: Cast, document: Document, tmp_path: Path) -> None:
    old = make_document(tmp_path, "old")
    retire_document(document=old, by="test")
    draft = drafting.open_draft(document=document, by=cast.editor)
    body = "[a](document:oxygen) [b](document:old) [c](document:none) ![](attachment:x.png) [p](attachment:y.pdf)"
    saved = save(draft, replace(drafting.content_of(draft), body=body), cast.editor, 0)
    text = " ".join(problem.fix for problem in drafting.draft_problems(saved.revision))
    for part in ("document:none, which is no document", "document:old, which is retired", "x.png, which is not"):
        assert part in text
    for part in ("picture x.png without words", "y.pdf, which is not attached"):
        assert part in text
    assert "document:oxygen" not in text


def test_a_saved_draft_once_published_is_what_an_export_gives_back(
    cast: Cast, document: Document, tmp_path: Path
) -> None:
    draft = drafting.open_draft(document=document, by=cast.editor)
    content = replace(drafting.content_of(draft), title="New title", body="Other\n\ntext")
    saved = save(draft, content, cast.editor, 0)
    publish_revision(revision=saved.revision, by="test")
    document.refresh_from_db()
    document = Document.objects.select_related("current_revision").get(pk=document.pk)
    assert stored([document])[0].content_hash == saved.revision.content_hash
    values, _ = content.mapping(document)
    done = import_documents(path=write_rows(tmp_path, values, name="again.jsonl"), by="test")
    assert (done.changed, done.unchanged) == (0, 1)
