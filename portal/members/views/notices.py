"""What a person was told."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal.common import notices as notices_of
from portal.members.access import person_of, signed_in
from portal.members.views.helpers import paged


@signed_in
def notices(request: HttpRequest) -> HttpResponse:
    return render(request, "common/notices.html", {"page": paged(request, person_of(request).notices.all())})


@signed_in
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark it read and go where it leads. The one change made by following a link: harmless, and done by its reader."""
    found = get_object_or_404(person_of(request).notices, pk=pk)
    notices_of.mark_read(by=person_of(request), number=found.pk)
    return redirect(found.path)


@require_POST
@signed_in
def mark_read(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Mark one notice read, or all of them."""
    notices_of.mark_read(by=person_of(request), number=pk)
    return redirect("notices")
