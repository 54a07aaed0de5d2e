"""“Was this answered?” at the foot of a document: what the reader said, what was replied, and the form."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from knowledge.forms import FeedbackForm
from knowledge.fragments import SECONDS
from knowledge.models import Document, Feedback, Revision
from portal.common.notices import mark_read_at
from portal.members import kept
from portal.members.access import person_of


@dataclass(frozen=True)
class Panel:
    """``mine`` is the answer to the revision shown; ``said`` are all comments with their replies, newest first.

    ``is_waiting``: the form holds what was typed when the session ended, and it is not sent yet. ``seconds`` is how
    long the form may be kept as it is drawn: 0 where it holds anything of the reader's.
    """

    form: FeedbackForm
    mine: Feedback | None
    said: list[Feedback]
    is_waiting: bool = False

    @property
    def seconds(self) -> int:
        return 0 if self.mine or self.form.is_bound else SECONDS


def feedback_panel(
    request: HttpRequest,
    document: Document,
    revision: Revision,
    form: FeedbackForm | None = None,
    *,
    has_answered: bool = True,
) -> Panel | None:
    """None where nothing is asked: on drafts and on what is history. ``has_answered`` false spares looking."""
    if revision.pk != document.current_revision_id:
        return None
    person = person_of(request)
    given = document.feedback.filter(person=person).select_related("revision").prefetch_related("replies__by")
    rows = list(given.order_by("-revision__number")) if has_answered else []
    mine = next((row for row in rows if row.revision_id == revision.pk), None)
    if any(row.replies.all() for row in rows):
        mark_read_at(person, f"{document.get_absolute_url()}#feedback")
    start = {"answer": mine.answer, "reason": mine.reason, "comment": mine.comment} if mine else {}
    typed = kept.take(request, reverse("document-feedback", args=[document.slug])) if form is None else None
    shown = form or FeedbackForm(typed, initial=start | {"revision": revision.number})
    return Panel(shown, mine, [row for row in rows if row.comment or row.replies.all()], typed is not None)
