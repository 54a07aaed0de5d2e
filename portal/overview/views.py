"""The members at a glance: the figures, and the rows each leads to. For administrators of the network, and auditors."""

from itertools import groupby

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.members.access import person_of, signed_in
from portal.members.views.helpers import ROWS, as_csv
from portal.overview.exporting import COLUMNS, lines, why_not
from portal.overview.figures import figures, narrowed
from portal.overview.members import NEAR_PERCENT, SOON, members, quiet_after


@signed_in
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The figures and the rows they are of; ``show`` narrows to one figure's, ``format`` makes a file."""
    if reason := why_not(person_of(request)):
        raise PermissionDenied(reason)
    everyone = members(timezone.now())
    found = figures(everyone)
    shown = next((row for row in found if row.key == request.GET.get("show")), None)
    rows = narrowed(everyone, shown.key if shown else "")
    if request.GET.get("format") == "csv":
        return as_csv("members", COLUMNS, ([line[name] for name in COLUMNS] for line in lines(rows)))
    if request.GET.get("format") == "json":
        response = JsonResponse({"members": list(lines(rows))})
        response["Content-Disposition"] = 'attachment; filename="members.json"'
        return response
    context = {
        "parts": [(part, list(of)) for part, of in groupby(found, key=lambda figure: figure.part)],
        "shown": shown,
        "page": Paginator(rows, ROWS).get_page(request.GET.get("page")),
        "soon": SOON.days,
        "quiet": quiet_after().days,
        "near": NEAR_PERCENT,
    }
    return render(request, "home/overview.html", context)
