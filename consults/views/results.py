"""What came of one's own answers: the requesters' close-outs, and the FAQs that grew from them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consults.results import results
from consults.services import thanking
from portal.members.access import person_of, signed_in

SHOWN = 50


@signed_in
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """For specialists, and only ever one's own."""
    person = person_of(request)
    if not person.actor.specialist_in:
        raise Http404
    rows = thanking.close_outs(person)
    page = {
        "results": results(rows),
        "comments": [row for row in rows if row.comment][:SHOWN],
        "used": thanking.of_author(person),
    }
    return render(request, "consults/my_results.html", page)
