"""Who reviews a revision: chosen, added, replaced, claimed, reminded."""

from copy import copy
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from knowledge.models import Review, Revision
from knowledge.reviewers import may_review
from knowledge.services import reviewtelling as telling
from knowledge.services.publishing import require_editor
from knowledge.services.reviewing import (
    check_due,
    check_named,
    lock,
    note,
    require_in_review,
    specialties_of,
)
from portal.common.models import Notice
from portal.common.notices import tell
from portal.common.refusals import Conflict, Refused
from portal.members.models import Person, Role
from portal.members.policy import Denied

_SPECIALISTS = (Role.Name.SPECIALIST, Role.Name.SECTION_LEAD)


def eligible_reviewers(revision: Revision) -> QuerySet[Person]:
    """Everyone who may be named to review it, in the order of names."""
    answers = Q(roles__name=Role.Name.EDITOR)
    answers |= Q(roles__name__in=_SPECIALISTS, roles__specialty__in=specialties_of(revision))
    wrote = [*revision.contributors.values_list("pk", flat=True), revision.author_id or 0]
    return Person.objects.filter(answers, is_active=True).exclude(pk__in=wrote).distinct().order_by("name", "pk")


@transaction.atomic
def add_reviewer(
    *, revision: Revision, reviewer: Person, deputy: Person | None = None, due_on: date, by: Person
) -> Review:
    """Ask one more person to review what is in review. Raises as `submit_revision` does."""
    revision = lock(revision).revision
    require_editor(by)
    require_in_review(revision)
    check_due(due_on)
    check_named(revision, [(reviewer, deputy)], already=_named(revision))
    now = timezone.now()
    review = Review.objects.create(
        revision=revision, reviewer=reviewer, deputy=deputy, due_on=due_on, asked_by=by, asked_at=now
    )
    note(by, "add reviewer", revision, review=review.pk, reviewer=reviewer.pk)
    telling.asked([review], by=by, away=[review] if review.is_reviewer_away(now) else [])
    return review


@transaction.atomic
def replace_reviewer(
    *, review: Review, reviewer: Person, deputy: Person | None = None, due_on: date | None = None, by: Person
) -> Review:
    """Ask another person in the place of one who has not decided; or the same one, with another deputy or day.

    Raises Refused for anyone but an editor, Conflict when it is decided, and Invalid as `submit_revision` does.
    """
    revision = lock(review.revision).revision
    require_editor(by)
    return _replace(_waiting(revision, review), reviewer=reviewer, deputy=deputy, due_on=due_on, by=by)


@transaction.atomic
def claim_review(*, review: Review, by: Person) -> Review:
    """An editor takes over an undecided review. Raises Refused for whoever wrote any of the revision, and for others
    than editors."""
    revision = lock(review.revision).revision
    require_editor(by)
    answer = may_review(by.actor, specialties_of(revision), wrote_it=revision.is_written_by(by))
    if isinstance(answer, Denied):
        raise Refused(answer.reason)
    review = _waiting(revision, review)
    if review.reviewer_id == by.pk:
        raise Conflict("This review is yours already.")
    if by.pk in _named(revision, besides=review):
        raise Conflict("You review this revision already.")
    return _replace(review, reviewer=by, deputy=None, due_on=None, by=by)


@transaction.atomic
def remind_reviewer(*, review: Review, by: Person) -> Person:
    """Tell whoever is waited for once more; at most once a day. Gives the person told."""
    revision = lock(review.revision).revision
    require_editor(by)
    review, now = _waiting(revision, review), timezone.now()
    person, key = review.acting(now), f"review:{review.pk}:asked-again:{now.date()}"
    if Notice.objects.filter(person=person, key=key).exists():
        raise Conflict(f"{person.name} was reminded today already.")
    what = f"your review of {telling.title_of(revision)}, due {telling.day(review.due_on)}"
    text = f"{telling.name_of(by)} asks you for {what}."
    tell(person=person, kind=telling.KIND, text=text, path=telling.review_address(revision), key=key)
    note(by, "remind", revision, review=review.pk, reviewer=person.pk)
    return person


def _replace(review: Review, *, reviewer: Person, deputy: Person | None, due_on: date | None, by: Person) -> Review:
    revision, before, now = review.revision, copy(review), timezone.now()
    if due_on and due_on != review.due_on:
        check_due(due_on)
        review.due_on = due_on
    check_named(revision, [(reviewer, deputy)], already=_named(revision, besides=review))
    is_another = review.reviewer_id != reviewer.pk
    review.reviewer, review.deputy = reviewer, deputy
    if is_another:
        review.asked_by, review.asked_at = by, now
    review.save(update_fields=["reviewer", "deputy", "due_on", "asked_by", "asked_at"])
    what = "claim" if reviewer.pk == by.pk and is_another else "replace reviewer"
    note(by, what, revision, review=review.pk, reviewer=reviewer.pk, before=before.reviewer_id)
    if is_another:
        why = f"is reviewed by {telling.name_of(reviewer)} now"
        # Whoever is not named any more may not open the review itself.
        telling.no_longer([before], why=why, by=by, still={reviewer.pk}, path=reverse("reviews"))
        telling.asked([review], by=by)
    if deputy and review.is_reviewer_away(now):
        telling.asked([], by=by, away=[review])
    return review


def _waiting(revision: Revision, review: Review) -> Review:
    """The review as it now stands, still to be decided."""
    found = Review.objects.select_related("reviewer", "deputy").get(pk=review.pk)
    found.revision = revision
    if found.decision:
        raise Conflict("This review is decided already.")
    require_in_review(revision)
    return found


def _named(revision: Revision, *, besides: Review | None = None) -> list[int]:
    """Everyone named in the reviews of a revision, and whoever decided one."""
    rows = revision.reviews.exclude(pk=besides.pk if besides else 0)
    return list({pk for row in rows.values_list("reviewer", "deputy", "decided_by") for pk in row if pk})
