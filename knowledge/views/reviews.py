"""The list of reviews that wait for one person, and of those they decided."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from knowledge.models import Review
from portal.members.access import person_of, signed_in

PAGE = 25
WHICH = (("waiting", "Waiting for me"), ("decided", "Decided"), ("over", "No longer needed"))


@signed_in
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """My reviews, and those I stand in for; ?state= which of them."""
    person = person_of(request)
    if not (person.actor.is_editor or person.actor.specialist_in):
        raise Http404
    now, which = timezone.now(), request.GET.get("state", "")
    which = which if which in dict(WHICH) else "waiting"
    rows = Review.objects.for_person(person, now).select_related("revision__document", "reviewer", "decided_by")
    if which == "waiting":
        rows = rows.waited_for().order_by("due_on", "pk")
    elif which == "decided":
        rows = rows.exclude(decision="").order_by("-decided_at", "-pk")
    else:
        rows = rows.filter(decision="").exclude(pk__in=Review.objects.waited_for()).order_by("-asked_at", "-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "knowledge/reviews.html", {"page": page, "which": which, "states": WHICH})
