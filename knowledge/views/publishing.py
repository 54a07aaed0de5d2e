"""Publishing an approved revision, now or on a date; taking the date back; sending it back to its author."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from knowledge.forms import PublishForm, SendBackForm
from knowledge.models import Document, Revision
from knowledge.services import (
    changed_recommendations,
    publish_revision,
    return_revision,
    schedule_revision,
    unschedule_revision,
)
from knowledge.services.publishing import READY
from knowledge.services.recalling import how_many
from portal.common.refusals import Conflict, Refused
from portal.members.access import needs, person_of
from portal.members.kept import posted_or_kept
from portal.members.policy import Action
from portal.members.views.helpers import attempt, carry_out


@needs(Action.EDIT_DOCUMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """What changes, what each change means, and when: then it is published.

    The number of the revision that was read comes with the form, so that no other is published unseen.
    """
    person = person_of(request)
    document = _document(request, slug)
    revision = _asked_for(request, document) if request.method == "POST" else _open(document)
    changes = changed_recommendations(revision)
    form = PublishForm(posted_or_kept(request), changes=changes, initial=_initial(revision))
    may = revision.state in READY and not revision.is_written_by(person)
    if request.method == "POST" and not may:
        return _refused(request, revision)
    if request.method == "POST" and form.is_valid() and _carry_out(request, revision, form):
        return redirect(document if form.cleaned_data["when"] == "now" else "documents-manage")
    context = {
        "document": document,
        "revision": revision,
        "form": form,
        "may": may,
        "is_scheduled": revision.state == Revision.State.SCHEDULED,
        "is_ready": revision.state in READY,
        "told": how_many(revision=revision, by=person) if changes and may else 0,
        "sending_back": SendBackForm(auto_id="back_%s"),
    }
    return render(request, "knowledge/publish.html", context)


def _carry_out(request: HttpRequest, revision: Revision, form: PublishForm) -> bool:
    """Publish or schedule; what the service objects to becomes errors of the form."""
    person, data, title = person_of(request), form.cleaned_data, revision.title
    if data["when"] == "now":
        done = attempt(form, lambda: publish_revision(revision=revision, by=person, changes=form.declared))
        words = f"“{title}” is published."
    else:
        at = data["at"]
        done = attempt(form, lambda: schedule_revision(revision=revision, at=at, by=person, changes=form.declared))
        words = f"“{title}” is published by itself on {timezone.localtime(at):%a %-d %b %Y, %H:%M} (your time)."
    if done:
        messages.success(request, words)
    return done


def _initial(revision: Revision) -> dict[str, Any]:
    """What was said before, when it is scheduled anew."""
    initial: dict[str, Any] = {"revision": revision.number, "when": "at" if revision.scheduled_for else "now"}
    initial["at"] = revision.scheduled_for
    for row in revision.declared_changes.all():
        initial |= {f"significance-{row.key}": row.significance, f"sentence-{row.key}": row.sentence}
    return initial


def _refused(request: HttpRequest, revision: Revision) -> HttpResponse:
    """Say why it cannot be published, in the service's own words."""
    try:
        publish_revision(revision=revision, by=person_of(request))
    except (Refused, Conflict) as error:
        messages.error(request, str(error))
    return redirect("documents-manage")


@needs(Action.EDIT_DOCUMENTS)
@require_POST
def unschedule(request: HttpRequest, slug: str) -> HttpResponse:
    document = _document(request, slug)
    revision = _asked_for(request, document)
    done = "It has no date any more, and is published when an editor says so."
    carry_out(request, lambda: unschedule_revision(revision=revision, by=person_of(request)), done)
    return redirect("document-publish", slug)


@needs(Action.EDIT_DOCUMENTS)
@require_POST
def send_back(request: HttpRequest, slug: str) -> HttpResponse:
    document = _document(request, slug)
    revision, reason = _asked_for(request, document), request.POST.get("reason", "")
    done = f"Revision {revision.number} is sent back to its author."
    carry_out(request, lambda: return_revision(revision=revision, reason=reason, by=person_of(request)), done)
    return redirect("documents-manage")


def _document(request: HttpRequest, slug: str) -> Document:
    documents = Document.objects.visible_to(person_of(request)).select_related("current_revision")
    return get_object_or_404(documents, slug=slug)


def _open(document: Document) -> Revision:
    rows = document.revisions.filter(state__in=Revision.OPEN_STATES)
    revision = rows.select_related("author", "scheduled_by").first()
    if revision is None:
        raise Http404
    revision.document = document
    return revision


def _asked_for(request: HttpRequest, document: Document) -> Revision:
    number = request.POST.get("revision", "")
    is_number = number.isascii() and number.isdecimal() and len(number) < 7
    rows = document.revisions.select_related("author", "scheduled_by")
    revision = get_object_or_404(rows, number=number if is_number else None)
    revision.document = document
    return revision
