"""Sending a draft to review."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from knowledge.lifecycle import approvals_needed
from knowledge.models import Review, Revision
from knowledge.reviewforms import People, SubmitForm
from knowledge.reviewpage import unsettled
from knowledge.services import submit_revision
from knowledge.services.reviewtelling import review_address
from portal.members.access import needs, person_of
from portal.members.kept import posted_or_kept
from portal.members.policy import Action
from portal.members.views.helpers import attempt


@needs(Action.EDIT_DOCUMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose who reviews the document's draft, and by when."""
    person = person_of(request)
    drafts = Revision.objects.visible_to(person).filter(document__slug=slug, state=Revision.State.DRAFT)
    draft = get_object_or_404(drafts.select_related("document", "author", "based_on"))
    people, needed = People(draft), approvals_needed(draft.document.kind)
    form = SubmitForm(posted_or_kept(request), people=people, needed=needed, before=_before(draft))
    if request.method == "POST" and form.is_valid():
        named, due_on = form.named(), form.cleaned_data["due_on"]
        if attempt(form, lambda: submit_revision(revision=draft, reviewers=named, due_on=due_on, by=person)):
            messages.success(request, f"“{draft.title}” is in review. The text is frozen until it is decided.")
            return redirect(review_address(draft))
    requests, remarks = unsettled(draft)
    context = {
        "document": draft.document,
        "revision": draft,
        "form": form,
        "approvals": needed,
        "too_few": len(people) < needed,
        "requests": requests,
        "remarks": remarks,
        "contributors": list(draft.contributors.all()),
    }
    return render(request, "knowledge/submit.html", context)


def _before(draft: Revision) -> list[Review]:
    """The reviews of the round before, if the draft goes on from one."""
    number = draft.number - 1
    rows = Review.objects.filter(
        revision__document=draft.document_id, revision__number=number, revision__state=Revision.State.RETURNED
    )
    return list(rows.order_by("pk"))
