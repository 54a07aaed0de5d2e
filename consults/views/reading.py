"""Lists, the queue, one consult, and its files."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from consults.at_hand import at_hand
from consults.clock import read
from consults.colleagues import Colleagues
from consults.desk_forms import answer_form
from consults.forms import (
    AnswerForm,
    AskBackForm,
    CloseForm,
    DeclineForm,
    HandoverForm,
    OpinionForm,
    ReplyForm,
    SecondForm,
    TextForm,
    TransferForm,
    UrgencyForm,
)
from consults.models import AnswerDraft, Attachment, Consult, Message
from consults.policy import Facts, may_now
from consults.presenting import show_clocks, shown, with_clocks
from consults.presenting_conferences import conferences_of
from consults.queue import PER_PAGE, look
from consults.services import answer_drafts, mending
from consults.thread import Said
from knowledge.models import Document
from portal.common import audit
from portal.common.beside import Beside
from portal.common.notices import mark_read_at
from portal.common.planned import planned
from portal.common.rows import Taken
from portal.members.access import person_of, signed_in
from portal.members.kept import take
from portal.members.models import Person, Specialty

_WITH = ("specialty", "organization", "assignee", "requester", "facility")


@signed_in
@require_safe
def consults(request: HttpRequest) -> HttpResponse:
    """My consults: those I asked and those I had, newest first, with drafts; filters in the address."""
    person = person_of(request)
    rows = Consult.objects.visible_to(person)
    whose = request.GET.get("whose", "mine" if person.actor.clinician_in or person.actor.specialist_in else "all")
    if whose == "mine":
        rows = rows.filter(requester=person) | rows.filter(assignee=person)
    state, specialty = request.GET.get("state", ""), request.GET.get("specialty", "")
    if state in Consult.State.values:
        rows = rows.filter(state=state)
    if specialty:
        rows = rows.filter(specialty__slug=specialty)
    if words := request.GET.get("q", "").strip()[:100]:
        rows = rows.filter(question__icontains=words) | rows.filter(number__iexact=words)
    page = Paginator(with_clocks(rows.order_by("-created_at")), PER_PAGE).get_page(request.GET.get("page"))
    show_clocks(page.object_list, now=timezone.now(), zone=timezone.get_current_timezone())
    context = {
        "page": page,
        "whose": whose,
        "state": state,
        "specialty": specialty,
        "q": words,
        "states": Consult.State.choices,
        "specialties": Specialty.objects.all(),
        "sees_others": bool(person.actor.specialist_in)
        or person.actor.is_network_administrator
        or person.actor.is_auditor,
    }
    return render(request, "consults/consults.html", context)


@signed_in
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Open questions of my specialties by time left."""
    person = person_of(request)
    if not person.actor.specialist_in:
        raise Http404
    slug, who = request.GET.get("specialty", ""), request.GET.get("who", "")
    zone = timezone.get_current_timezone()
    found = look(person, specialty=slug, who=who, page=request.GET.get("page"), now=timezone.now(), zone=zone)
    context = {
        "page": found.page,
        "specialties": found.specialties,
        "specialty": slug,
        "who": who,
        "counts": found.counts,
    }
    return render(request, "consults/queue.html", context)


def visible(request: HttpRequest, number: str) -> Consult:
    """The consult, if this person may see it and it was sent; 404 otherwise, as if it did not exist."""
    rows = Consult.objects.visible_to(person_of(request)).exclude(state=Consult.State.DRAFT)
    seen, values = rows.filter(number=number).order_by().values_list("pk").query.sql_with_params()
    with planned() as cursor:
        cursor.execute(f"SELECT {_found().columns} FROM {_found().tables} WHERE t0.id = ({seen})", values)  # noqa: S608
        found = cursor.fetchone()
    if found is None:
        raise Http404
    return _found().take(Taken(found))


@cache
def _found() -> Beside[Consult]:
    return Beside(Consult, *_WITH)


@signed_in
@require_safe
def consult(request: HttpRequest, number: str) -> HttpResponse:
    """One consult: the question, what was said, what may be done now, and the clock with its arithmetic."""
    row = visible(request, number)
    audit.record(
        by=person_of(request),
        action="consult.read",
        object_type="consult",
        object_id=row.number,
        organization_id=row.organization_id,
    )
    mark_read_at(person_of(request), row.get_absolute_url())
    return page(request, row, bound={})


