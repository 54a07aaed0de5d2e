"""Writing a question: the form, its drafts that save themselves, and what it shows while one types."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.db.models import Case, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from consults import figures
from consults.arithmetic import in_words
from consults.calendars import ELAPSED
from consults.clock import PROMISE
from consults.forms import AskForm, FilesForm, specialists
from consults.models import Attachment, Consult, OnBehalf
from consults.services import attachments, drafting, learning, people, promising, sending
from knowledge import search
from knowledge.models import Document
from portal.common import identifiers
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.access import person_of, signed_in
from portal.members.kept import take
from portal.members.models import Organization, Person, Specialty


def own_draft(person: Person, number: str) -> Consult | None:
    """The person's own draft of this number; None where it is not given. 404 where it is not theirs, or was sent."""
    if not number:
        return None
    return get_object_or_404(Consult, number=number, requester=person, state=Consult.State.DRAFT)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, number: str = "") -> HttpResponse:
    """The ask form: GET shows it (a draft, or empty), POST keeps it and sends it."""
    person = person_of(request)
    if not person.actor.clinician_in:
        return render(request, "consults/not_a_clinician.html", status=403)
    draft = own_draft(person, number)
    if request.method == "POST":
        return _save_or_send(request, person, draft)
    kept = take(request, request.path)
    if kept is not None:
        mine = Consult.objects.filter(requester=person, state=Consult.State.DRAFT)
        draft = draft or mine.filter(number=kept.get("draft", "")).first()
        return _page(request, person, draft, AskForm(kept, person=person), restored=True)
    return _page(request, person, draft, AskForm(initial=_initial(request, person, draft), person=person))


def _initial(request: HttpRequest, person: Person, draft: Consult | None) -> dict[str, Any]:
    if draft is None:
        slug = request.GET.get("document", "")[:100]
        found = Document.objects.visible_to(person).filter(slug=slug).prefetch_related("specialties").first()
        specialty = found.specialties.first() if found else None
        slug = specialty.slug if specialty else request.GET.get("specialty", "")[:60]
        return {
            "question": request.GET.get("question", "")[:300],
            "documents": [found.slug] if found else [],
            "specialty": slug,
        } | _asked_for(request, found, slug)
    return {
        "draft": draft.number,
        "question": draft.question,
        "summary": draft.summary,
        "organization": draft.organization.slug,
        "reason": draft.reason,
        "specialty": draft.specialty.slug if draft.specialty else "",
        "documents": [document.slug for document in draft.documents.all()],
        "assignee": draft.named_specialist.email if draft.named_specialist else "",
        "urgency": draft.urgency,
        "behalf": OnBehalf.objects.filter(consult=draft).values_list("colleague", flat=True).first(),
    }


