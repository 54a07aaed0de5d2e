"""The review of a revision: sent to review, decided, given back, withdrawn.

Every service locks the document and then the revision, so that of two decisions at the same moment the second sees the
first. The database refuses in its own right whoever wrote any of it, and an approval by too few.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from knowledge.lifecycle import approvals_needed
from knowledge.models import Document, Review, Revision
from knowledge.reviewers import may_act, may_review
from knowledge.services import reviewtelling as telling
from knowledge.services.drafting import draft_problems
from knowledge.services.publishing import require_editor
from knowledge.services.returning import return_revision
from portal.common.audit import record
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Specialty
from portal.members.policy import Denied

LONGEST_REASON = 2000
FURTHEST = timedelta(days=365)
Named = tuple[Person, Person | None]
"""A reviewer, and the deputy who decides while they are away."""


@dataclass(frozen=True)
class Locked:
    """A revision with its document, neither of which changes under our hands."""

    document: Document
    revision: Revision


def lock(revision: Revision) -> Locked:
    """Lock the document, then the revision, and read both again."""
    documents = Document.objects.select_for_update(no_key=True, of=["self"]).select_related("current_revision")
    document = documents.get(pk=revision.document_id)
    found = Revision.objects.select_for_update(no_key=True).get(pk=revision.pk)
    found.document = document
    return Locked(document, found)


@transaction.atomic
def submit_revision(*, revision: Revision, reviewers: Sequence[Named], due_on: date, by: Person) -> Revision:
    """Freeze a draft and ask these people to review it by a day.

    Raises Refused for anyone but an editor, Conflict when it is not a draft or is not complete, and Invalid when the
    reviewers are too few for its kind or not fit to review it, or the day is past.
    """
    locked = lock(revision)
    revision = locked.revision
    require_editor(by)
    if revision.state != Revision.State.DRAFT:
        raise Conflict(f"Revision {revision.number} is no draft: {revision.get_state_display().lower()}.")
    if not revision.title.strip() or not revision.body.strip():
        raise Conflict("A draft without a title or a text cannot be reviewed.")
    if problems := draft_problems(revision):
        raise Conflict(f"The draft is not complete: {problems[0].field}: {problems[0].fix}")
    needed = approvals_needed(locked.document.kind)
    if len(reviewers) < needed:
        raise Invalid(reviewers=f"{locked.document.kind_name}: {needed} reviewers at least must be named.")
    check_due(due_on)
    check_named(revision, reviewers)
    now = timezone.now()
    revision.state, revision.approvals_needed = Revision.State.IN_REVIEW, needed
    revision.submitted_at, revision.submitted_by = now, by
    revision.save(update_fields=["state", "approvals_needed", "submitted_at", "submitted_by"])
    reviews = [
        Review(revision=revision, reviewer=reviewer, deputy=deputy, due_on=due_on, asked_by=by, asked_at=now)
        for reviewer, deputy in reviewers
    ]
    Review.objects.bulk_create(reviews)
    note(by, "submit", revision, reviewers=len(reviews))
    telling.asked(reviews, by=by, away=[review for review in reviews if review.is_reviewer_away(now)])
    return revision


@transaction.atomic
def decide(*, review: Review, decision: str, reason: str = "", by: Person) -> Revision:
    """Approve a revision, or ask for changes with a reason. Gives the revision as it then stands.

    With the last approval it needs it is approved. Asking for changes gives it back: it is kept as history and its
    author goes on in a copy. Raises Refused for anyone but the reviewer, or the deputy of one who is away.
    """
    locked = lock(review.revision)
    revision, review = locked.revision, _undecided(locked.revision, review)
    now = timezone.now()
    require_decider(review, by)
    review.decision, review.reason = _decision(decision), _reason(decision, reason)
    review.decided_by, review.decided_at = by, now
    review.save(update_fields=["decision", "reason", "decided_by", "decided_at"])
    note(by, "approve" if decision == Review.Decision.APPROVED else "ask for changes", revision, review=review.pk)
    if decision == Review.Decision.CHANGES:
        _give_back(locked, why="is given back to its author", by=by)
    elif revision.reviews.filter(decision=Review.Decision.APPROVED).count() >= revision.approvals_needed:
        _approve(revision, by=by)
    return revision


@transaction.atomic
def withdraw_submission(*, revision: Revision, by: Person) -> Revision:
    """Take a revision back out of review, or after its approval: it is kept as history. Gives the new draft.

    Raises Refused for anyone but its author and editors.
    """
    locked = lock(revision)
    revision = locked.revision
    if revision.author_id != by.pk:
        require_editor(by)
    if revision.state not in (Revision.State.IN_REVIEW, Revision.State.APPROVED):
        raise Conflict(f"Revision {revision.number} is {revision.get_state_display().lower()}, not under review.")
    note(by, "withdraw", revision)
    return _give_back(locked, why="was withdrawn from review", by=by)


def require_decider(review: Review, by: Person) -> None:
    """Raise Refused unless this person may decide the review now."""
    revision = review.revision
    is_away = review.is_reviewer_away(timezone.now())
    acts = may_act(by.pk, reviewer=review.reviewer_id, deputy=review.deputy_id, is_reviewer_away=is_away)
    for answer in (acts, may_review(by.actor, specialties_of(revision), wrote_it=revision.is_written_by(by))):
        if isinstance(answer, Denied):
            raise Refused(answer.reason)


def specialties_of(revision: Revision) -> set[int]:
    """The specialties whose people may review it: the document's, and those that it will have once published."""
    found = Specialty.objects.filter(Q(documents=revision.document_id) | Q(slug__in=revision.specialty_slugs))
    return set(found.values_list("pk", flat=True))


