"""Reviewers chosen, added, replaced, claimed and reminded."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from knowledge.models import Review
from knowledge.services import (
    add_reviewer,
    claim_review,
    decide,
    eligible_reviewers,
    remind_reviewer,
    replace_reviewer,
    withdraw_submission,
)
from portal.common.models import AuditEvent, Mail
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Role, Specialty
from tests.cast import Cast, give, make_person
from tests.cast import away as cast_away
from tests.knowledge.reviews import drafted, in_days, review_of, submitted, told

pytestmark = pytest.mark.django_db
NO_EDITORS = ["clinician_prairie", "admin_prairie", "specialist", "lead", "network_admin", "auditor"]


def away(person: Person, days: int = 5) -> None:
    cast_away(person, timezone.now() + timedelta(days=days))


def test_who_may_be_chosen(tmp_path: Path, cast: Cast) -> None:
    draft = drafted(tmp_path, cast.editor)
    draft.contributors.add(cast.specialist2)
    neurology = Specialty.objects.get(slug="neurology")
    give(make_person("neuro@network.example", "Lee Park"), Role.Name.SPECIALIST, specialties=(neurology,))
    gone = give(make_person("gone@network.example", "Al Gone"), Role.Name.EDITOR)
    Person.objects.filter(pk=gone.pk).update(is_active=False, deactivated_at=timezone.now())
    assert list(eligible_reviewers(draft)) == [cast.specialist, cast.reviewer, cast.lead]


def test_one_more_reviewer(tmp_path: Path, cast: Cast) -> None:
    revision = submitted(tmp_path, cast, cast.reviewer)
    away(cast.lead)
    review = add_reviewer(
        revision=revision, reviewer=cast.lead, deputy=cast.specialist, due_on=in_days(3), by=cast.reviewer
    )
    assert review.asked_by == cast.reviewer
    assert "You are asked to review" in told(cast.lead)[0]
    assert "decide as their deputy" in told(cast.specialist)[0]
    with pytest.raises(Invalid, match="once"):
        add_reviewer(revision=revision, reviewer=cast.specialist, due_on=in_days(3), by=cast.reviewer)
    with pytest.raises(Invalid, match="wrote"):
        add_reviewer(revision=revision, reviewer=cast.editor, due_on=in_days(3), by=cast.reviewer)


def test_replacing_one_who_has_not_decided(tmp_path: Path, cast: Cast) -> None:
    revision = submitted(tmp_path, cast, cast.lead, cast.reviewer)
    review = review_of(revision, cast.lead)
    with pytest.raises(Invalid, match="once"):
        replace_reviewer(review=review, reviewer=cast.reviewer, by=cast.editor)
    with pytest.raises(Invalid, match="within a year"):
        replace_reviewer(review=review, reviewer=cast.specialist, due_on=in_days(-2), by=cast.editor)
    replace_reviewer(review=review, reviewer=cast.specialist, due_on=in_days(9), by=cast.editor)
    review.refresh_from_db()
    assert (review.reviewer, review.due_on, review.asked_by) == (cast.specialist, in_days(9), cast.editor)
    assert f"is reviewed by {cast.specialist.name} now" in told(cast.lead)[-1]
    assert cast.lead.notices.latest("pk").path == "/reviews/", "the review itself is not theirs to open any more"
    assert "You are asked to review" in told(cast.specialist)[-1]
    with pytest.raises(Refused):
        decide(review=review, decision="approved", by=cast.lead)
    replace_reviewer(review=review, reviewer=cast.lead, by=cast.editor)
    assert ["are asked" in text for text in told(cast.lead)] == [True, False, True], "told anew when it comes back"


def test_a_deputy_for_a_reviewer_who_stays(tmp_path: Path, cast: Cast) -> None:
    revision = submitted(tmp_path, cast, cast.lead)
    away(cast.lead)
    review = replace_reviewer(
        review=review_of(revision, cast.lead), reviewer=cast.lead, deputy=cast.reviewer, by=cast.editor
    )
    assert len(told(cast.lead)) == 1
    assert "decide as their deputy" in told(cast.reviewer)[-1]
    replace_reviewer(review=review, reviewer=cast.reviewer, by=cast.editor)
    assert "not needed" not in told(cast.reviewer)[-1], "the deputy became the reviewer"


def test_an_editor_claims(tmp_path: Path, cast: Cast) -> None:
    revision = submitted(tmp_path, cast, cast.lead)
    review = review_of(revision, cast.lead)
    with pytest.raises(Refused, match="wrote any of it"):
        claim_review(review=review, by=cast.editor)
    claimed = claim_review(review=review, by=cast.reviewer)
    assert claimed.reviewer == cast.reviewer
    assert f"is reviewed by {cast.reviewer.name} now" in told(cast.lead)[-1]
    assert told(cast.reviewer) == []
    with pytest.raises(Conflict, match="yours already"):
        claim_review(review=review, by=cast.reviewer)
    add_reviewer(revision=revision, reviewer=cast.lead, due_on=in_days(2), by=cast.editor)
    with pytest.raises(Conflict, match="You review this revision already"):
        claim_review(review=review_of(revision, cast.lead), by=cast.reviewer)
    assert AuditEvent.objects.filter(action="review.claim").count() == 1


def test_a_reminder_once_a_day_to_whoever_is_waited_for(tmp_path: Path, cast: Cast) -> None:
    revision = submitted(tmp_path, cast, cast.lead)
    review = review_of(revision, cast.lead)
    mails = Mail.objects.count()
    assert remind_reviewer(review=review, by=cast.editor) == cast.lead
    assert f"{cast.editor.name} asks you for your review" in told(cast.lead)[-1]
    assert Mail.objects.count() == mails + 1
    with pytest.raises(Conflict, match="was reminded today already"):
        remind_reviewer(review=review, by=cast.reviewer)
    away(cast.lead)
    replace_reviewer(review=review, reviewer=cast.lead, deputy=cast.specialist, by=cast.editor)
    assert remind_reviewer(review=review_of(revision, cast.lead), by=cast.editor) == cast.specialist


ACTS: dict[str, Callable[[Review, Person, Person, date], object]] = {
    "add": lambda review, by, who, day: add_reviewer(revision=review.revision, reviewer=who, due_on=day, by=by),
    "replace": lambda review, by, who, day: replace_reviewer(review=review, reviewer=who, by=by),
    "claim": lambda review, by, who, day: claim_review(review=review, by=by),
    "remind": lambda review, by, who, day: remind_reviewer(review=review, by=by),
}


@pytest.mark.parametrize("who", NO_EDITORS)
@pytest.mark.parametrize("act", list(ACTS))
def test_only_editors(tmp_path: Path, cast: Cast, act: str, who: str) -> None:
    review = review_of(submitted(tmp_path, cast, cast.lead), cast.lead)
    with pytest.raises(Refused, match="Only editors"):
        ACTS[act](review, getattr(cast, who), cast.specialist2, in_days(3))


@pytest.mark.parametrize("act", list(ACTS))
def test_not_of_what_is_decided_or_over(tmp_path: Path, cast: Cast, act: str) -> None:
    revision = submitted(tmp_path, cast, cast.lead, cast.specialist, kind="protocol")
    decided = review_of(revision, cast.lead)
    decide(review=decided, decision="approved", by=cast.lead)
    if act != "add":
        with pytest.raises(Conflict, match="decided already"):
            ACTS[act](decided, cast.reviewer, cast.specialist2, in_days(3))
    withdraw_submission(revision=revision, by=cast.editor)
    with pytest.raises(Conflict, match="not in review any more"):
        ACTS[act](review_of(revision, cast.specialist), cast.reviewer, cast.specialist2, in_days(3))