def page(
    request: HttpRequest,
    row: Consult,
    *,
    bound: dict[str, Any],
    status: int = 200,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """The consult's page; ``bound`` holds the forms that were sent and need attention, by name; ``more`` is what the
    templates beside it are told."""
    person, now = person_of(request), timezone.now()
    names = ("reply", "ask", "answer", "answer-draft", "ask-draft", "opinion", "opinion-draft")
    kept = {name: take(request, f"{row.get_absolute_url()}{name}/") for name in names}
    may = {action.value for action in may_now(person.actor, Facts.of(row))}
    here = at_hand(row, person=person)
    draft = answer_drafts.mine(row, person=person) if "answer" in may and "answer" in here.drafts else None
    drafts = {
        kind: answer_drafts.mine(row, person=person, kind=kind) if kind in here.drafts else None
        for kind in ("ask", "opinion")
    }
    opines = row.state in Consult.OPEN_STATES and any(one.specialist_id == person.pk for one in here.opinions)
    answer = _answering(person, kept["answer"] or kept["answer-draft"], draft, bound) if "answer" in may else None
    context = {
        "consult": row,
        "clock": shown(
            read(here.log, now=now), response_due_at=row.response_due_at, zone=timezone.get_current_timezone()
        ),
        "may": may,
        "thread": here.thread,
        "last_message": max((message.pk for message in here.thread), default=0),
        "timeline": here.timeline,
        "attachments": here.attachments,
        "read_documents": here.documents,
        "cited": documents_of(person, answer["documents"].value() or []) if answer else (),
        "answer_form": answer,
        "answer_draft": draft,
        **_handing_on(row, may, bound),
        **_forms(row, may.union({"opinion"} if opines else ()), bound, kept, drafts),
        "drafts": drafts,
        "opinions": here.opinions,
        "may_opine": opines,
        "close_out": here.close_out,
        "behalf": here.behalf,
        "bills_preparation": here.bills_preparation,
        **_minutes(row, person, here.thread),
        "open_form": next(iter(bound), ""),
        "typed": next((form.data.get("text") or form.data.get("reason") for form in bound.values()), "")
        if bound and not may.union({"opinion"} if here.opinions else ()).intersection(bound)
        else "",
        "open_states": Consult.OPEN_STATES,
        **conferences_of(row, person, now=now),
    } | (more or {})
    return render(request, "consults/consult.html", context, status=status)


def _answering(person: Person, kept: Any, draft: AnswerDraft | None, bound: dict[str, Any]) -> AnswerForm:
    """The form of the answer, to somebody who may give one."""
    found: AnswerForm = bound.get("answer") or answer_form(kept, person=person, draft=draft)
    return found


def _forms(
    row: Consult, may: set[str], bound: dict[str, Any], kept: dict[str, Any], drafts: dict[str, AnswerDraft | None]
) -> dict[str, Any]:
    """The forms of what may be done by writing or choosing, by their names in the templates; no others are made."""
    opinion = kept["opinion"] or kept["opinion-draft"]
    made: dict[str, Callable[[], Any]] = {
        "reply": lambda: ReplyForm(kept["reply"]),
        "ask": lambda: begun(AskBackForm, kept["ask"] or kept["ask-draft"], drafts["ask"]),
        "opinion": lambda: begun(OpinionForm, opinion, drafts["opinion"]),
        "decline": DeclineForm,
        "close": CloseForm,
        "retarget": lambda: UrgencyForm(consult=row),
    }
    found = {name: bound.get(name) or (make() if name in may else None) for name, make in made.items()}
    return {f"{name}_form": form for name, form in found.items()}


def _minutes(row: Consult, person: Person, thread: list[Said]) -> dict[str, bool]:
    """Which of the pages of minutes this person finds here: their own with its code, or everybody's."""
    own = any(one.author_id == person.pk and (one.minutes or one.kind == Message.Kind.ANSWER) for one in thread)
    return {
        "bills": any(one.author_id == person.pk and one.minutes for one in thread),
        "sees_minutes": own or (mending.sees_all(row, person) and any(one.minutes for one in thread)),
    }


def _handing_on(row: Consult, may: set[str], bound: dict[str, Any]) -> dict[str, Any]:
    """The forms that hand a question on, which share one look at who answers; those that may be used alone."""
    forms: dict[str, type[HandoverForm | TransferForm | SecondForm]] = {
        "handover": HandoverForm,
        "transfer": TransferForm,
        "second-opinion": SecondForm,
    }
    needed = may.intersection(forms).difference(bound)
    among = Colleagues() if needed else None
    found = {name: forms[name](consult=row, among=among) for name in needed} | bound
    names = {"handover": "handover_form", "transfer": "transfer_form", "second-opinion": "second_form"}
    return {shown: found.get(name) for name, shown in names.items()}


def begun(form: type[TextForm], kept: Any, draft: AnswerDraft | None) -> TextForm:
    """The form with what was typed when the session ended, else with what is half written."""
    return form(initial={"text": draft.text}) if draft and kept is None else form(kept)


def documents_of(person: Person, slugs: list[str]) -> QuerySet[Document]:
    """Those of these documents that the person may read and that say something now."""
    slugs = [slug for slug in slugs if "\x00" not in slug]
    found = Document.objects.visible_to(person).filter(slug__in=slugs, current_revision__isnull=False)
    return found.select_related("current_revision")


@signed_in
@require_safe
def attachment(request: HttpRequest, number: str, key: str) -> FileResponse:
    """A file as a download that no browser opens inside the site."""
    rows = Consult.objects.visible_to(person_of(request))
    found = get_object_or_404(Attachment, consult__in=rows.filter(number=number), key=key)
    audit.record(
        by=person_of(request),
        action="consult.download",
        object_type="consult",
        object_id=number,
        organization_id=found.consult.organization_id,
    )
    response = FileResponse(
        found.file.open("rb"), as_attachment=True, filename=found.name, content_type=found.content_type
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
