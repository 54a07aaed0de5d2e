"""Case conferences: the list, one conference, and calling a new one."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from consults.boards import may_conclude, may_manage, may_schedule, running_order
from consults.conference_forms import AgendaForm, ConclusionForm, ConferenceForm, InviteForm, WhenForm
from consults.models import AgendaItem, Conclusion, Conference, ConferenceInvitation, ConferencePolicy, Consult
from consults.services import conferences
from portal.common import audit, present
from portal.common.notices import mark_read_at
from portal.members.access import person_of, signed_in
from portal.members.kept import posted_or_kept, take
from portal.members.models import Person, Specialty
from portal.members.views.helpers import attempt, paged


@dataclass(frozen=True)
class Item:
    """One line of the agenda as the page shows it."""

    row: AgendaItem
    begins_at: Any
    conclusions: list[Conclusion]
    form: ConclusionForm
    may_take_off: bool


def reader(request: HttpRequest) -> Person:
    """Whoever reads conferences at all. Raises PermissionDenied for everyone outside the network's sections."""
    if not _reads(person := person_of(request)):
        raise PermissionDenied("Case conferences are for those who answer questions and for the network's staff.")
    return person


def _reads(person: Person) -> bool:
    actor = person.actor
    return bool(actor.specialist_in or actor.is_network_administrator or actor.is_auditor)


def one(request: HttpRequest, pk: int) -> Conference:
    """The conference, if this person may see it; 404 otherwise, as if it did not exist."""
    if not _reads(person_of(request)):
        raise Http404
    rows = Conference.objects.visible_to(person_of(request)).select_related("specialty", "chair")
    return get_object_or_404(rows, pk=pk)


def scheduled_by(person: Person) -> list[Specialty]:
    """The specialties whose conferences this person calls."""
    open_to_all = set(ConferencePolicy.objects.filter(specialists_schedule=True).values_list("specialty_id", flat=True))
    return [
        row
        for row in Specialty.objects.filter(pk__in=person.actor.specialist_in)
        if may_schedule(person.actor, row.pk, specialists_schedule=row.pk in open_to_all)
    ]


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Conferences to come, or past ones."""
    person, now = reader(request), timezone.now()
    is_past = request.GET.get("show") == "past"
    rows = Conference.objects.visible_to(person).select_related("specialty", "chair")
    page = paged(request, rows.past(now) if is_past else rows.upcoming(now))
    mine = ConferenceInvitation.objects.filter(person=person, removed_at=None, conference__in=list(page))
    answers = {row.conference_id: row for row in mine}
    led = Specialty.objects.filter(pk__in=person.actor.leads)
    allowed = set(ConferencePolicy.objects.filter(specialists_schedule=True).values_list("specialty_id", flat=True))
    context = {
        "page": page,
        "rows": [(row, answers.get(row.pk)) for row in page],
        "is_past": is_past,
        "may_schedule": bool(scheduled_by(person)),
        "policies": [(row, row.pk in allowed) for row in led],
    }
    return render(request, "consults/conferences.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Call a conference."""
    person = reader(request)
    among = Specialty.objects.filter(pk__in=[row.pk for row in scheduled_by(person)])
    if not among:
        raise PermissionDenied("The section lead calls the conferences of a specialty.")
    data = posted_or_kept(request)
    form = ConferenceForm(data, person=person, among=among, initial={"zone": person.time_zone})
    made: list[Conference] = []
    if request.method == "POST" and form.is_valid():
        values, when = form.cleaned_data, form.when()

        def call() -> None:
            row = conferences.schedule(
                by=person,
                specialty=values["specialty"],
                title=values["title"],
                when=when,
                invited=values["invited"],
                at=present.now(),
            )
            made.append(row)

        if attempt(form, call):
            messages.success(request, "The conference is called. Everyone invited gets a mail with a calendar file.")
            return redirect(made[0])
    return render(request, "consults/conference_form.html", {"form": form, "conference": None})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a conference, or change its title or place."""
    row, person = one(request, pk), person_of(request)
    if not may_manage(person.actor, conferences.board_of(row)):
        raise PermissionDenied("Only the chair, or the section lead of its specialty, changes a conference.")
    form = WhenForm(posted_or_kept(request), initial=WhenForm.of(row))
    if request.method == "POST" and form.is_valid():
        values, when = form.cleaned_data, form.when()
        if attempt(
            form, lambda: conferences.change(row, by=person, title=values["title"], when=when, at=present.now())
        ):
            messages.success(request, "Changed. Everyone invited gets an updated calendar file.")
            return redirect(row)
    return render(request, "consults/conference_form.html", {"form": form, "conference": row})


@signed_in
@require_safe
def conference(request: HttpRequest, pk: int) -> HttpResponse:
    """One conference: who comes, the agenda, and what was concluded."""
    row = one(request, pk)
    mark_read_at(person_of(request), row.get_absolute_url())
    return page_of(request, row)


def page_of(
    request: HttpRequest, row: Conference, *, bound: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """The conference's page; ``bound`` holds a form that needs attention, by its name. Reading it is recorded."""
    person, now, bound = person_of(request), timezone.now(), bound or {}
    board = conferences.board_of(row)
    items, hidden = agenda_of(request, row, bound=bound)
    guests = conferences.guests_of(row)
    with transaction.atomic():
        audit.record(
            by=person,
            action="conference.read",
            object_type="conference",
            object_id=row.pk,
            consults=", ".join(item.row.consult.number for item in items),
        )
    context = {
        "conference": row,
        "guests": guests,
        "mine": next((guest for guest in guests if guest.person_id == person.pk), None),
        "items": items,
        "hidden": hidden,
        "may_manage": bool(may_manage(person.actor, board)) and row.ends_at > now,
        "may_conclude": bool(may_conclude(person.actor, board, now=now)),
        "is_over": row.ends_at <= now,
        "is_open": row.cancelled_at is None and row.ends_at > now,
        "minutes": sum(item.row.minutes for item in items),
        "invite_form": bound.get("invite") or InviteForm(row=row),
        "agenda_form": bound.get("agenda") or AgendaForm(row=row, person=person),
        "answers": ConferenceInvitation.Answer.choices,
        "typed": "" if may_conclude(person.actor, board, now=now) else _typed(bound),
    }
    return render(request, "consults/conference.html", context, status=status)


def _typed(bound: dict[str, Any]) -> str:
    """The conclusion that was typed and not signed."""
    return next((form.data.get("text", "") for name, form in bound.items() if name.startswith("item")), "")


def agenda_of(request: HttpRequest, row: Conference, *, bound: dict[str, Any]) -> tuple[list[Item], int]:
    """The agenda's lines whose question this person reads, and how many there are besides."""
    person = person_of(request)
    rows = list(
        row.agenda.select_related("consult__requester", "consult__organization", "consult__specialty").prefetch_related(
            "conclusions__message"
        )
    )
    seen = set(
        Consult.objects.visible_to(person).filter(pk__in=[one.consult_id for one in rows]).values_list("pk", flat=True)
    )
    moments = running_order(row.starts_at, [one.minutes for one in rows])
    items = [
        Item(
            one,
            begins_at,
            list(one.conclusions.all()),
            bound.get(f"item{one.pk}")
            or ConclusionForm(take(request, f"{row.get_absolute_url()}agenda/{one.pk}/conclude/"), item=one.pk),
            one.consult.assignee_id == person.pk or one.consult.specialty_id in person.actor.leads,
        )
        for one, begins_at in zip(rows, moments, strict=True)
        if one.consult_id in seen
    ]
    return items, len(rows) - len(items)
