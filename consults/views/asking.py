"""Writing a question: the form, its drafts that save themselves, and what it shows while one types."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Case, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from consults.colleagues import specialists
from consults.forms import AskForm, FilesForm
from consults.gate import TEXTS
from consults.models import Attachment, Consult, OnBehalf
from consults.services import attachments, drafting, people, sending
from consults.views.asking_side import beside
from knowledge.models import Document
from portal.common import present
from portal.common.refusals import Conflict, Invalid, Refused
from portal.common.trouble import later
from portal.members.access import person_of, signed_in
from portal.members.kept import take
from portal.members.models import Person, Specialty


def own_draft(person: Person, number: str) -> Consult | None:
    """The person's own draft of this number; None where it is not given. 404 where it is not theirs, or was sent."""
    if not number:
        return None
    return get_object_or_404(
        Consult, number=number, requester=person, state=Consult.State.DRAFT, set_aside_at__isnull=True
    )


def ended_draft(person: Person, number: str) -> Consult | None:
    """The person's own draft of this number where reading ended it."""
    return Consult.objects.filter(number=number, requester=person, set_aside_at__isnull=False).first()


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, number: str = "") -> HttpResponse:
    """The ask form: GET shows it (a draft, or empty), POST keeps it and sends it."""
    person = person_of(request)
    if not person.actor.clinician_in:
        return render(request, "consults/not_a_clinician.html", status=403)
    if number and ended_draft(person, number):
        return redirect("ask-ended", number=number)
    draft = own_draft(person, number)
    if request.method == "POST":
        return _save_or_send(request, person, draft)
    kept = take(request, request.path)
    if kept is not None:
        mine = Consult.objects.filter(requester=person, state=Consult.State.DRAFT, set_aside_at=None)
        draft = draft or mine.filter(number=kept.get("draft", "")).first()
        return page(request, person, draft, AskForm(kept, person=person), restored=True)
    return page(request, person, draft, AskForm(initial=_initial(request, person, draft), person=person))


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
            "language": drafting.last_language(person),
        } | _asked_for(request, found, slug)
    return {name: getattr(draft, name) for name in TEXTS} | {
        "draft": draft.number,
        "organization": draft.organization.slug,
        "reason": draft.reason,
        "specialty": draft.specialty.slug if draft.specialty else "",
        "documents": [document.slug for document in draft.documents.all()],
        "assignee": draft.named_specialist.email if draft.named_specialist else "",
        "urgency": draft.urgency,
        "language": draft.language,
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


def keep(person: Person, draft: Consult | None, form: AskForm) -> Consult:
    """What the form holds, as a draft. An empty new form makes none worth keeping, but its number is needed to send."""
    form.is_valid()
    now, place = present.now(), form.cleaned_data.get("organization")
    place_id = place.pk if place else None
    is_new = draft is None
    if draft is None:
        draft = drafting.start_draft(by=person, organization_id=place_id, content=form.content(), at=now)
    else:
        draft = drafting.save_draft(draft, by=person, content=form.content(), at=now, organization_id=place_id)
    colleague = form.cleaned_data.get("behalf")
    is_there = colleague and people.colleagues(draft.organization_id).filter(pk=colleague.pk).exists()
    if is_there or not is_new:
        people.write_for(draft, by=person, colleague=colleague if is_there else None)
    return draft


def _save_or_send(request: HttpRequest, person: Person, draft: Consult | None) -> HttpResponse:
    """Keep what was posted, then send it unless only saving was asked; where something is wrong, the form again."""
    form = AskForm(request.POST, person=person)
    number = draft.number if draft else number_of(request)
    # Read once: the same button pressed twice may send it between two looks.
    mine = get_object_or_404(Consult, number=number, requester=person) if number else None
    if mine and (elsewhere := _elsewhere(mine)):
        return redirect(elsewhere)
    try:
        draft = keep(person, mine, form)
    except Conflict:  # the same button pressed twice: the other one was quicker
        return redirect("consult", number=number)
    problems = _attach(request, person, draft)
    if form.is_valid() and not problems:
        if "save" in request.POST:
            messages.success(request, f"Draft {draft.number} is saved. You find it under My consults.")
            return redirect("ask-draft", number=draft.number)
        # Of what began with this request, nobody else knows: it is sent at the moment it began.
        at = present.now() if mine or request.FILES else draft.created_at
        sent, problems = _send(request, person, draft, at)
        if sent:
            return redirect(sent)
    files = FilesForm(request.POST, request.FILES)
    for name, text in problems.items():
        form.add_error(name if name in form.fields else None, text)
        if name in files.fields:
            files.add_error(name, text)
    return page(request, person, draft, form, files=files)


def _send(request: HttpRequest, person: Person, draft: Consult, at: datetime) -> tuple[Consult | None, dict[str, str]]:
    """The question sent, or what must be mended first."""
    try:
        attested, consented = (bool(request.POST.get(name)) for name in ("attested", "consented"))
        sent = sending.send(draft, by=person, attested=attested, consented=consented, at=at)
    except Invalid as invalid:
        return None, invalid.fields
    except Refused as refused:
        return None, {"__all__": str(refused)}
    except Conflict:
        return draft, {}
    messages.success(request, "Sent. You are told here and by mail when there is an answer.")
    return sent, {}


def number_of(request: HttpRequest) -> str:
    """The number of the draft that a posted form says it is."""
    return request.POST.get("draft", "").replace("\x00", "")[:12]


def _elsewhere(mine: Consult) -> str:
    """Where what is no draft any more is: sent, or ended by reading."""
    if mine.state != Consult.State.DRAFT:
        return mine.get_absolute_url()
    return reverse("ask-ended", kwargs={"number": mine.number}) if mine.set_aside_at else ""


def _attach(request: HttpRequest, person: Person, draft: Consult) -> dict[str, str]:
    problems: dict[str, str] = {}
    for upload in request.FILES.getlist("file"):
        try:
            attachments.attach(draft, by=person, upload=upload, at=present.now())
        except Invalid as invalid:
            problems |= invalid.fields
        except OSError as error:  # the question is kept, and may go without its file
            if not (trouble := later(error)):
                raise
            problems["file"] = trouble.words
    return problems


def page(
    request: HttpRequest,
    person: Person,
    draft: Consult | None,
    form: AskForm,
    *,
    files: FilesForm | None = None,
    restored: bool = False,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """The ask page for what the form holds; ``more`` is what its side panel has to say besides."""
    others = Consult.objects.filter(requester=person, state=Consult.State.DRAFT).exclude(pk=draft.pk if draft else 0)
    slugs = form["documents"].value() or []
    context = beside(person, form, draft=draft, now=timezone.now()) | {
        "form": form,
        "files": files or FilesForm(),
        "draft": draft,
        "restored": restored,
        "other_drafts": others.filter(set_aside_at=None).order_by("-changed_at")[:5],
        "ended_drafts": [] if draft else others.filter(set_aside_at__isnull=False).order_by("-set_aside_at")[:5],
        "emergency_number": settings.EMERGENCY_NUMBER,
        "documents": Document.objects.visible_to(person).filter(slug__in=slugs).select_related("current_revision"),
        "recently_read": person.readings.select_related("document", "document__current_revision")
        .exclude(document__slug__in=slugs)
        .filter(document__current_revision__isnull=False)[:8],
        "attachments": draft.attachments.all() if draft else [],
    }
    return render(request, "consults/ask.html", context | (more or {}))


@signed_in
@require_POST
def save_draft(request: HttpRequest) -> HttpResponse:
    """Autosave: keeps the form, and answers with the side panel for it (for htmx)."""
    person = person_of(request)
    if not person.actor.clinician_in:
        raise Http404
    form = AskForm(request.POST, person=person)
    number = number_of(request)
    if Consult.objects.filter(number=number, requester=person).exclude(state="draft", set_aside_at=None).exists():
        return HttpResponse(status=204)  # sent or ended while this was on its way: nothing to keep, nothing to say
    before = own_draft(person, number)
    empty = not any(request.POST.get(name, "").strip() for name in TEXTS)
    draft = None
    if not empty or before:
        try:
            draft = keep(person, before, form)
        except Conflict as conflict:
            return HttpResponse(str(conflict), status=409)
    return saved(request, person, draft, form, before=before)


def saved(
    request: HttpRequest,
    person: Person,
    draft: Consult | None,
    form: AskForm,
    *,
    before: Consult | None,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """The side panel for what the form holds, with whatever else on the page depends on it (for htmx)."""
    was = (before.specialty.slug if before and before.specialty else "", before.organization.slug if before else "")
    specialty, place = str(form["specialty"].value() or ""), draft.organization.slug if draft else ""
    context = beside(person, form, draft=draft, now=timezone.now()) | {
        "form": form,
        "draft": draft,
        "specialty_changed": specialty != was[0],
        "promise_changed": (specialty, place) != was,
    }
    return render(request, "consults/ask_saved.html", context | (more or {}))


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
