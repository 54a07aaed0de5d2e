"""Thanks for an FAQ, in one click, and their undoing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from consults.services import thanking
from knowledge.models import Document
from portal.common.refusals import Invalid
from portal.members.access import person_of, signed_in


@signed_in
@require_POST
def thank(request: HttpRequest, slug: str) -> HttpResponse:
    """Thank, or with ``undo`` take it back."""
    by = person_of(request)
    document = get_object_or_404(Document.objects.visible_to(by), slug=slug)
    try:
        if "undo" in request.POST:
            thanking.unthank(document, by=by)
            messages.success(request, "Your thanks are taken back.")
        else:
            thanking.thank(document, by=by)
            messages.success(request, "Thank you. Its author sees that it helped, without your name.")
    except Invalid as invalid:
        messages.error(request, str(invalid))
    return redirect(document)
