"""What editors do: see every document with its state, retire documents."""

from collections.abc import Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from knowledge.forms import RetireForm
from knowledge.models import Document, DocumentQuerySet, Recommendation, Review, Revision
from knowledge.services import retire_document
from knowledge.services.publishing import READY
from portal.common.refusals import Conflict, Refused
from portal.members.access import needs, person_of
from portal.members.kept import posted_or_kept
from portal.members.policy import Action

PAGE = 50
STATES = (
    ("published", "Published"),
    ("draft", "Draft waiting"),
    ("returned", "Changes asked for"),
    ("in-review", "In review"),
    ("approved", "Approved"),
    ("scheduled", "Scheduled"),
    ("retired", "Retired"),
)
_ON_ITS_WAY = (Revision.State.IN_REVIEW, Revision.State.APPROVED, Revision.State.SCHEDULED)


@needs(Action.EDIT_DOCUMENTS)
@require_safe
def manage(request: HttpRequest) -> HttpResponse:
    """Every document, by ?state=, ?kind=, ?overdue= and words of the title."""
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    overdue, words = bool(request.GET.get("overdue")), request.GET.get("title", "").replace("\0", "").strip()[:100]
    documents = _with_state(Document.objects.visible_to(person_of(request)))
    documents = _filtered(documents, state=state, kind=kind, overdue=overdue, words=words)
    page = Paginator(documents, PAGE).get_page(request.GET.get("page"))
    _count_the_waiting(page.object_list)
    context = {
        "page": page,
        "state": state,
        "states": STATES,
        "kind": kind,
        "kinds": Document.Kind.choices,
        "overdue": overdue,
        "words": words,
        "filtered": bool(state or kind or overdue or words),
    }
    return render(request, "knowledge/manage.html", context)


@needs(Action.EDIT_DOCUMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once, and why, then retire."""
    documents = Document.objects.visible_to(person_of(request)).select_related("current_revision")
    document = get_object_or_404(documents, slug=slug)
    title = document.current_revision.title if document.current_revision else document.slug
    form = RetireForm(posted_or_kept(request))
    if request.method != "POST" or not form.is_valid():
        return render(request, "knowledge/retire.html", {"document": document, "title": title, "form": form})
    try:
        retire_document(document=document, by=person_of(request), because=form.cleaned_data["because"])
    except (Refused, Conflict) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"“{title}” is retired. It stays readable under a banner.")
    return redirect("documents-manage")


def _with_state(documents: DocumentQuerySet) -> DocumentQuerySet:
    today = timezone.localdate()
    late = Recommendation.objects.filter(revision=OuterRef("current_revision"), due_on__lt=today)
    opens = Revision.objects.filter(document=OuterRef("pk"), state__in=Revision.OPEN_STATES)
    drafts = opens.filter(state=Revision.State.DRAFT)
    before = Revision.objects.filter(document=OuterRef("document"), number=OuterRef("number") - 1)
    returned = drafts.filter(Exists(before.filter(state=Revision.State.RETURNED)))
    waiting = (
        Review.objects.filter(decision="").select_related("reviewer", "deputy").prefetch_related("reviewer__absences")
    )
    return (
        documents.select_related("current_revision")
        .annotate(
            has_draft=Exists(drafts),
            is_ready=Exists(Revision.objects.filter(document=OuterRef("pk"), state__in=READY)),
            was_returned=Exists(returned),
            open_state=Subquery(opens.values("state")[:1]),
            is_overdue=Q(retired_at=None) & (Q(current_revision__review_due__lt=today) | Exists(late)),
            title=Coalesce(F("current_revision__title"), opens.values("title")[:1]),
        )
        .prefetch_related(
            Prefetch(
                "revisions",
                Revision.objects.filter(state__in=Revision.OPEN_STATES)
                .select_related("author")
                .defer("body")
                .prefetch_related(Prefetch("reviews", waiting, to_attr="waiting")),
                to_attr="opens",
            )
        )
        .order_by("title", "pk")
    )


def _count_the_waiting(documents: Iterable[Document]) -> None:
    """Since when each review is waited for, and who is away."""
    now = timezone.now()
    for document in documents:
        for revision in document.opens:  # type: ignore[attr-defined]
            for review in revision.waiting:
                review.waits_seconds = (now - review.asked_at).total_seconds()
                review.is_away = review.is_reviewer_away(now)


def _filtered(documents: DocumentQuerySet, *, state: str, kind: str, overdue: bool, words: str) -> DocumentQuerySet:
    """``documents`` as `_with_state` gives them."""
    chosen = {
        "published": Q(retired_at=None, current_revision__isnull=False),
        "draft": Q(has_draft=True),
        "returned": Q(was_returned=True),
        **{state.value: Q(open_state=state) for state in _ON_ITS_WAY},
        "retired": Q(retired_at__isnull=False),
    }
    documents = documents.filter(chosen[state]) if state in chosen else documents
    documents = documents.filter(kind=kind) if kind in Document.Kind.values else documents
    if overdue:
        documents = documents.filter(Q(is_overdue=True))
    return documents.filter(Q(title__icontains=words)) if words else documents
