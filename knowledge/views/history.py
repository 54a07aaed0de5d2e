"""What a document said before: its revisions, each as it was, and the differences between any two."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from knowledge.differences import (
    Kind,
    Part,
    Piece,
    RecommendationChange,
    difference,
    parts,
    recommendation_changes,
    words,
)
from knowledge.models import Document, Revision, RevisionQuerySet
from knowledge.services import record_reading
from knowledge.views.reading import document_page, show_current, visible_document
from portal.members.access import person_of, signed_in
from portal.members.models import Person

PAGE = 25
VIEWS = (("inline", "In one text"), ("side", "Side by side"))
_LARGEST_NUMBER = 1_000_000


@signed_in
@require_safe
def revision(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A revision as it was published, under a banner unless it is what the document says now."""
    found = visible_document(person_of(request), slug)
    shown = _published(found).filter(number=number).first() if number < _LARGEST_NUMBER else None
    if shown is None:
        raise Http404
    if shown.pk == found.current_revision_id:
        return show_current(request, found, shown)
    page = document_page(request, found, shown)
    page |= {"is_past": True, "form": None, "has_draft": False}
    page["score_items"] = shown.calculator["items"] if shown.calculator else []
    return render(request, "knowledge/document.html", page)


@signed_in
@require_safe
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """The revisions of a document; with ?from= and ?to= what differs between two, ?view= inline or side."""
    person = person_of(request)
    found = visible_document(person, slug)
    revisions = _visible(person, found).select_related("author", "published_by").defer("body")
    page = Paginator(revisions, PAGE).get_page(request.GET.get("page"))
    if not page.paginator.count:
        raise Http404
    view = "side" if request.GET.get("view") == "side" else "inline"
    pair = _pair(request, person, found)
    if pair and pair[1].pk == found.current_revision_id and person.readings.filter(document=found).exists():
        record_reading(document=found, by=person)
    context: dict[str, Any] = {
        "document": found,
        "title": (found.current_revision or page[0]).title,
        "page": page,
        "numbers": list(revisions.values_list("number", flat=True)),
        "view": view,
        "views": VIEWS,
        "pair": pair,
        "compared": compared(*pair) if pair else None,
        "asked_wrongly": bool(not pair and (request.GET.get("from") or request.GET.get("to"))),
    }
    return render(request, "knowledge/history.html", context)


@dataclass(frozen=True)
class Compared:
    """What differs between two revisions, ready to show."""

    title: tuple[Piece, ...]
    summary: tuple[Piece, ...]
    recommendations: list[RecommendationChange]
    parts: list[Part]
    text_changed: bool

    @property
    def is_same(self) -> bool:
        """Whether nothing shown here differs."""
        words = [piece for piece in (*self.title, *self.summary) if piece.kind != Kind.SAME]
        return not (words or self.recommendations or self.text_changed)


def compared(before: Revision, after: Revision) -> Compared:
    """The differences from one revision to another."""
    lines = difference(before.body.replace("\r\n", "\n"), after.body.replace("\r\n", "\n"))
    changes = recommendation_changes(before.recommendations.all(), after.recommendations.all())
    return Compared(
        title=words(before.title, after.title),
        summary=words(before.summary, after.summary),
        recommendations=[change for change in changes if change.kind != Kind.SAME],
        parts=parts(lines),
        text_changed=any(line.kind != Kind.SAME for line in lines),
    )


def _published(found: Document) -> RevisionQuerySet:
    return Revision.objects.ever_published().filter(document=found)


def _visible(person: Person, found: Document) -> RevisionQuerySet:
    return Revision.objects.visible_to(person).filter(document=found)


def _pair(request: HttpRequest, person: Person, found: Document) -> tuple[Revision, Revision] | None:
    """The two revisions asked for; None unless both are there for this person."""
    asked = [request.GET.get(name, "") for name in ("from", "to")]
    if not all(number.isascii() and number.isdecimal() and len(number) < 7 for number in asked):
        return None
    rows = {
        row.number: row for row in _visible(person, found).filter(number__in=asked).prefetch_related("recommendations")
    }
    before, after = (rows.get(int(number)) for number in asked)
    return (before, after) if before and after else None