def _asked_for(request: HttpRequest, document: Document | None, slug: str) -> dict[str, Any]:
    """The specialist that ?specialist= names, with a specialty of theirs: the one asked for, or the document's."""
    number = request.GET.get("specialist", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return {}
    named = specialists().filter(pk=number).first()
    if named is None:
        return {}
    theirs = Specialty.objects.filter(pk__in=named.actor.specialist_in)
    near = (
        Case(When(slug=slug, then=0), When(documents=document, then=1), default=2)
        if document
        else Case(When(slug=slug, then=0), default=2)
    )
    specialty = theirs.order_by(near, "name").first()
    return {"specialty": specialty.slug, "assignee": named.email} if specialty else {}


def _keep(person: Person, draft: Consult | None, form: AskForm) -> Consult:
    """What the form holds, as a draft. An empty new form makes none worth keeping, but its number is needed to send."""
    form.is_valid()
    now, place = timezone.now(), form.cleaned_data.get("organization")
    place_id = place.pk if place else None
    with transaction.atomic():
        if draft is None:
            draft = drafting.start_draft(by=person, organization_id=place_id, content=form.content(), at=now)
        else:
            draft = drafting.save_draft(draft, by=person, content=form.content(), at=now, organization_id=place_id)
        colleague = form.cleaned_data.get("behalf")
        is_there = colleague and people.colleagues(draft.organization_id).filter(pk=colleague.pk).exists()
        people.write_for(draft, by=person, colleague=colleague if is_there else None)
    return draft


def _save_or_send(request: HttpRequest, person: Person, draft: Consult | None) -> HttpResponse:
    """Keep what was posted, then send it unless only saving was asked; where something is wrong, the form again."""
    form, files = AskForm(request.POST, person=person), FilesForm(request.POST, request.FILES)
    number = draft.number if draft else request.POST.get("draft", "").replace("\x00", "")[:12]
    if sent_before := _sent(person, number):
        return redirect(sent_before)
    try:
        draft = _keep(person, draft or own_draft(person, number), form)
    except Conflict:  # the same button pressed twice: the other one was quicker
        return redirect("consult", number=number)
    problems = _attach(request, person, draft)
    if form.is_valid() and not problems:
        if "save" in request.POST:
            messages.success(request, f"Draft {draft.number} is saved. You find it under My consults.")
            return redirect("ask-draft", number=draft.number)
        sent, problems = _send(request, person, draft)
        if sent:
            return redirect(sent)
    for name, text in problems.items():
        form.add_error(name if name in form.fields else None, text)
        if name in files.fields:
            files.add_error(name, text)
    return _page(request, person, draft, form, files=files)


def _send(request: HttpRequest, person: Person, draft: Consult) -> tuple[Consult | None, dict[str, str]]:
    """The question sent, or what must be mended first."""
    try:
        with transaction.atomic():
            sent = sending.send(draft, by=person, attested=bool(request.POST.get("attested")), at=timezone.now())
    except Invalid as invalid:
        return None, invalid.fields
    except Refused as refused:
        return None, {"__all__": str(refused)}
    except Conflict:
        return draft, {}
    messages.success(request, "Sent. You are told here and by mail when there is an answer.")
    return sent, {}


def _sent(person: Person, number: str) -> Consult | None:
    """The person's own question of this number, if it is no draft any more."""
    return Consult.objects.filter(number=number, requester=person).exclude(state=Consult.State.DRAFT).first()


def _attach(request: HttpRequest, person: Person, draft: Consult) -> dict[str, str]:
    problems: dict[str, str] = {}
    for upload in request.FILES.getlist("file"):
        try:
            attachments.attach(draft, by=person, upload=upload, at=timezone.now())
        except Invalid as invalid:
            problems |= invalid.fields
    return problems


def _page(
    request: HttpRequest,
    person: Person,
    draft: Consult | None,
    form: AskForm,
    *,
    files: FilesForm | None = None,
    restored: bool = False,
    status: int = 200,
) -> HttpResponse:
    others = Consult.objects.filter(requester=person, state=Consult.State.DRAFT).exclude(pk=draft.pk if draft else 0)
    slugs = form["documents"].value() or []
    context = _beside(request, person, form) | {
        "form": form,
        "files": files or FilesForm(),
        "draft": draft,
        "restored": restored,
        "other_drafts": others.order_by("-changed_at")[:5],
        "documents": Document.objects.visible_to(person).filter(slug__in=slugs).select_related("current_revision"),
        "recently_read": person.readings.select_related("document", "document__current_revision")
        .exclude(document__slug__in=slugs)
        .filter(document__current_revision__isnull=False)[:8],
        "attachments": draft.attachments.all() if draft else [],
    }
    return render(request, "consults/ask.html", context, status=status)


def _beside(request: HttpRequest, person: Person, form: AskForm) -> dict[str, Any]:
    """What the side panel shows for what is typed so far."""
    now = timezone.now()
    question = str(form["question"].value() or "")[:300]
    summary = str(form["summary"].value() or "")[:20_000]
    slug = str(form["specialty"].value() or "")
    text = f"{question} {summary}".strip()
    offered = list(form.fields["specialty"].queryset)  # type: ignore[attr-defined]
    specialty = next((row for row in offered if row.slug == slug), None)
    asks = len(text) > 3 and not specialty
    learned = [row for row in learning.suggest(text) if row.specialty in offered] if asks else []
    return {
        "matching": search.matching_documents(text) if len(text) > 3 else [],
        "learned": bool(learned),
        "suggested": learned
        or ([row for row in search.specialties_for(text) if row.specialty in offered] if asks else []),
        "findings": identifiers.find(question) + identifiers.find(summary),
        "specialty": specialty,
        "expected": figures.expected_time(specialty.pk, now=now) if specialty else None,
        **_promised(person, form, specialty, now),
        "zone": ZoneInfo(person.time_zone),
    }


def _promised(person: Person, form: AskForm, specialty: Specialty | None, now: datetime) -> dict[str, Any]:
    """What would be promised if this were sent now."""
    slug = str(form["organization"].value() or "") if "organization" in form.fields else ""
    places = Organization.objects.filter(pk__in=person.actor.clinician_in)
    place = places.filter(slug=slug.replace("\x00", "")).first() or places.order_by("pk").first()
    urgency = str(form["urgency"].value() or "") if "urgency" in form.fields else Consult.Urgency.STANDARD
    version = None
    if place:
        asked = Consult(organization=place, specialty=specialty, urgency=urgency or Consult.Urgency.STANDARD)
        version = promising.promise_for(asked)
    promised = timedelta(seconds=version.answer_seconds) if version else PROMISE
    counting = version.counting if version else ELAPSED
    return {
        "promise_due": counting.reach(now, promised),
        "promise_words": in_words(promised).replace(" h", " hours", 1),
        "promise_counting": counting.words if counting is not ELAPSED else "",
    }


@signed_in
@require_POST
def save_draft(request: HttpRequest) -> HttpResponse:
    """Autosave: keeps the form, and answers with the side panel for it (for htmx)."""
    person = person_of(request)
    if not person.actor.clinician_in:
        raise Http404
    form = AskForm(request.POST, person=person)
    number = request.POST.get("draft", "").replace("\x00", "")[:12]
    if _sent(person, number):
        return HttpResponse(status=204)  # sent while this was on its way: nothing to keep, nothing to say
    before = own_draft(person, number)
    empty = not any(request.POST.get(name, "").strip() for name in ("question", "summary"))
    draft = None
    if not empty or before:
        try:
            draft = _keep(person, before, form)
        except Conflict as conflict:
            return HttpResponse(str(conflict), status=409)
    was = before.specialty.slug if before and before.specialty else ""
    changed = str(form["specialty"].value() or "") != was
    context = _beside(request, person, form) | {"form": form, "draft": draft, "specialty_changed": changed}
    return render(request, "consults/ask_saved.html", context)


@signed_in
@require_POST
def discard_draft(request: HttpRequest, number: str) -> HttpResponse:
    draft = own_draft(person_of(request), number)
    assert draft is not None
    drafting.discard_draft(draft, by=person_of(request))
    messages.success(request, f"Draft {number} is discarded.")
    return redirect("consults")


@signed_in
@require_POST
def detach(request: HttpRequest, number: str, key: str) -> HttpResponse:
    draft = own_draft(person_of(request), number)
    attachment = get_object_or_404(Attachment, consult=draft, key=key)
    attachments.detach(attachment, by=person_of(request))
    return redirect("ask-draft", number=number)
