"""Reading one document, its diagram, and working its calculator."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from knowledge import drawings, flows
from knowledge.asked import asked_of
from knowledge.beside import Beside, beside
from knowledge.calculators import ScoreForm
from knowledge.forms import NoteForm
from knowledge.fragments import Fragments, aside, fragments
from knowledge.models import Document, Revision
from knowledge.policy import may_verify
from knowledge.reader import AtHand, at_hand
from knowledge.rendering import rendered
from knowledge.reviewpage import unsettled
from knowledge.services import record_reading
from knowledge.services.publishing import READY
from knowledge.services.searching import record_click
from knowledge.standing import standing
from knowledge.views.feedback_panel import feedback_panel
from portal.members import kept
from portal.members.access import person_of, signed_in
from portal.members.directory import Listed, experts
from portal.members.models import Person, Specialty

EXPERTS = 3
LAST_POSITION = 9_999
# An SVG carries its own style element; nothing else may load or run.
_DIAGRAM_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_YEAR = 31_536_000
_NUMBER = re.compile(r"[0-9]{1,18}$")


@signed_in
@require_safe
def document(request: HttpRequest, slug: str) -> HttpResponse:
    """A document as it is published; retired ones under a banner."""
    found = visible_document(person_of(request), slug)
    if found.current_revision is None:
        raise Http404
    _note_click(request, found)
    return show_current(request, found, found.current_revision)


def _note_click(request: HttpRequest, found: Document) -> None:
    """Where the link came from the results of a search, that it was followed: ?from= the search, ?at= the place."""
    numbers = [request.GET.get(name, "") for name in ("from", "at")]
    if all(_NUMBER.match(number) for number in numbers):
        search, position = map(int, numbers)
        record_click(
            search=search,
            document=found,
            position=min(position, LAST_POSITION),
            by=person_of(request),
            at=timezone.now(),
        )


def show_current(request: HttpRequest, found: Document, revision: Revision) -> HttpResponse:
    """What a document says now, with what changed since the reader last read it; that they read it is remembered."""
    person = person_of(request)
    here = at_hand(found, revision, person=person)
    record_reading(document=found, by=person)
    page = document_page(request, found, revision, here)
    page["last_read"] = here.last_read if here.last_read and here.last_read < revision.number else None
    return render(request, "knowledge/document.html", page)


@signed_in
@require_safe
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """A document's draft, for editors only."""
    person = person_of(request)
    found = visible_document(person, slug)
    waiting = found.revisions.filter(state=Revision.State.DRAFT).first() if person.actor.is_editor else None
    if waiting is None:
        raise Http404
    requests, remarks = unsettled(waiting)
    page = document_page(request, found, waiting) | {"requests": requests, "remarks": remarks}
    return render(request, "knowledge/document.html", page)


@signed_in
@require_POST
def calculate(request: HttpRequest, slug: str) -> HttpResponse:
    """What the calculator's answers come to; as a fragment for htmx, else on the whole page. Nothing is stored."""
    found = visible_document(person_of(request), slug)
    revision = found.current_revision
    if revision is None or not revision.calculator:
        raise Http404
    form = ScoreForm(revision.calculator, request.POST)
    context = {"document": found, "revision": revision, "form": form, "score": form.score()}
    if request.headers.get("HX-Request"):
        return render(request, "knowledge/calculator.html", context)
    return render(request, "knowledge/document.html", document_page(request, found, revision) | context)


