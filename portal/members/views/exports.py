"""One's own files: asking for one, seeing how far it is, and saving it while it is there."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.common import exporting, exports, present
from portal.common.models import Export
from portal.common.notices import mark_read_at
from portal.members import downloads
from portal.members.access import person_of, signed_in
from portal.members.export_forms import ExportForm
from portal.members.models import Person
from portal.members.views.helpers import attempt, paged

OWN_WORDS = frozenset({"csrfmiddlewaretoken", "of", "format"})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def files(request: HttpRequest) -> HttpResponse:
    """Mine, the latest first; a POST asks for another, narrowed by whatever else it carries."""
    person = person_of(request)
    kinds = exports.kinds_for(person)
    if not kinds:
        raise PermissionDenied("Files are for administrators of an organization, and for the network's staff.")
    form = ExportForm(request.POST if request.method == "POST" else None, kinds=kinds, person=person)
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: _ask(request, person, form)):
        return redirect("exports")
    mark_read_at(person, request.path)
    page, now = paged(request, Export.objects.visible_to(person)), timezone.now()
    context = {
        "page": page,
        "rows": [_shown(row, now) for row in page],
        "is_waiting": any(row.is_waiting for row in page) and not form.errors,
        "form": form,
        "kinds": kinds,
    }
    return render(request, "common/exports.html", context)


@require_safe
@signed_in
def file(request: HttpRequest, key: str) -> FileResponse:
    """The file, for the one who asked for it, until its day is over. Everybody else finds nothing."""
    try:
        row = exporting.fetch(by=person_of(request), key=key, at=present.now())
    except Export.DoesNotExist:
        raise Http404 from None
    return downloads.export(row)


def _ask(request: HttpRequest, person: Person, form: ExportForm) -> None:
    kind = form.kind
    given = {name: value for name, value in request.POST.items() if name not in OWN_WORDS}
    asked = exports.read(kind, person, {name: str(value) for name, value in given.items()})
    exporting.ask(by=person, kind=kind, form=form.cleaned_data["format"], asked=asked, at=present.now())


def _shown(row: Export, now: Any) -> dict[str, Any]:
    kind = exports.kind_of(row.kind)
    return {
        "export": row,
        "name": kind.name if kind else row.kind,
        "said": kind.said(row.asked) if kind else [],
        "state": row.state(now),
    }
