"""Pages that find: search, browse, and the documents that match a question being written."""

import re
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from knowledge import search as engine
from knowledge.models import Document, DocumentQuerySet, Recommendation
from knowledge.search import Hit, Results
from knowledge.services import searching
from knowledge.standing import standing
from portal.members.access import person_of, signed_in
from portal.members.models import Specialty

PAGE = 20
BROWSE_PAGE = 30
_LONGEST_PAGE_NUMBER = 6
_CODE = re.compile(r"[A-Z]\d[0-9A-Z]?\.?[0-9A-Z]{0,4}")


@signed_in
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Results for ?q=, by ?kind=, ?specialty=, ?code=, ?since= and ?noted=1, a page at a time."""
    person, query, number = person_of(request), request.GET.get("q", "").strip(), _page_number(request)
    kind, specialty, specialties = _facets_asked(request)
    code, since = _code_asked(request), _day_asked(request)
    asked: dict[str, Any] = {"person": person, "kind": kind, "specialty": specialty, "page_size": PAGE}
    noted = request.GET.get("noted") == "1"
    asked |= {"code": code, "since": since, "noted": noted}
    narrowed = bool(kind or specialty or code or since or noted)
    results = engine.search(query, page=number, **asked)
    page = Paginator(range(results.count), PAGE).get_page(number)
    if results.count and page.number != number:
        results = engine.search(query, page=page.number, **asked)
    kinds = [(value, label, results.facets.kind.get(value, 0)) for value, label in Document.Kind.choices]
    places = [(slug, name, results.facets.specialty.get(slug, 0)) for slug, name in specialties.items()]
    today = timezone.localdate()
    first = (page.number - 1) * PAGE + 1
    number_of = _remember(request, query, results, is_first=number == 1 and not narrowed)
    context = {
        "query": query,
        "results": results,
        "rows": [_row(hit, today, position, number_of) for position, hit in enumerate(results.hits, first)],
        "elsewhere": engine.elsewhere(query, person=person) if number == 1 else {},
        "page": page,
        "kind": kind,
        "specialty": specialty,
        "code": code,
        "since": since,
        "noted": noted,
        "narrowed": narrowed,
        "specialty_name": specialties.get(specialty or ""),
        "kinds": [row for row in kinds if row[2] or row[0] == kind],
        "places": sorted((row for row in places if row[2] or row[0] == specialty), key=lambda row: -row[2]),
        "suggested": engine.specialties_for(query) if query and not results.count else [],
        "ask_url": f"/ask/?{urlencode({'question': query})}",
    }
    return render(request, "knowledge/search.html", context)


@signed_in
@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    """Everything published, by ?kind= and ?specialty=, in the order of titles."""
    kind, specialty, specialties = _facets_asked(request)
    published = Document.objects.visible_to(person_of(request)).published()
    of_kind, of_specialty = _of(published, kind, None), _of(published, None, specialty)
    kinds = dict(of_specialty.order_by().values_list("kind").annotate(Count("pk")))
    places = dict(of_kind.order_by().values_list("specialties__slug").annotate(Count("pk")))
    found = (
        _of(published, kind, specialty)
        .select_related("current_revision")
        .prefetch_related("specialties", "current_revision__recommendations")
    )
    page = Paginator(found.order_by("current_revision__title", "pk"), BROWSE_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    context = {
        "page": page,
        "rows": [
            {"document": document, "standing": standing(revision.recommendations.all(), revision.review_due, today)}
            for document in page
            if (revision := document.current_revision)
        ],
        "kind": kind,
        "specialty": specialty,
        "specialty_name": specialties.get(specialty or ""),
        "follows": bool(specialty) and person_of(request).follows.filter(specialty__slug=specialty).exists(),
        "kinds": [(value, label, kinds.get(value, 0)) for value, label in Document.Kind.choices],
        "places": [(slug, name, places[slug]) for slug, name in specialties.items() if places.get(slug)],
    }
    return render(request, "knowledge/documents.html", context)


@signed_in
@require_safe
def matching(request: HttpRequest) -> HttpResponse:
    """The fragment beside a question that is being written: the documents that match it best."""
    hits = engine.matching_documents(request.GET.get("q", ""), person=person_of(request))
    return render(request, "knowledge/matching.html", {"hits": hits})


@signed_in
@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """The fragment below a search field that is being typed in."""
    found = engine.suggestions(request.GET.get("q", ""), person=person_of(request))
    return render(request, "knowledge/suggestions.html", {"suggestions": found})


def _code_asked(request: HttpRequest) -> str | None:
    code = request.GET.get("code", "").strip().upper()
    return code if _CODE.fullmatch(code) else None


def _day_asked(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(request.GET.get("since", "").strip())
    except ValueError:
        return None


def _of(documents: DocumentQuerySet, kind: str | None, specialty: str | None) -> DocumentQuerySet:
    documents = documents.filter(kind=kind) if kind else documents
    return documents.filter(specialties__slug=specialty) if specialty else documents


def _facets_asked(request: HttpRequest) -> tuple[str | None, str | None, dict[str, str]]:
    """The kind and specialty asked for, None where there is no such one; and the specialties' names."""
    specialties = dict(Specialty.objects.values_list("slug", "name"))
    kind, specialty = request.GET.get("kind"), request.GET.get("specialty")
    return (
        kind if kind in Document.Kind.values else None,
        specialty if specialty in specialties else None,
        specialties,
    )


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_PAGE_NUMBER else 1


def _row(hit: Hit, today: date, position: int, search: int | None) -> dict[str, Any]:
    """A result as it is shown, so that the template asks little of each: there are twenty on a page."""
    revision, recommendation = hit.document.current_revision, hit.recommendation
    assert revision is not None
    place = f"#r-{recommendation.key}" if recommendation else ""
    return {
        "key": hit.document.pk,
        "url": hit.document.get_absolute_url() + (f"?from={search}&at={position}" if search else "") + place,
        "title": revision.title,
        "passage": hit.passage,
        "kind": hit.document.kind_name,
        "strength": _strength(recommendation) if recommendation else "",
        "standing": standing(revision.recommendations.all(), revision.review_due, today),
    }


def _strength(recommendation: Recommendation) -> str:
    """``Strong recommendation, high certainty``, as far as it is graded."""
    if not recommendation.strength:
        return "Recommendation"
    grade = f", {recommendation.get_grade_display().lower()}" if recommendation.grade else ""
    return f"{recommendation.get_strength_display()} recommendation{grade}"


def _remember(request: HttpRequest, query: str, results: Results, *, is_first: bool) -> int | None:
    """The number under which editors learn of this search; the links to what was found carry it."""
    return searching.record_search(
        query=query,
        count=results.count,
        corrected=results.corrected,
        degraded=results.degraded,
        is_first=is_first,
        by=person_of(request),
        at=timezone.now(),
    )
