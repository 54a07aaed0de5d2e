"""The states of a revision: Python and the database hold to the same table; and the walls around reviews."""

from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from knowledge.lifecycle import APPROVALS, approvals_needed, may_follow
from knowledge.models import Document, Review, Revision
from portal.members.models import Person
from tests.cast import Cast
from tests.knowledge.helpers import make_document

pytestmark = pytest.mark.django_db
State = Revision.State
# The way to each state, and what a row must have to be in it.
WAYS: dict[str, list[str]] = {
    State.DRAFT: [],
    State.IN_REVIEW: [State.IN_REVIEW],
    State.RETURNED: [State.IN_REVIEW, State.RETURNED],
    State.APPROVED: [State.IN_REVIEW, State.APPROVED],
    State.SCHEDULED: [State.IN_REVIEW, State.APPROVED, State.SCHEDULED],
    State.PUBLISHED: [State.PUBLISHED],
    State.SUPERSEDED: [State.PUBLISHED, State.SUPERSEDED],
    State.RETIRED: [State.PUBLISHED, State.RETIRED],
}


def move(revision: Revision, state: str) -> None:
    now = timezone.now()
    fields: dict[str, Any] = {"state": state, "scheduled_for": now if state == State.SCHEDULED else None}
    if state == State.PUBLISHED:
        fields["published_at"] = now
    if state == State.IN_REVIEW and revision.state == State.DRAFT:
        fields["approvals_needed"] = 1
    Revision.objects.filter(pk=revision.pk).update(**fields)
    revision.refresh_from_db()


def draft(author: Person, slug: str = "a") -> Revision:
    document = Document.objects.create(slug=slug, kind="notice")
    return Revision.objects.create(document=document, number=1, title="A", body="B", content_hash="x", author=author)


def approve(revision: Revision, by: Person) -> Review:
    return Review.objects.create(
        revision=revision,
        reviewer=by,
        due_on=date(2027, 1, 1),
        decision="approved",
        decided_by=by,
        decided_at=timezone.now(),
    )


@pytest.mark.parametrize(("before", "after"), [pair for pair in product(State.values, repeat=2) if pair[0] != pair[1]])
def test_the_database_holds_to_the_same_table(cast: Cast, before: str, after: str) -> None:
    revision = draft(cast.editor)
    approve(revision, cast.reviewer)
    for state in WAYS[before]:
        move(revision, state)
    assert revision.state == before
    try:
        with transaction.atomic():
            move(revision, after)
    except DatabaseError:
        assert not may_follow(before, after)
    else:
        assert may_follow(before, after)


def test_a_protocol_and_a_tool_need_two() -> None:
    assert {kind: approvals_needed(kind) for kind in Document.Kind.values} == {
        "protocol": 2,
        "topic": 1,
        "faq": 1,
        "tool": 2,
        "handout": 1,
        "notice": 1,
    }
    assert set(APPROVALS) <= set(Document.Kind.values)


def test_nobody_reviews_what_they_wrote(cast: Cast) -> None:
    revision = draft(cast.editor)
    revision.contributors.add(cast.reviewer)
    due = date(2027, 1, 1)
    for person in (cast.editor, cast.reviewer):
        assert revision.is_written_by(person)
        with pytest.raises(IntegrityError, match="cannot review"), transaction.atomic():
            Review.objects.create(revision=revision, reviewer=person, due_on=due)
        with pytest.raises(IntegrityError, match="cannot review"), transaction.atomic():
            Review.objects.create(revision=revision, reviewer=cast.lead, deputy=person, due_on=due)
    review = Review.objects.create(revision=revision, reviewer=cast.lead, due_on=due)
    for person in (cast.editor, cast.reviewer, cast.auditor):
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.filter(pk=review.pk).update(
                decision="approved", decided_by=person, decided_at=timezone.now()
            )
    Review.objects.filter(pk=review.pk).update(decision="approved", decided_by=cast.lead, decided_at=timezone.now())
    with pytest.raises(IntegrityError, match="is decided"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(reason="Other")


def test_approved_only_by_as_many_as_it_needs(cast: Cast) -> None:
    revision = draft(cast.editor)
    Revision.objects.filter(pk=revision.pk).update(state="in-review", approvals_needed=2)
    approve(revision, cast.reviewer)
    with pytest.raises(IntegrityError, match="as many as it needs"), transaction.atomic():
        Revision.objects.filter(pk=revision.pk).update(state="approved")
    with pytest.raises(IntegrityError, match="one_decision_each"), transaction.atomic():
        Review.objects.create(
            revision=revision,
            reviewer=cast.lead,
            deputy=cast.reviewer,
            due_on=date(2027, 1, 1),
            decision="approved",
            decided_by=cast.reviewer,
            decided_at=timezone.now(),
        )
    approve(revision, cast.lead)
    Revision.objects.filter(pk=revision.pk).update(state="approved")
    revision.refresh_from_db()
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        revision.contributors.add(cast.lead)


def test_one_request_for_changes_stands_against_any_approvals(cast: Cast) -> None:
    revision = draft(cast.editor)
    move(revision, State.IN_REVIEW)
    approve(revision, cast.reviewer)
    Review.objects.create(
        revision=revision,
        reviewer=cast.lead,
        due_on=date(2027, 1, 1),
        decision="changes",
        reason="The dose.",
        decided_by=cast.lead,
        decided_at=timezone.now(),
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        move(revision, State.APPROVED)


def test_one_open_revision_a_document(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a")
    number = 2
    for state in (State.DRAFT, State.IN_REVIEW):
        revision = Revision.objects.create(document=document, number=number, title="A", body="B", content_hash="x")
        if state != State.DRAFT:
            move(revision, state)
        with pytest.raises(IntegrityError, match="one_open"), transaction.atomic():
            Revision.objects.create(document=document, number=9, title="A", body="B", content_hash="x")
        if state == State.DRAFT:
            revision.delete()
