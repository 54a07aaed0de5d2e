"""What waits for the editors: each row leads to the act that mends it. Above every app, like the first page.

Figures are of the whole network. A number of readers below eleven is not shown: with one organization reading a
document, it would tell of that organization.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from consults.models import Citation, FaqOffer
from knowledge import figures, rated
from knowledge.models import Document, Review
from portal.members.access import needs, person_of
from portal.members.models import Person
from portal.members.policy import Action

WINDOW = timedelta(days=30)
SOON = timedelta(days=30)
SHOWN = 8


@dataclass(frozen=True)
class Read:
    """A document and its readers of the last thirty days; None below eleven."""

    document: Document
    readers: int | None


@needs(Action.EDIT_DOCUMENTS)
@require_safe
def editing(request: HttpRequest) -> HttpResponse:
    """What is due, who is waited for, what is read, and what was asked in vain."""
    person, now = person_of(request), timezone.now()
    today, since = timezone.localdate(now), now - WINDOW
    due: Any = Document.objects.visible_to(person).published().with_first_due().select_related("current_revision")
    late = due.filter(first_due__lt=today)
    reviews = Review.objects.visible_to(person).waited_for().select_related("reviewer", "revision__document")
    uncited = _uncited(person)
    context: dict[str, Any] = {
        "now": now,
        "days": WINDOW.days,
        "overdue": late.order_by("first_due", "slug")[:SHOWN],
        "overdue_count": late.count(),
        "soon_count": due.filter(first_due__gte=today, first_due__lte=today + SOON).count(),
        "reviews": [(row, (now - row.asked_at).total_seconds()) for row in reviews.order_by("asked_at", "pk")[:SHOWN]],
        "review_count": reviews.count(),
        "most_read": most_read(person, since=since),
        "nothing_found": figures.found_nothing(since=since, limit=SHOWN),
        "nothing_clicked": figures.clicked_nothing(since=since, now=now, limit=SHOWN),
        "shares": figures.shares(since=since, now=now),
        "low_rated": low_rated(),
        "open_comments": rated.open_comments(),
        "uncited": uncited[:SHOWN],
        "uncited_count": uncited.count(),
    }
    return render(request, "home/editing.html", context)


def low_rated() -> list[Document]:
    """The documents that answered least."""
    rows: Any = rated.ratings().filter(Q(low__gt=0))[:SHOWN]
    return list(rows)


def most_read(person: Person, *, since: datetime) -> list[Read]:
    """The documents that most people opened since then."""
    read = Document.objects.visible_to(person).published().filter(readings__at__gte=since)
    counted = read.annotate(readers=Count("readings__person", distinct=True)).select_related("current_revision")
    rows: Any = counted.order_by("-readers", "slug")[:SHOWN]
    return [Read(row, row.readers if row.readers >= figures.SMALLEST_CELL else None) for row in rows]


def _uncited(person: Person) -> QuerySet[FaqOffer]:
    """Answers that rest on no document of ours, and that no editor has decided on."""
    cited = Citation.objects.filter(message__consult=OuterRef("consult"))
    offers = FaqOffer.objects.visible_to(person).waiting().filter(~Exists(cited))
    return offers.select_related("consult__specialty")
