"""Peer review: a monthly sample of closed consults, read by a colleague of the section who had no part in them."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction

from consults.hours import NETWORK
from consults.models import Consult, Message, PeerReview, ReviewShare
from portal.common import audit, tenancy
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Specialty

ITEMS = {
    "question": "The question was understood as it was asked",
    "accuracy": "The answer is medically accurate",
    "evidence": "It rests on documents or evidence that fit",
    "complete": "It answers everything that was asked",
    "specific": "It can be acted upon for this patient",
    "safety": "Risks and warning signs are named",
    "referral": "It says rightly whether to refer or transfer",
    "clarity": "It is clear to a clinician outside the specialty",
    "timing": "It came in time for its purpose",
    "respect": "Its tone is respectful and helpful",
}
"""Scored from 1, poor, to 5, excellent; or not applicable."""
MAX_NOTE = 2000


def is_drawn(number: str, *, month: date, percent: int) -> bool:
    """Whether a consult is in the sample of its month: by a hash of both, so that anyone can draw it again."""
    digest = hashlib.sha256(f"{month:%Y-%m}:{number}".encode()).digest()
    return int.from_bytes(digest[:8]) % 10_000 < percent * 100


@transaction.atomic
def set_share(specialty: Specialty, *, by: Person, percent: int, at: datetime) -> None:
    """How many percent of the specialty's closed consults are reviewed. Raises Refused, Invalid."""
    if specialty.pk not in by.actor.leads:
        raise Refused("Only the section lead of this specialty sets its share.")
    if not 0 <= percent <= 100:
        raise Invalid(percent="Choose a share from 0 to 100 percent.")
    ReviewShare.objects.update_or_create(specialty=specialty, defaults={"percent": percent, "set_by": by, "set_at": at})
    audit.record(by=by, action="review.share", object_type="specialty", object_id=specialty.pk, percent=percent)


def draw(*, now: datetime) -> Counter[str]:
    """Draw the sample of the month before this one (network time). Any number of times gives the same sample."""
    first = now.astimezone(NETWORK).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    before = (first - timedelta(days=1)).replace(day=1)
    month = before.date()
    with tenancy.everything():
        rows = [
            PeerReview(consult=row, month=month, specialist_id=author, drawn_at=now)
            for share in ReviewShare.objects.filter(percent__gt=0)
            for row in _closed(share.specialty_id, before, first)
            if is_drawn(row.number, month=month, percent=share.percent) and (author := _author(row))
        ]
        had = PeerReview.objects.count()
        PeerReview.objects.bulk_create(rows, ignore_conflicts=True)
        return Counter(drawn=PeerReview.objects.count() - had)


def _closed(specialty_id: int, start: datetime, end: datetime) -> list[Consult]:
    rows = Consult.objects.filter(specialty=specialty_id, state=Consult.State.CLOSED)
    found = rows.filter(ended_at__gte=start, ended_at__lt=end).order_by("pk")
    return list(found.prefetch_related("messages"))


def _author(row: Consult) -> int | None:
    answers = [one.author_id for one in row.messages.all() if one.kind == Message.Kind.ANSWER]
    return answers[-1] if answers else None


@transaction.atomic
def write(review: PeerReview, *, by: Person, scores: Mapping[str, int | None], note: str, at: datetime) -> PeerReview:
    """Write a review, once. Raises Refused for one's own answer or another section's, Conflict once written, and
    Invalid naming each item that has neither a score from 1 to 5 nor None, which is “not applicable”."""
    row = PeerReview.objects.select_for_update(of=("self",)).select_related("consult").get(pk=review.pk)
    if row.done_at:
        raise Conflict(f"{row.consult.number} was reviewed already.")
    if not PeerReview.objects.to_do_by(by).filter(pk=row.pk).exists():
        raise Refused("Another specialist of the section reviews this: not whoever wrote in it.")
    problems = {
        item: "Choose a score from 1 to 5, or “not applicable”."
        for item in ITEMS
        if item not in scores or (scores[item] is not None and scores[item] not in range(1, 6))
    }
    words = note.replace("\0", "").strip()
    if len(words) > MAX_NOTE:
        problems["note"] = f"Use at most {MAX_NOTE} characters; this has {len(words)}."
    if problems:
        raise Invalid(**problems)
    row.scores, row.note = {item: scores[item] for item in ITEMS}, words
    row.reviewer, row.done_at = by, at
    row.save()
    audit.record(
        by=by,
        action="consult.review",
        object_type="consult",
        object_id=row.consult.number,
        organization_id=row.consult.organization_id,
    )
    return row
