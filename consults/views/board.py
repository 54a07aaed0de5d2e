"""The live board: all sections one sees, and one section with the consults behind each figure."""

import hashlib
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from consults import board
from consults.presenting import show_clocks, with_clocks
from portal.members.access import person_of, signed_in
from portal.members.models import Specialty

PER_PAGE = 25
NOTHING_NEW = 204


@signed_in
@require_safe
def sections(request: HttpRequest) -> HttpResponse:
    """Every section on the person's board."""
    shown = _specialties(request)
    now, zone = timezone.now(), timezone.get_current_timezone()
    rows = board.board(person_of(request), shown, now=now, zone=zone)
    return _live(request, "consults/board.html", "consults/board_sections.html", {"sections": rows})


@signed_in
@require_safe
def section(request: HttpRequest, slug: str) -> HttpResponse:
    """One section, with the consults behind the figure that ``show`` names."""
    person = person_of(request)
    mine = board.specialties(person) if board.may_see(person) else []
    specialty = next((row for row in mine if row.slug == slug), None)
    if specialty is None:
        raise Http404
    now, zone = timezone.now(), timezone.get_current_timezone()
    show = request.GET.get("show", "")
    show = show if show in board.FIGURES else "open"
    rows = with_clocks(board.behind(person, specialty, show, now=now, zone=zone))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = show_clocks(page.object_list, now=now, zone=zone)
    context = {
        "section": board.board(person, [specialty], now=now, zone=zone)[0],
        "show": show,
        "show_name": board.FIGURES[show],
        "page": page,
    }
    return _live(request, "consults/board_section.html", "consults/board_one.html", context)


def _specialties(request: HttpRequest) -> list[Specialty]:
    """The sections on the person's board. Raises PermissionDenied for whom there is none."""
    if not board.may_see(person_of(request)):
        raise PermissionDenied("The board is for those who answer questions and for the network's staff.")
    return board.specialties(person_of(request))


def _live(request: HttpRequest, whole: str, part: str, context: dict[str, Any]) -> HttpResponse:
    """The page; or, asked again by the page itself, the part that changes, and nothing where it has not changed."""
    now = timezone.localtime()
    inner = render_to_string(part, context, request)
    version = hashlib.sha256(inner.encode()).hexdigest()[:16]
    context |= {"inner": inner, "version": version, "now": now}
    if not getattr(request, "htmx", False):
        return render(request, whole, context)
    if request.GET.get("version") == version:
        response = HttpResponse(status=NOTHING_NEW)
    else:
        response = render(request, "consults/board_live.html", context)
    response["X-Board-At"] = f"{now:%H:%M:%S}"
    return response
