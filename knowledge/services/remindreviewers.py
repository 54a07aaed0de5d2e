"""The daily sweep over reviews that are waited for: reminders, deputies, and the editors where it takes too long.

May run late, twice, or twice at once: each thing is told under a key of its own.
"""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from knowledge import reminders
from knowledge.models import Review
from knowledge.services import reviewtelling as telling
from portal.common.notices import Telling, tell_all
from portal.members.models import Person

BATCH = 500


def remind_reviewers(*, now: datetime) -> int:
    """Tell everyone who is due to be told at ``now``; gives how many reviews were looked at."""
    reviews = Review.objects.waited_for().select_related("revision__document", "reviewer", "deputy", "asked_by")
    reviews = reviews.prefetch_related("reviewer__absences")
    editors, seen = telling.editors(), 0
    batch: list[Telling] = []
    for review in reviews.order_by("pk").iterator(chunk_size=BATCH):
        batch += _due(review, editors, now)
        seen += 1
        if len(batch) >= BATCH:
            tell_all(batch)
            batch = []
    tell_all(batch)
    return seen


def _due(review: Review, editors: list[Person], now: datetime) -> Iterator[Telling]:
    """What is to be told of one review, told before or not."""
    if review.is_reviewer_away(now):
        yield from _away(review)
    person = review.acting(now)
    # A day ends where the reader is.
    zone = ZoneInfo(person.time_zone)
    today, asked_on = now.astimezone(zone).date(), review.asked_at.astimezone(zone).date()
    step = reminders.step(due_on=review.due_on, asked_on=asked_on, today=today)
    title = telling.title_of(review.revision)
    if step:
        text = f"Your review of {title} is {reminders.words(due_on=review.due_on, today=today)}."
        yield _telling(review, person, text, step.key)
    if reminders.escalates(due_on=review.due_on, today=today):
        late = reminders.words(due_on=review.due_on, today=today)
        text = f"The review of {title} by {telling.name_of(person)} is {late}. Remind them, replace them or claim it."
        for editor in editors:
            yield _telling(review, editor, text, "escalated")


def _away(review: Review) -> Iterator[Telling]:
    """The deputy acts; where there is none, whoever asked for the review learns that nobody does."""
    if (acts := telling.acts(review)) is not None:
        yield acts
    elif review.asked_by:
        who, title = telling.name_of(review.reviewer), telling.title_of(review.revision)
        text = f"{who}, asked to review {title}, is away and has no deputy. Name one, or replace them."
        yield _telling(review, review.asked_by, text, f"nobody:{review.reviewer_id}")


def _telling(review: Review, person: Person, text: str, key: str) -> Telling:
    return Telling(person, telling.KIND, text, telling.review_address(review.revision), f"review:{review.pk}:{key}")
