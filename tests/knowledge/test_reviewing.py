"""Sending to review, deciding, giving back and withdrawing: what happens, who may, and what is told."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from knowledge.models import Document, Recommendation, Reference, Review, Revision
from knowledge.services import add_remark, decide, submit_revision, withdraw_submission
from knowledge.services.returning import LIFE
from portal.common.models import AuditEvent, Mail
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person
from tests.cast import Cast, away
from tests.knowledge.helpers import make_document
from tests.knowledge.reviews import approved, drafted, in_days, review_of, submitted, told

pytestmark = pytest.mark.django_db
PARTS: dict[str, Any] = {
    "recommendations": [{"key": "dose", "text": "Give 5 mg.", "strength": "strong", "grade": "low"}],
    "references": [{"citation": "A source.", "year": 2020}],
}
OTHERS = ["clinician_prairie", "admin_prairie", "specialist2", "network_admin", "auditor"]


def actions(slug: str = "a") -> list[str]:
    events = AuditEvent.objects.filter(object_id=slug, action__startswith="review.").order_by("pk")
    return [event.action.removeprefix("review.") for event in events]


def test_submitting_freezes_and_asks(tmp_path: Path, cast: Cast) -> None:
    draft = drafted(tmp_path, cast.editor)
    revision = submit_revision(
        revision=draft, reviewers=[(cast.reviewer, cast.lead)], due_on=in_days(7), by=cast.editor
    )
    assert (revision.state, revision.approvals_needed, revision.submitted_by) == ("in-review", 1, cast.editor)
    assert revision.submitted_at
    review = Review.objects.get()
    assert (review.reviewer, review.deputy, review.asked_by) == (cast.reviewer, cast.lead, cast.editor)
    assert [text[:28] for text in told(cast.reviewer)] == ["You are asked to review “Abo"]
    assert told(cast.lead) == []
    assert actions() == ["submit"]
    assert "A paragraph" not in "".join(Mail.objects.values_list("body", flat=True))


def test_a_deputy_of_one_who_is_away_is_told_at_once(tmp_path: Path, cast: Cast) -> None:
    away(cast.reviewer, timezone.now() + timedelta(days=9))
    cast.reviewer.refresh_from_db()
    named = [(cast.reviewer, cast.lead)]
    submit_revision(revision=drafted(tmp_path, cast.editor), reviewers=named, due_on=in_days(7), by=cast.editor)
    assert ["you decide as their deputy" in text for text in told(cast.lead)] == [True]


@pytest.mark.parametrize(("kind", "needed"), [("protocol", 2), ("topic", 1), ("notice", 1)])
def test_as_many_reviewers_as_the_kind_needs(tmp_path: Path, cast: Cast, kind: str, needed: int) -> None:
    draft = drafted(tmp_path, cast.editor, kind=kind)
    people = [(cast.reviewer, None), (cast.lead, None)]
    with pytest.raises(Invalid) as refusal:
        submit_revision(revision=draft, reviewers=people[: needed - 1], due_on=in_days(7), by=cast.editor)
    assert refusal.value.fields.keys() == {"reviewers"}
    submit_revision(revision=draft, reviewers=people[:needed], due_on=in_days(7), by=cast.editor)


def test_who_may_be_named(tmp_path: Path, cast: Cast) -> None:
    draft = drafted(tmp_path, cast.editor, specialties=["neurology"])
    draft.contributors.add(cast.reviewer)

    def named(*pairs: tuple[Person, Person | None]) -> str:
        with pytest.raises(Invalid) as refusal:
            submit_revision(revision=draft, reviewers=pairs, due_on=in_days(7), by=cast.editor)
        return refusal.value.fields["reviewers"]

    for person in (cast.editor, cast.reviewer):
        assert "wrote any of it" in named((person, None))
    for who in (*OTHERS, "lead", "specialist"):
        assert "Only editors, and specialists" in named((getattr(cast, who), None)), who
    Revision.objects.filter(pk=draft.pk).update(specialty_slugs=["cardiology"])
    assert "wrote any of it" in named((cast.lead, cast.editor))
    assert "Only editors" in named((cast.lead, cast.clinician_prairie))
    for pairs in (
        [(cast.lead, cast.lead)],
        [(cast.lead, None), (cast.lead, None)],
        [(cast.lead, cast.specialist), (cast.specialist, None)],
    ):
        assert "once" in named(*pairs)
    Person.objects.filter(pk=cast.lead.pk).update(is_active=False, deactivated_at=timezone.now())
    cast.lead.refresh_from_db()
    assert "closed" in named((cast.lead, None))
    assert not Review.objects.exists()
    submit_revision(revision=draft, reviewers=[(cast.specialist, None)], due_on=in_days(7), by=cast.editor)


@pytest.mark.parametrize("days", [-1, 366])
def test_the_day_is_not_past_and_near(tmp_path: Path, cast: Cast, days: int) -> None:
    with pytest.raises(Invalid) as refusal:
        submitted(tmp_path, cast, days=days)
    assert refusal.value.fields.keys() == {"due_on"}


@pytest.mark.parametrize("who", [*OTHERS, "specialist", "lead"])
def test_only_an_editor_submits(tmp_path: Path, cast: Cast, who: str) -> None:
    draft = drafted(tmp_path, cast.editor)
    with pytest.raises(Refused, match="Only editors"):
        submit_revision(revision=draft, reviewers=[(cast.reviewer, None)], due_on=in_days(7), by=getattr(cast, who))


def test_only_a_draft_is_submitted_and_only_once(tmp_path: Path, cast: Cast) -> None:
    revision = submitted(tmp_path, cast)
    with pytest.raises(Conflict, match="no draft"):
        submit_revision(revision=revision, reviewers=[(cast.reviewer, None)], due_on=in_days(7), by=cast.editor)
    empty = drafted(tmp_path, cast.editor, "b")
    Revision.objects.filter(pk=empty.pk).update(body=" ")
    with pytest.raises(Conflict, match="without a title or a text"):
        submit_revision(revision=empty, reviewers=[(cast.reviewer, None)], due_on=in_days(7), by=cast.editor)


def test_a_half_written_draft_is_not_sent(tmp_path: Path, cast: Cast) -> None:
    draft = drafted(tmp_path, cast.editor)
    Revision.objects.filter(pk=draft.pk).update(body="See [this](document:nowhere).")
    with pytest.raises(Conflict, match="is not complete: body"):
        submit_revision(revision=draft, reviewers=[(cast.reviewer, cast.lead)], due_on=in_days(7), by=cast.editor)
    draft.refresh_from_db()
    assert draft.state == Revision.State.DRAFT
    assert told(cast.reviewer) == []


def test_approved_by_as_many_as_it_needs(tmp_path: Path, cast: Cast) -> None:
    revision = submitted(tmp_path, cast, cast.reviewer, cast.lead, cast.specialist, kind="protocol")
    revision = decide(review=review_of(revision, cast.reviewer), decision="approved", by=cast.reviewer)
    assert revision.state == "in-review"
    revision = decide(review=review_of(revision, cast.lead), decision="approved", reason=" Good. ", by=cast.lead)
    assert revision.state == "approved"
    assert review_of(revision, cast.lead).reason == "Good."
    assert "is approved and can be published" in told(cast.editor)[-1]
    assert "Your review is not needed any more" in told(cast.specialist)[-1]
    assert actions() == ["submit", "approve", "approve", "approved"]
    with pytest.raises(Conflict, match="not in review any more: approved"):
        decide(review=review_of(revision, cast.specialist), decision="changes", reason="x", by=cast.specialist)


def test_asking_for_changes_gives_it_back_as_a_copy(tmp_path: Path, cast: Cast) -> None:
    first = make_document(tmp_path, "a").current_revision
    draft = drafted(tmp_path, cast.editor, title="Next", keywords=["k"], codes=["A41.9"], **PARTS)
    draft.contributors.add(cast.specialist)
    revision = submit_revision(
        revision=draft, reviewers=[(cast.reviewer, None), (cast.lead, None)], due_on=in_days(7), by=cast.editor
    )
    with pytest.raises(Invalid) as refusal:
        decide(review=review_of(revision, cast.lead), decision="changes", reason="  ", by=cast.lead)
    assert refusal.value.fields.keys() == {"reason"}
    revision = decide(review=review_of(revision, cast.lead), decision="changes", reason="The dose.", by=cast.lead)
    assert revision.state == "returned"
    copy = Revision.objects.get(state="draft")
    assert (copy.number, copy.based_on, copy.author) == (3, first, cast.editor)
    assert list(copy.contributors.all()) == [cast.specialist]
    for field in Revision._meta.fields:
        if field.name not in LIFE | {"based_on"}:
            assert getattr(copy, field.name) == getattr(revision, field.name), field.name
    for part in (Recommendation, Reference):
        one, other = (
            [
                {name: value for name, value in row.items() if name not in ("id", "revision_id")}
                for row in part._default_manager.filter(revision=row).values()
            ]
            for row in (revision, copy)
        )
        assert one == other != []
    assert "asks for changes" in told(cast.editor)[-1]
    assert "given back to its author. Your review is not needed" in told(cast.reviewer)[-1]
    copy.contributors.clear()
    copy.title = "Editable"
    copy.save()
    copy.recommendations.all().delete()


def test_every_field_of_a_revision_is_copied_or_begins_anew() -> None:
    fields = {field.name for field in Revision._meta.fields}
    assert fields >= LIFE
    assert {"title", "summary", "body", "calculator", "specialty_slugs", "author"} <= fields - LIFE


def test_a_second_round_keeps_what_the_first_was_based_on(tmp_path: Path, cast: Cast) -> None:
    first = make_document(tmp_path, "a").current_revision
    revision = submitted(tmp_path, cast, cast.reviewer, title="Next")
    for number in (3, 4):
        decide(review=review_of(revision, cast.reviewer), decision="changes", reason="More.", by=cast.reviewer)
        draft = Revision.objects.get(state="draft")
        assert (draft.number, draft.based_on) == (number, first)
        revision = submit_revision(revision=draft, reviewers=[(cast.reviewer, None)], due_on=in_days(3), by=cast.editor)
    decide(review=review_of(revision, cast.reviewer), decision="approved", by=cast.reviewer)
    states = Document.objects.get().revisions.order_by("number").values_list("state", flat=True)
    assert list(states) == ["published", "returned", "returned", "approved"]


@pytest.mark.parametrize("who", [*OTHERS, "specialist", "lead", "editor"])
def test_nobody_else_decides(tmp_path: Path, cast: Cast, who: str) -> None:
    revision = submitted(tmp_path, cast, cast.reviewer)
    for decision in Review.Decision.values:
        with pytest.raises(Refused):
            decide(review=review_of(revision, cast.reviewer), decision=decision, reason="x", by=getattr(cast, who))
    assert not Review.objects.exclude(decision="").exists()


def test_a_deputy_decides_only_while_the_reviewer_is_away(tmp_path: Path, cast: Cast) -> None:
    revision = submit_revision(
        revision=drafted(tmp_path, cast.editor),
        reviewers=[(cast.reviewer, cast.lead)],
        due_on=in_days(7),
        by=cast.editor,
    )
    with pytest.raises(Refused, match="only while the reviewer is away"):
        decide(review=review_of(revision, cast.reviewer), decision="approved", by=cast.lead)
    away(cast.reviewer, timezone.now() + timedelta(hours=1))
    revision = decide(review=review_of(revision, cast.reviewer), decision="approved", by=cast.lead)
    assert revision.state == "approved"
    assert review_of(revision, cast.reviewer).decided_by == cast.lead
    with pytest.raises(Conflict, match=f"{cast.lead.name} has decided"):
        decide(review=review_of(revision, cast.reviewer), decision="changes", reason="x", by=cast.reviewer)


def test_who_lost_their_specialty_decides_no_more(tmp_path: Path, cast: Cast) -> None:
    revision = submitted(tmp_path, cast, cast.lead)
    cast.lead.roles.filter(specialty=cast.cardiology).delete()
    person = Person.objects.get(pk=cast.lead.pk)
    with pytest.raises(Refused, match="Only editors, and specialists"):
        decide(review=review_of(revision, cast.lead), decision="approved", by=person)


@pytest.mark.parametrize("decision", ["", "rejected"])
def test_a_decision_is_one_of_two(tmp_path: Path, cast: Cast, decision: str) -> None:
    revision = submitted(tmp_path, cast, cast.reviewer)
    with pytest.raises(Invalid) as refusal:
        decide(review=review_of(revision, cast.reviewer), decision=decision, by=cast.reviewer)
    assert refusal.value.fields.keys() == {"decision"}
    with pytest.raises(Invalid, match="At most 2,000"):
        decide(review=review_of(revision, cast.reviewer), decision="approved", reason="x" * 2001, by=cast.reviewer)


def test_withdrawing_keeps_it_as_history_and_opens_a_draft(tmp_path: Path, cast: Cast) -> None:
    revision = submitted(tmp_path, cast, cast.lead)
    draft = withdraw_submission(revision=revision, by=cast.reviewer)
    assert (draft.state, draft.number, draft.author) == ("draft", 2, cast.editor)
    revision.refresh_from_db()
    assert revision.state == "returned"
    assert "was withdrawn from review. Your review is not needed" in told(cast.lead)[-1]
    assert "was withdrawn" in told(cast.editor)[-1]
    with pytest.raises(Conflict, match="not under review"):
        withdraw_submission(revision=revision, by=cast.editor)
    with pytest.raises(Conflict, match="not in review any more"):
        decide(review=review_of(revision, cast.lead), decision="approved", by=cast.lead)


def test_what_is_approved_may_be_withdrawn_too(tmp_path: Path, cast: Cast) -> None:
    draft = withdraw_submission(revision=approved(tmp_path, cast), by=cast.editor)
    assert draft.number == 2


@pytest.mark.parametrize("who", [*OTHERS, "specialist", "lead"])
def test_only_its_author_and_editors_withdraw(tmp_path: Path, cast: Cast, who: str) -> None:
    revision = submitted(tmp_path, cast, cast.lead)
    with pytest.raises(Refused):
        withdraw_submission(revision=revision, by=getattr(cast, who))


def seen(person: Person) -> set[str]:
    return {row.document.slug for row in Revision.objects.visible_to(person).select_related("document")}


def test_a_reviewer_and_a_deputy_read_what_they_review_and_nothing_else(tmp_path: Path, cast: Cast) -> None:
    drafted(tmp_path, cast.editor, "draft")
    submitted(tmp_path, cast, cast.reviewer, slug="other")
    mine = drafted(tmp_path, cast.editor, "mine")
    named = [(cast.lead, cast.specialist)]
    revision = submit_revision(revision=mine, reviewers=named, due_on=in_days(7), by=cast.editor)
    assert seen(cast.lead) == seen(cast.specialist) == {"mine"}
    for who in OTHERS:
        assert seen(getattr(cast, who)) == set(), who
        assert not Revision.objects.under_review_for(getattr(cast, who)).exists()
    assert seen(cast.editor) == {"draft", "other", "mine"}
    decide(review=review_of(revision, cast.lead), decision="changes", reason="x", by=cast.lead)
    assert [row.number for row in Revision.objects.visible_to(cast.lead)] == [1], "not the draft that follows"
    cast.lead.roles.all().delete()
    assert seen(Person.objects.get(pk=cast.lead.pk)) == set()


def test_nothing_that_is_told_or_recorded_says_what_was_written(tmp_path: Path, cast: Cast) -> None:
    revision = submitted(tmp_path, cast, cast.lead, cast.reviewer, body="A wombat in the text.")
    add_remark(revision=revision, place="body", quote="wombat", text="A numbat, surely.", by=cast.lead)
    decide(review=review_of(revision, cast.lead), decision="changes", reason="No marsupials.", by=cast.lead)
    words = [*Mail.objects.values_list("body", flat=True), *Mail.objects.values_list("subject", flat=True)]
    words += [str(event.detail) for event in AuditEvent.objects.all()]
    for word in ("wombat", "numbat", "marsupial"):
        assert word not in " ".join(words)
    assert "There are remarks on" in " ".join(told(cast.editor))
