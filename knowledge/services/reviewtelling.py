"""Telling people of a review: the document's title, what happened, and what is asked. Nothing of what was remarked."""

from collections.abc import Collection, Iterable
from datetime import date

from django.utils.formats import date_format

from knowledge.models import Review, Revision
from portal.common.notices import Telling, tell_all
from portal.members.models import Person, Role

KIND = "review"
_LONGEST_TITLE = 120
_LONGEST_NAME = 60


def title_of(revision: Revision) -> str:
    """The title between quotation marks, short enough for a notice."""
    return f"“{_short(revision.title, _LONGEST_TITLE)}”"


def name_of(person: Person) -> str:
    """The name, short enough for a notice."""
    return _short(person.name, _LONGEST_NAME)


def review_address(revision: Revision) -> str:
    """The page of a revision's review."""
    return f"{revision.document.revision_address(revision.number)}review/"


def day(value: date) -> str:
    return date_format(value, "D j M Y")


def editors() -> list[Person]:
    """Every editor who can sign in."""
    return list(Person.objects.filter(is_active=True, roles__name=Role.Name.EDITOR).distinct())


def asked(reviews: Iterable[Review], *, by: Person, away: Iterable[Review] = ()) -> None:
    """Reviewers learn that they are asked, and the deputies of those who are away that they act."""
    for review in reviews:
        text = f"You are asked to review {title_of(review.revision)} by {day(review.due_on)}."
        _tell([review.reviewer], review.revision, text, f"review:{review.pk}:asked:{_stamp(review)}", besides=by)
    tell_all(filter(None, map(acts, away)))


def acts(review: Review) -> Telling | None:
    """A deputy learns, once for each review, that they act for a reviewer who is away."""
    if review.deputy is None:
        return None
    what = f"{name_of(review.reviewer)} is away: you decide as their deputy"
    text = f"{title_of(review.revision)} waits for a review by {day(review.due_on)}. {what}."
    return Telling(review.deputy, KIND, text, review_address(review.revision), f"review:{review.pk}:acts")


def no_longer(reviews: Iterable[Review], *, why: str, by: Person, still: Collection[int] = (), path: str = "") -> None:
    """Those who were waited for are not any more; ``why`` follows the title. ``still`` are named in another way."""
    for review in reviews:
        text = f"{title_of(review.revision)} {why}. Your review is not needed any more."
        people = [person for person in (review.reviewer, review.deputy) if person and person.pk not in still]
        _tell(people, review.revision, text, f"review:{review.pk}:over:{_stamp(review)}", besides=by, path=path)


def authors(revision: Revision, *, what: str, key: str, path: str, by: Person) -> None:
    """The author, and the editor who sent it to review, learn ``what``, which follows the title."""
    people = [person for person in (revision.author, revision.submitted_by) if person]
    _tell(people, revision, f"{title_of(revision)} {what}", f"revision:{revision.pk}:{key}", besides=by, path=path)


def _tell(
    people: Iterable[Person], revision: Revision, text: str, key: str, *, besides: Person, path: str = ""
) -> None:
    told = {person.pk: person for person in people if person.pk != besides.pk}.values()
    tell_all(Telling(person, KIND, text, path or review_address(revision), key) for person in told)


def _stamp(review: Review) -> int:
    """Tells one asking from the next: a review may come back to whom it was taken from."""
    return int(review.asked_at.timestamp() * 1000)


def _short(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