@signed_in
@require_safe
def diagram(request: HttpRequest, slug: str) -> HttpResponse:
    """A decision flow as an image: ?n= which, ?theme= light or dark, ?revision= the revision it belongs to."""
    person, number = person_of(request), request.GET.get("revision", "")
    revisions = Revision.objects.visible_to(person).filter(document__slug=slug)
    if not number:
        revisions = revisions.filter(pk=F("document__current_revision"))
    elif number.isascii() and number.isdecimal() and len(number) < 7:
        revisions = revisions.filter(number=number)
    else:
        raise Http404
    revision = revisions.first()
    if revision is None:
        raise Http404
    theme, sources = request.GET.get("theme", "light"), flows.sources(revision.body)
    place = request.GET.get("n", "0")
    if theme not in drawings.THEMES or place not in map(str, range(len(sources))):
        raise Http404
    try:
        svg = drawings.drawing(sources[int(place)], theme, keep=revision.state != Revision.State.DRAFT)
    except flows.FlowError:
        raise Http404 from None
    lasts = bool(number) and revision.state != Revision.State.DRAFT
    caching = f"private, max-age={_YEAR}, immutable" if lasts else "private, no-cache"
    headers = {"Content-Security-Policy": _DIAGRAM_POLICY, "Cache-Control": caching}
    return HttpResponse(svg, content_type="image/svg+xml", headers=headers)


def visible_document(person: Person, slug: str) -> Document:
    found = Document.objects.to_read(person, slug)
    if found is None:
        raise Http404
    return found


def document_page(
    request: HttpRequest, found: Document, revision: Revision, here: AtHand | None = None
) -> dict[str, Any]:
    """What the page of this revision shows the reader, with ``here`` where it was looked up already."""
    person = person_of(request)
    here = here or at_hand(found, revision, person=person)
    revision.document = found
    recommendations = here.recommendations
    is_current = revision.pk == found.current_revision_id
    body, opened, today = rendered(revision), _open(person, found), timezone.localdate()
    notes = beside(person, found, revision, recommendations, body) if here.has_notes else None
    known = experts(here.specialties, limit=EXPERTS)
    return {
        "document": found,
        "revision": revision,
        "is_draft": revision.state == Revision.State.DRAFT,
        "body": body,
        "beside": notes or Beside(),
        "fragments": Fragments() if notes else fragments(revision, here),
        "recommendations": recommendations,
        "references": here.references,
        "standing": standing(recommendations, revision.review_due, today),
        "specialties": here.specialties,
        "related": here.related,
        "form": ScoreForm(revision.calculator) if revision.calculator else None,
        "has_draft": opened is not None and opened.state == Revision.State.DRAFT,
        "under_review": opened if opened and opened.state != Revision.State.DRAFT else None,
        "follows": here.follows,
        "note_form": note_form(request, found, here.note),
        "feedback": feedback_panel(request, found, revision, has_answered=here.has_answered),
        "may_publish": person.actor.is_editor and revision.author_id != person.pk,
        "ready": opened if opened and opened.state in READY else None,
        "asked": asked_of(person, found.pk) if is_current and here.is_asked else None,
        "may_verify": _may_verify(person, found, here.specialties),
        "my_lists": here.lists,
        "has_default_list": any(row.is_default for row in here.lists),
        "kept_in": here.kept_in,
        "experts": known,
        "aside": _aside(person, found, here, known) if is_current else Fragments(),
    }


def _aside(person: Person, found: Document, here: AtHand, known: Sequence[Listed]) -> Fragments:
    """Nothing is kept of what stands there for those who edit or verify the document."""
    if person.actor.is_editor or _may_verify(person, found, here.specialties):
        return Fragments()
    return aside(found, here, known, asks=bool(person.actor.clinician_in))


def _may_verify(person: Person, found: Document, specialties: Iterable[Specialty]) -> bool:
    if found.retired_at or found.current_revision is None:
        return False
    return bool(may_verify(person.actor, owner=found.owner_id, specialties=[place.pk for place in specialties]))


def _open(person: Person, found: Document) -> Revision | None:
    """For editors: the one revision on its way to being published."""
    if not person.actor.is_editor:
        return None
    return found.revisions.filter(state__in=Revision.OPEN_STATES).only("number", "state", "scheduled_for").first()


def note_form(request: HttpRequest, found: Document, note: str | None) -> NoteForm:
    """The reader's note on this document; what was typed when the session ended stands in its place."""
    kept_text = kept.take(request, reverse("document-note", args=[found.slug]))
    text = kept_text.get("note", "") if kept_text else note or ""
    return NoteForm(initial={"note": text}, is_saved=note is not None, is_waiting=kept_text is not None)