def check_due(due_on: date) -> None:
    """Raise Invalid for a day that is past, or too far off to be meant."""
    today = timezone.localdate()
    if not today <= due_on <= today + FURTHEST:
        raise Invalid(due_on="Choose a day from today on, within a year.")


def check_named(revision: Revision, named: Sequence[Named], *, already: Sequence[int] = ()) -> None:
    """Raise Invalid unless each may review this revision and is named once; ``already`` are those named before."""
    people = [person for pair in named for person in pair if person]
    keys = [*already, *(person.pk for person in people)]
    if len(keys) != len(set(keys)):
        raise Invalid(reviewers="Name each person once, as a reviewer or as a deputy.")
    specialties = specialties_of(revision)
    for person in people:
        answer = may_review(person.actor, specialties, wrote_it=revision.is_written_by(person))
        if isinstance(answer, Denied) or not person.is_active:
            why = answer.reason if isinstance(answer, Denied) else "This account is closed."
            raise Invalid(reviewers=f"{person.name} cannot be named. {why}")


def note(by: Person, what: str, revision: Revision, **detail: int | None) -> None:
    """Put it on the record."""
    slug = revision.document.slug
    record(by=by, action=f"review.{what}", object_type="document", object_id=slug, revision=revision.number, **detail)


def require_in_review(revision: Revision) -> None:
    """Raise Conflict when nothing is waited for any more."""
    if revision.state != Revision.State.IN_REVIEW:
        raise Conflict(f"Revision {revision.number} is not in review any more: {revision.get_state_display().lower()}.")


def _undecided(revision: Revision, review: Review) -> Review:
    found = Review.objects.select_related("reviewer", "deputy", "decided_by").get(pk=review.pk)
    found.revision = revision
    if found.decided_by:
        raise Conflict(f"{found.decided_by.name} has decided this review already.")
    require_in_review(revision)
    return found


def _decision(decision: str) -> str:
    if decision not in Review.Decision.values:
        raise Invalid(decision="Choose whether you approve it or ask for changes.")
    return decision


def _reason(decision: str, reason: str) -> str:
    reason = reason.replace("\0", "").strip()
    if len(reason) > LONGEST_REASON:
        raise Invalid(reason=f"At most {LONGEST_REASON:,} characters; this has {len(reason):,}.")
    if decision == Review.Decision.CHANGES and not reason:
        raise Invalid(reason="Say what should change.")
    return reason


def _approve(revision: Revision, *, by: Person) -> None:
    revision.state = Revision.State.APPROVED
    revision.save(update_fields=["state"])
    note(by, "approved", revision)
    waiting = revision.reviews.filter(decision="").select_related("reviewer", "deputy", "revision__document")
    telling.no_longer(waiting, why="is approved", by=by)
    path = telling.review_address(revision)
    telling.authors(revision, what="is approved and can be published.", key="approved", path=path, by=by)


def _give_back(locked: Locked, *, why: str, by: Person) -> Revision:
    revision = locked.revision
    waiting = list(revision.reviews.filter(decision="").select_related("reviewer", "deputy", "revision__document"))
    draft = return_revision(revision, locked.document)
    telling.no_longer(waiting, why=why, by=by)
    path = f"{locked.document.get_absolute_url()}draft/"
    what = "was given back: its reviewer asks for changes." if why.startswith("is") else "was withdrawn from review."
    telling.authors(revision, what=what, key="returned", path=path, by=by)
    return draft
