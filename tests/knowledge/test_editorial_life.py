"""The editorial life as a machine that is driven at random: whatever is done in whatever order, the rules hold."""

from itertools import count
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from knowledge.models import Document, Remark, Review, Revision
from knowledge.services import (
    add_remark,
    claim_review,
    decide,
    publish_revision,
    resolve_remark,
    retire_document,
    submit_revision,
    withdraw_submission,
)
from portal.common.refusals import Conflict, Invalid, Refused
from tests.cast import Cast
from tests.knowledge.reviews import in_days

State = Revision.State
PEOPLE = ("editor", "reviewer", "lead", "specialist", "clinician_prairie", "auditor")
NUMBERS = count()
FROZEN = ("title", "summary", "body", "author_id", "based_on_id", "submitted_by_id", "approvals_needed", "content_hash")


class Life(RuleBasedStateMachine):
    """One document in the hands of everyone; each run is taken back at its end."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.frozen: dict[int, tuple[Any, ...]] = {}
        self.from_import: set[int] = set()
        self.were_approved: set[int] = set()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize(kind=st.sampled_from(["notice", "protocol"]), author=st.sampled_from(["editor", "reviewer"]))
    def begin(self, kind: str, author: str) -> None:
        self.document = Document.objects.create(slug=f"life-{next(NUMBERS)}", kind=kind)
        self.document.specialties.add(self.cast.cardiology)
        self.draft(author)

    def draft(self, author: str) -> None:
        last = self.document.revisions.order_by("-number").first()
        Revision.objects.create(
            document=self.document,
            number=last.number + 1 if last else 1,
            title="Title",
            summary="A summary.",
            body="Some words.",
            specialty_slugs=["cardiology"],
            content_hash="x",
            author=getattr(self.cast, author),
            based_on=Document.objects.get(pk=self.document.pk).current_revision,
        )

    def open(self) -> Revision | None:
        return self.document.revisions.filter(state__in=Revision.OPEN_STATES).first()

    def in_state(self, *states: str) -> bool:
        revision = self.open()
        return (revision.state if revision else "") in states

    def attempt(self, act: Any) -> None:
        """Whatever is refused leaves no trace."""
        try:
            with transaction.atomic():
                act()
        except (Refused, Conflict, Invalid):
            pass

    @precondition(lambda self: self.in_state(""))
    @rule(author=st.sampled_from(["editor", "reviewer"]))
    def open_a_draft(self, author: str) -> None:
        self.draft(author)

    @precondition(lambda self: self.in_state(State.DRAFT))
    @rule(word=st.sampled_from(["One", "Two"]), by=st.sampled_from(["editor", "reviewer", "lead"]))
    def write(self, word: str, by: str) -> None:
        revision = self.open()
        assert revision
        revision.title = word
        revision.save()
        if revision.author != getattr(self.cast, by):
            revision.contributors.add(getattr(self.cast, by))

    @precondition(lambda self: self.in_state(State.DRAFT, State.IN_REVIEW))
    @rule(names=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3), by=st.sampled_from(PEOPLE))
    def submit(self, names: list[str], by: str) -> None:
        named = [(getattr(self.cast, name), None) for name in names]
        self.attempt(
            lambda: submit_revision(
                revision=self.open(),  # type: ignore[arg-type]
                reviewers=named,
                due_on=in_days(7),
                by=getattr(self.cast, by),
            )
        )

    def a_review(self, data: st.DataObject) -> Review:
        rows = list(Review.objects.filter(revision__document=self.document).select_related("revision").order_by("pk"))
        return data.draw(st.sampled_from(rows))

    @precondition(lambda self: Review.objects.filter(revision__document=self.document).exists())
    @rule(data=st.data(), decision=st.sampled_from(Review.Decision.values), by=st.sampled_from([*PEOPLE, "", "", ""]))
    def decide(self, data: st.DataObject, decision: str, by: str) -> None:
        review = self.a_review(data)
        person = getattr(self.cast, by) if by else review.reviewer
        self.attempt(lambda: decide(review=review, decision=decision, reason="Because.", by=person))

    @precondition(lambda self: self.in_state(State.IN_REVIEW))
    @rule(data=st.data(), by=st.sampled_from(PEOPLE))
    def claim(self, data: st.DataObject, by: str) -> None:
        review = self.a_review(data)
        self.attempt(lambda: claim_review(review=review, by=getattr(self.cast, by)))

    @precondition(lambda self: not self.in_state(""))
    @rule(by=st.sampled_from(PEOPLE))
    def withdraw(self, by: str) -> None:
        self.attempt(lambda: withdraw_submission(revision=self.open(), by=getattr(self.cast, by)))  # type: ignore[arg-type]

    @precondition(lambda self: not self.in_state(""))
    @rule(by=st.sampled_from(PEOPLE))
    def remark(self, by: str) -> None:
        person = getattr(self.cast, by)
        self.attempt(lambda: add_remark(revision=self.open(), place="body", quote="words", text="?", by=person))  # type: ignore[arg-type]
        remark = Remark.objects.filter(revision__document=self.document, resolved_at=None).first()
        if remark:
            self.attempt(lambda: resolve_remark(remark=remark, by=person))

    @precondition(lambda self: self.in_state(State.APPROVED))
    @rule(by=st.sampled_from(["editor", "reviewer"]), schedules=st.booleans())
    def publish_what_is_approved(self, by: str, schedules: bool) -> None:
        revision = self.open()
        assert revision
        if schedules:
            Revision.objects.filter(pk=revision.pk).update(state=State.SCHEDULED, scheduled_for=timezone.now())
        publish(self.document, revision, getattr(self.cast, by))

    @precondition(lambda self: self.in_state(State.DRAFT))
    @rule()
    def publish_by_a_command(self) -> None:
        revision = self.open()
        assert revision
        self.from_import.add(revision.pk)
        publish_revision(revision=revision, by="import")

    @rule()
    def retire(self) -> None:
        self.attempt(lambda: retire_document(document=self.document, by="test"))

    @rule(data=st.data())
    def write_past_the_services(self, data: st.DataObject) -> None:
        """The database refuses an approval nobody gave, and other words in what left draft."""
        revision = data.draw(st.sampled_from(list(self.document.revisions.order_by("pk"))))
        rows = Revision.objects.filter(pk=revision.pk)
        if revision.state not in (State.APPROVED, State.SCHEDULED):
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.update(state=State.APPROVED)
        if revision.state != State.DRAFT:
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.update(title="Forged")

    @invariant()
    def at_most_one_is_open(self) -> None:
        if hasattr(self, "document"):
            rows = self.document.revisions.all()
            assert sum(row.is_open for row in rows) <= 1
            assert sum(row.state == State.PUBLISHED for row in rows) <= 1

    @invariant()
    def what_left_draft_never_changes(self) -> None:
        if not hasattr(self, "document"):
            return
        rows = {row.pk: row for row in self.document.revisions.exclude(state=State.DRAFT)}
        assert self.frozen.keys() <= rows.keys()
        for pk, row in rows.items():
            said = tuple(getattr(row, name) for name in FROZEN)
            assert self.frozen.setdefault(pk, said) == said

    @invariant()
    def nobody_approves_what_they_wrote_and_enough_approve(self) -> None:
        if not hasattr(self, "document"):
            return
        for revision in self.document.revisions.prefetch_related("contributors", "reviews"):
            wrote = {revision.author_id, *(person.pk for person in revision.contributors.all())}
            approvals = {review.decided_by_id for review in revision.reviews.all() if review.decision == "approved"}
            changes = [review for review in revision.reviews.all() if review.decision == "changes"]
            assert not approvals & wrote
            if revision.state in (State.APPROVED, State.SCHEDULED):
                self.were_approved.add(revision.pk)
            if revision.published_at and revision.pk not in self.from_import:
                assert revision.pk in self.were_approved
            if revision.state in (State.APPROVED, State.SCHEDULED) or (
                revision.published_at and revision.pk not in self.from_import
            ):
                assert len(approvals) >= revision.approvals_needed >= 1
                assert not changes
            if changes:
                assert revision.state == State.RETURNED


def publish(document: Document, revision: Revision, by: Any) -> None:
    """As an editor publishes what is approved."""
    now = timezone.now()
    document.revisions.filter(state=State.PUBLISHED).update(state=State.SUPERSEDED)
    Revision.objects.filter(pk=revision.pk).update(state=State.PUBLISHED, published_at=now, published_by=by)
    Document.objects.filter(pk=document.pk).update(current_revision=revision, retired_at=None)


@pytest.mark.django_db
def test_whatever_is_done_the_rules_hold(cast: Cast) -> None:
    machine = type("TheLife", (Life,), {"cast": cast})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=200,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
