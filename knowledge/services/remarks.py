"""Remarks on passages of a revision: made while it is in review, answered and settled until it is published."""

from django.db import transaction
from django.utils import timezone

from knowledge import anchors
from knowledge.models import Remark, Revision
from knowledge.rendering import rendered
from knowledge.services.reviewing import lock, note
from knowledge.services.reviewtelling import KIND, review_address, title_of
from portal.common import words
from portal.common.notices import tell
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person

LONGEST = 2000
LONGEST_QUOTE = 500
_SETTLED_IN = (Revision.State.IN_REVIEW, Revision.State.RETURNED, Revision.State.APPROVED, Revision.State.SCHEDULED)


def places_of(revision: Revision) -> dict[str, tuple[str, ...]]:
    """The places a remark may be anchored to, each with its texts."""
    return anchors.places(
        title=revision.title,
        summary=revision.summary,
        body=revision.body,
        blocks=anchors.blocks(rendered(revision).html),
        recommendations={row.key: row.text for row in revision.recommendations.all()},
    )


@transaction.atomic
def add_remark(
    *, revision: Revision, text: str, by: Person, place: str = "", quote: str = "", parent: Remark | None = None
) -> Remark:
    """Remark on words of a place, on a whole place, or on the whole; with ``parent`` reply to a remark.

    Raises Refused for those who neither edit nor review it, Conflict when its state does not allow it any more, and
    Invalid for a text that is missing or too long and for words that do not stand in that place.
    """
    revision = lock(revision).revision
    _require_part(revision, by)
    text = _text(text)
    if parent:
        if revision.state not in _SETTLED_IN:
            raise Conflict("What is published is not discussed here any more.")
        place = quote = ""
        if parent.revision_id != revision.pk:
            raise Conflict("That remark is not of this revision.")
        parent = Remark.objects.get(pk=parent.parent_id or parent.pk)
    elif revision.state != Revision.State.IN_REVIEW:
        raise Conflict("Remarks are made while a revision is in review.")
    else:
        quote = _quote(revision, place, quote)
    remark = Remark.objects.create(revision=revision, parent=parent, place=place, quote=quote, text=text, author=by)
    note(by, "reply" if parent else "remark", revision, remark=remark.pk)
    _tell_of(remark, by)
    return remark


@transaction.atomic
def resolve_remark(*, remark: Remark, by: Person) -> Remark:
    """Settle a remark. Doing it again changes nothing."""
    return _settle(remark, by, is_settled=True)


@transaction.atomic
def reopen_remark(*, remark: Remark, by: Person) -> Remark:
    """Take back that a remark is settled. Doing it again changes nothing."""
    return _settle(remark, by, is_settled=False)


def _settle(remark: Remark, by: Person, *, is_settled: bool) -> Remark:
    revision = lock(remark.revision).revision
    _require_part(revision, by)
    if revision.state not in _SETTLED_IN:
        raise Conflict("What is published is not discussed here any more.")
    remark = Remark.objects.get(pk=remark.parent_id or remark.pk)
    if (remark.resolved_at is not None) == is_settled:
        return remark
    remark.resolved_at, remark.resolved_by = (timezone.now(), by) if is_settled else (None, None)
    remark.save(update_fields=["resolved_at", "resolved_by"])
    note(by, "resolve" if is_settled else "reopen", revision, remark=remark.pk)
    return remark


def _require_part(revision: Revision, by: Person) -> None:
    """Raise Refused for those who neither edit documents nor are named in this review."""
    if not Revision.objects.under_review_for(by).filter(pk=revision.pk).exists():
        raise Refused("Only editors and those asked to review it remark on a revision.")


def _text(text: str) -> str:
    return words.said(text, most=LONGEST, empty="Write what you want to say.")


def _quote(revision: Revision, place: str, quote: str) -> str:
    """The words as they are kept: with single spaces."""
    quote = anchors.squeezed(quote.replace("\0", ""))
    found = places_of(revision)
    if place and place not in found:
        raise Invalid(place="Choose a place of this revision.")
    if len(quote) > LONGEST_QUOTE:
        raise Invalid(quote=f"Choose fewer words: at most {LONGEST_QUOTE} characters.")
    if quote and (not place or not anchors.occurs(quote, found[place])):
        raise Invalid(quote="These words do not stand in that place. Copy them as they are, or leave this empty.")
    return quote


def _tell_of(remark: Remark, by: Person) -> None:
    """The author learns of a remark, and of a reply whoever made the remark: once a day, however many."""
    revision, day = remark.revision, timezone.now().date()
    who = remark.parent.author if remark.parent else revision.author
    if who is None or who.pk == by.pk:
        return
    what = "There is a reply to your remarks on" if remark.parent else "There are remarks on"
    key = f"revision:{revision.pk}:{'replies' if remark.parent else 'remarks'}:{day}"
    tell(person=who, kind=KIND, text=f"{what} {title_of(revision)}.", path=review_address(revision), key=key)
