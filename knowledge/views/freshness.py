"""Keeping documents true: what falls due, verifying it, and who looks after it."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from knowledge.forms import SettingsForm, VerifyForm
from knowledge.freshness import next_due
from knowledge.models import Document, DocumentQuerySet, Recommendation
from knowledge.services import look_after, verify_recommendations
from knowledge.services.verifying import require_verifier
from knowledge.views.reading import visible_document
from portal.common.refusals import Refused
from portal.members.access import needs, person_of, signed_in
from portal.members.kept import posted_or_kept
from portal.members.models import Person, Specialty
from portal.members.policy import Action
from portal.members.views.helpers import attempt, paged

WITHIN = (("overdue", "Overdue"), ("30", "Due within 30 days"), ("90", "Due within 90 days"))


@needs(Action.EDIT_DOCUMENTS)
@require_safe
def freshness(request: HttpRequest) -> HttpResponse:
    """What is overdue or falls due soon, the latest first; by ?within=, ?specialty= and ?owner=."""
    within = request.GET.get("within") if request.GET.get("within") in dict(WITHIN) else "90"
    today = timezone.localdate()
    limit = today - timedelta(days=1) if within == "overdue" else today + timedelta(days=int(within or 90))
    documents = Document.objects.visible_to(person_of(request)).published().with_first_due()
    documents = _of(request, documents.filter(Q(first_due__lte=limit)))
    parts = Recommendation.objects.filter(revision=OuterRef("current_revision"), due_on__lte=limit).order_by()
    due = parts.values("revision").annotate(n=Count("pk")).values("n")
    rows = documents.annotate(due_count=Coalesce(Subquery(due), 0)).select_related("current_revision", "owner")
    every = Document.objects.published().with_first_due()
    soon = Q(first_due__gte=today)
    context = {
        "page": paged(request, rows.prefetch_related("specialties").order_by(F("first_due"), "slug")),
        "figures": every.aggregate(
            overdue=Count("pk", filter=Q(first_due__lt=today)),
            month=Count("pk", filter=soon & Q(first_due__lte=today + timedelta(days=30))),
            quarter=Count("pk", filter=soon & Q(first_due__lte=today + timedelta(days=90))),
        ),
        "within": within,
        "windows": WITHIN,
        "specialties": Specialty.objects.all(),
        "owners": Person.objects.filter(owned_documents__isnull=False).distinct(),
        "asked": request.GET,
    }
    return render(request, "knowledge/freshness.html", context)


def _of(request: HttpRequest, documents: DocumentQuerySet) -> DocumentQuerySet:
    if specialty := request.GET.get("specialty"):
        documents = documents.filter(specialties__slug=specialty)
    owner = request.GET.get("owner", "")
    if owner == "none":
        documents = documents.filter(owner=None)
    elif owner.isascii() and owner.isdecimal() and len(owner) < 10:
        documents = documents.filter(owner=int(owner))
    return documents


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, slug: str) -> HttpResponse:
    """Confirm that recommendations still hold. Those that are due are chosen already."""
    person = person_of(request)
    document = visible_document(person, slug)
    revision = document.current_revision
    if revision is None or document.retired_at:
        raise Http404
    try:
        require_verifier(person, document)
    except Refused as error:
        raise PermissionDenied(str(error)) from None
    recommendations = list(revision.recommendations.all())
    today = timezone.localdate()
    soon = today + timedelta(days=30)
    initial = {
        "keys": [row.key for row in recommendations if row.due_on is None or row.due_on <= soon],
        "verified_on": today,
        "due_on": next_due(document.kind, today),
    }
    form = VerifyForm(posted_or_kept(request), recommendations=recommendations, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if attempt(form, lambda: verify_recommendations(document=document, by=person, **data)):
            messages.success(request, "Verified, with your name and the date.")
            return redirect(document)
    context: dict[str, Any] = {"document": document, "revision": revision, "form": form}
    context["rows"] = list(zip(recommendations, form["keys"].subwidgets, strict=True))
    return render(request, "knowledge/verify.html", context)


@needs(Action.EDIT_DOCUMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Who looks after a document, and when it withdraws itself."""
    document = visible_document(person_of(request), slug)
    initial = {"owner": document.owner_id, "withdraw_after_days": document.withdraw_after_days}
    form = SettingsForm(posted_or_kept(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if attempt(form, lambda: look_after(document=document, by=person_of(request), **data)):
            messages.success(request, "The settings are saved.")
            return redirect(document if document.current_revision else "documents-manage")
    title = document.current_revision.title if document.current_revision else document.slug
    return render(request, "knowledge/settings.html", {"document": document, "title": title, "form": form})
