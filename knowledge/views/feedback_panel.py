"""“Was this answered?” at the foot of a document: what the reader said, what was replied, and the form."""

from dataclasses import dataclass, field
from functools import cached_property

from django.http import HttpRequest
from django.urls import reverse

from knowledge.forms import FeedbackForm
from knowledge.fragments import SECONDS
from knowledge.models import Document, Feedback, Revision
from portal.common.notices import mark_read_at
from portal.members import kept
from portal.members.access import person_of
from portal.members.models import Person


@dataclass(frozen=True)
class Panel:
    """``mine`` is the answer to the revision shown; ``said`` are all comments with their replies, newest first.

    ``is_waiting``: the form holds what was typed when the session ended, and it is not sent yet. ``seconds`` is how
    long the form may be kept as it is drawn: 0 where it holds anything of the reader's.
    """

    revision: int
    filled: FeedbackForm | None = None
    mine: Feedback | None = None
    said: list[Feedback] = field(default_factory=list)
    is_waiting: bool = False

    @property
    def seconds(self) -> int:
        return 0 if self.mine or self.filled else SECONDS

    @cached_property
    def form(self) -> FeedbackForm:
        """Made when a page draws it, which is once for all who said nothing yet."""
        mine = self.mine
        start = {"answer": mine.answer, "reason": mine.reason, "comment": mine.comment} if mine else {}
        return self.filled or FeedbackForm(initial=start | {"revision": self.revision})


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
    rows = _given(person_of(request), document) if has_answered else []
    mine = next((row for row in rows if row.revision_id == revision.pk), None)
    typed = kept.take(request, reverse("document-feedback", args=[document.slug])) if form is None else None
    filled = form if typed is None else FeedbackForm(typed, initial={"revision": revision.number})
    said = [row for row in rows if row.comment or row.replies.all()]
    return Panel(revision.number, filled, mine, said, is_waiting=typed is not None)


def _given(person: Person, document: Document) -> list[Feedback]:
    """All that ``person`` answered, newest first; that they read the replies is noted."""
    given = document.feedback.filter(person=person).select_related("revision").prefetch_related("replies__by")
    rows = list(given.order_by("-revision__number"))
    if any(row.replies.all() for row in rows):
        mark_read_at(person, f"{document.get_absolute_url()}#feedback")
    return rows
