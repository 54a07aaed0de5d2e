"""The review of a revision as its page shows it: passages with what is remarked on them, and who is waited for."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from knowledge import anchors
from knowledge.models import Recommendation, Remark, Review, Revision
from knowledge.reviewers import may_act, may_review
from knowledge.services.reviewing import specialties_of
from portal.members.models import Person

_SHORT = 60


@dataclass(frozen=True)
class Passage:
    """A piece of the text, and the remarks that stand below it."""

    html: SafeString
    remarks: list[Remark] = field(default_factory=list)


@dataclass(frozen=True)
class Remarked:
    """Every remark of a revision by its place; the whole text's apart from those on its passages."""

    whole: list[Remark]
    title: list[Remark]
    summary: list[Remark]
    recommendations: list[tuple[Recommendation, list[Remark]]]
    passages: list[Passage]
    body: list[Remark]
    open_count: int


@dataclass(frozen=True)
class Row:
    """One review: who is waited for since when, and what this reader may do."""

    review: Review
    acting: Person
    is_away: bool
    is_waited_for: bool
    waits_seconds: float
    may_decide: bool
    may_claim: bool


def remarks_of(revision: Revision) -> list[Remark]:
    """The remarks, oldest first, with their replies."""
    replies = Prefetch("replies", Remark.objects.select_related("author").order_by("pk"))
    rows = Remark.objects.filter(revision=revision, parent=None).select_related("author", "resolved_by")
    return list(rows.prefetch_related(replies).order_by("pk"))


def remarked(recommendations: Iterable[Recommendation], html: str, remarks: Iterable[Remark]) -> Remarked:
    """Put each remark to its place; one on words of the body below the passage that they end in."""
    by_place: dict[str, list[Remark]] = defaultdict(list)
    for remark in remarks:
        by_place[remark.place].append(remark)
    blocks = anchors.blocks(html)
    by_block: dict[int | None, list[Remark]] = defaultdict(list)
    for remark in by_place["body"]:
        by_block[anchors.block_of(remark.quote, blocks)].append(remark)
    recommendations = list(recommendations)
    known = {f"{anchors.RECOMMENDATION}{row.key}" for row in recommendations} | {"", "title", "summary", "body"}
    return Remarked(
        whole=by_place[""] + [remark for place, rows in by_place.items() if place not in known for remark in rows],
        title=by_place["title"],
        summary=by_place["summary"],
        recommendations=[(row, by_place.get(f"{anchors.RECOMMENDATION}{row.key}", [])) for row in recommendations],
        passages=list(_passages(blocks, by_block)),
        body=by_block[None],
        open_count=sum(remark.resolved_at is None for rows in by_place.values() for remark in rows),
    )


def _passages(blocks: list[anchors.Block], by_block: dict[int | None, list[Remark]]) -> Iterable[Passage]:
    """Blocks that nothing is remarked on stay together."""
    ends = 0
    groups = []
    for place in range(len(blocks)):
        groups.append(ends)
        ends += place in by_block
    for _, places in groupby(range(len(blocks)), key=groups.__getitem__):
        run = list(places)
        html = mark_safe("".join(blocks[place].html for place in run))  # noqa: S308 - cut from sanitised HTML
        yield Passage(html, by_block.get(run[-1], []))


def place_choices(recommendations: Iterable[Recommendation]) -> list[tuple[str, str]]:
    """The places a remark may be put to, in words."""
    rows = [("title", "Title"), ("summary", "Summary")]
    for number, row in enumerate(recommendations, 1):
        text = row.text if len(row.text) <= _SHORT else f"{row.text[: _SHORT - 1]}…"
        rows.append((f"{anchors.RECOMMENDATION}{row.key}", f"Recommendation {number}: {text}"))
    return [*rows, ("body", "Text")]


def rows_of(revision: Revision, person: Person) -> list[Row]:
    """The reviews of a revision, those waited for first."""
    now = timezone.now()
    reviews = list(
        revision.reviews.select_related("reviewer", "deputy", "decided_by", "asked_by")
        .prefetch_related("reviewer__absences")
        .order_by("due_on", "pk")
    )
    may = bool(may_review(person.actor, specialties_of(revision), wrote_it=revision.is_written_by(person)))
    named = {pk for review in reviews for pk in (review.reviewer_id, review.deputy_id, review.decided_by_id)}
    rows = [_row(revision, review, person, now, may=may, named=named) for review in reviews]
    return sorted(rows, key=lambda row: bool(row.review.decision))


def _row(
    revision: Revision, review: Review, person: Person, now: datetime, *, may: bool, named: set[int | None]
) -> Row:
    is_away = review.is_reviewer_away(now)
    is_waited_for = not review.decision and revision.state == Revision.State.IN_REVIEW
    acts = may_act(person.pk, reviewer=review.reviewer_id, deputy=review.deputy_id, is_reviewer_away=is_away)
    is_named = person.pk in named and person.pk != review.deputy_id
    return Row(
        review=review,
        acting=review.acting(now),
        is_away=is_away,
        is_waited_for=is_waited_for,
        waits_seconds=(now - review.asked_at).total_seconds(),
        may_decide=is_waited_for and may and bool(acts),
        may_claim=is_waited_for and may and person.actor.is_editor and not is_named,
    )


def published_before(revision: Revision) -> Revision | None:
    """What the document said before this revision; None where it is the first."""
    revisions = Revision.objects.ever_published().filter(document=revision.document_id, number__lt=revision.number)
    return revisions.order_by("-number").first()


def unsettled(draft: Revision) -> tuple[list[Review], list[Remark]]:
    """What is to be mended in a draft: the requests for changes and the open remarks on the revisions given back since
    the last publication, the newest first."""
    published = published_before(draft)
    since = published.number if published else 0
    back = Revision.objects.filter(document=draft.document_id, state=Revision.State.RETURNED)
    back = back.filter(number__gt=since, number__lt=draft.number)
    requests = Review.objects.filter(revision__in=back.order_by("-number")[:1], decision=Review.Decision.CHANGES)
    remarks = Remark.objects.filter(revision__in=back, parent=None, resolved_at=None)
    replies = Prefetch("replies", Remark.objects.select_related("author").order_by("pk"))
    return (
        list(requests.select_related("decided_by", "revision__document")),
        list(
            remarks.select_related("author", "revision__document")
            .prefetch_related(replies)
            .order_by("-revision__number", "pk")
        ),
    )
