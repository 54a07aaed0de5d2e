"""Readers say whether a document answered them; editors work through the comments and reply."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge.forms import FeedbackForm, ReplyForm
from knowledge.models import Feedback, FeedbackQuerySet
from knowledge.rated import ratings
from knowledge.services import give_feedback, reply_to_feedback
from knowledge.views.feedback_panel import feedback_panel
from knowledge.views.reading import document_page, visible_document
from portal.common.notices import mark_read_at
from portal.common.refusals import Conflict, Invalid
from portal.members.access import needs, person_of, signed_in
from portal.members.kept import posted_or_kept
from portal.members.policy import Action

PAGE = 25
STATES = (("open", "Waiting for a reply"), ("answered", "Replied to"), ("all", "All comments"))


@signed_in
@require_POST
def give(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep the answer; as a fragment for htmx, else back at the foot of the page."""
    found = visible_document(person_of(request), slug)
    revision = found.current_revision
    if revision is None:
        raise Http404
    form = FeedbackForm(request.POST)
    if form.is_valid():
        values = dict(form.cleaned_data)
        values["revision"] = values["revision"] or revision.number
        try:
            give_feedback(document=found, by=person_of(request), **values)
        except Invalid as error:
            form.add_error(None, str(error))
    is_fragment = bool(request.headers.get("HX-Request"))
    if form.is_valid() and not is_fragment:
        return redirect(f"{found.get_absolute_url()}#feedback")
    panel = feedback_panel(request, found, revision, None if form.is_valid() else form)
    context = {"document": found, "revision": revision, "feedback": panel, "is_saved": form.is_valid()}
    if is_fragment:
        return render(request, "knowledge/feedback.html", context)
    return render(request, "knowledge/document.html", document_page(request, found, revision) | context)


@needs(Action.EDIT_DOCUMENTS)
@require_safe
def comments(request: HttpRequest) -> HttpResponse:
    """Comments of readers, those that wait longest first; by ?state=, ?answer=, ?reason= and words of the title."""
    asked = {name: request.GET.get(name, "").replace("\0", "") for name in ("state", "answer", "reason", "title")}
    asked["state"] = asked["state"] if asked["state"] in dict(STATES) else "open"
    everything = Feedback.objects.visible_to(person_of(request))
    rows = _filtered(everything, asked).select_related("person", "document", "revision").prefetch_related("replies__by")
    rows = rows.order_by("changed_at" if asked["state"] == "open" else "-changed_at", "pk")
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "waiting": everything.open().count(),
        "states": STATES,
        "answers": Feedback.Answer.choices,
        "reasons": Feedback.Reason.choices,
        "asked": asked,
        "filtered": asked["state"] != "open" or any(asked[name] for name in ("answer", "reason", "title")),
    }
    return render(request, "knowledge/comments.html", context)


def _filtered(rows: FeedbackQuerySet, asked: dict[str, str]) -> FeedbackQuerySet:
    rows = rows.open() if asked["state"] == "open" else rows.with_comment()
    rows = rows.exclude(answered_at=None) if asked["state"] == "answered" else rows
    rows = rows.filter(answer=asked["answer"]) if asked["answer"] in Feedback.Answer.values else rows
    rows = rows.filter(reason=asked["reason"]) if asked["reason"] in Feedback.Reason.values else rows
    words = asked["title"].strip()[:100]
    return rows.filter(revision__title__icontains=words) if words else rows


@needs(Action.EDIT_DOCUMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """One comment with what was replied, and the form to reply."""
    person = person_of(request)
    rows = Feedback.objects.visible_to(person).select_related("person", "document", "revision")
    found = get_object_or_404(rows.prefetch_related("replies__by"), pk=pk if pk < 2**31 else 0)
    if not found.comment and not found.replies.all():
        raise Http404
    form = ReplyForm(posted_or_kept(request))
    if request.method == "POST" and form.is_valid():
        try:
            reply_to_feedback(feedback=found, text=form.cleaned_data["text"], by=person)
        except (Conflict, Invalid) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{found.person.name} is told that you replied.")
            return redirect("comments")
    mark_read_at(person, request.path)
    return render(request, "knowledge/comment.html", {"feedback": found, "form": form})


@needs(Action.EDIT_DOCUMENTS)
@require_safe
def rated(request: HttpRequest) -> HttpResponse:
    """Documents by how often they did not answer."""
    page = Paginator(ratings(), PAGE).get_page(request.GET.get("page"))
    return render(request, "knowledge/rated.html", {"page": page, "waiting": Feedback.objects.open().count()})
