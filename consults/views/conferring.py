"""What is done to a case conference from its page: one address per act, POST only; and its calendar file."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from consults.conference_forms import AgendaForm, ConclusionForm, ConferenceChoiceForm, InviteForm
from consults.models import AgendaItem, Conference, ConferenceInvitation, Consult
from consults.services import agenda, conferences
from consults.views.conferences import one, page_of
from consults.views.reading import visible
from portal.common import audit, present
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.access import person_of, signed_in
from portal.members.models import Person, Specialty
from portal.members.views.helpers import carry_out

Service = Callable[[], object]


def _act(
    request: HttpRequest,
    row: Conference,
    service: Service,
    done: str,
    *,
    form: forms.Form | None = None,
    name: str = "",
) -> HttpResponse:
    """Call the service. Where it is refused the page comes again, with the reason and what was typed."""
    bound = {name: form} if form else {}
    if form and not form.is_valid():
        return page_of(request, row, bound=bound)
    try:
        service()
    except Invalid as invalid:
        if form is None:
            messages.error(request, str(invalid))
            return redirect(row)
        for field, text in invalid.fields.items():
            form.add_error(field if field in form.fields else None, text)
        return page_of(request, row, bound=bound)
    except (Refused, Conflict) as refused:
        messages.error(request, str(refused))
        return page_of(request, row, bound=bound, status=403 if isinstance(refused, Refused) else 409)
    messages.success(request, done)
    return redirect(row)


@signed_in
@require_POST
def policy(request: HttpRequest, slug: str) -> HttpResponse:
    """Say whether the section's specialists call conferences themselves."""
    person = person_of(request)
    specialty = get_object_or_404(Specialty, slug=slug, pk__in=person.actor.specialist_in)
    allowed = request.POST.get("specialists") == "on"
    carry_out(
        request,
        lambda: conferences.set_policy(by=person, specialty=specialty, specialists_schedule=allowed),
        f"{specialty}: saved.",
    )
    return redirect("conferences")


@signed_in
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    row, person = one(request, pk), person_of(request)
    return _act(
        request,
        row,
        lambda: conferences.cancel(row, by=person, at=present.now()),
        "Cancelled. Everyone invited has been told.",
    )


@signed_in
@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    row, person = one(request, pk), person_of(request)
    form = InviteForm(request.POST, row=row)
    return _act(
        request,
        row,
        lambda: conferences.invite(row, by=person, person=form.cleaned_data["person"], at=present.now()),
        "Invited.",
        form=form,
        name="invite",
    )


@signed_in
@require_POST
def uninvite(request: HttpRequest, pk: int, person: int) -> HttpResponse:
    row, by = one(request, pk), person_of(request)
    guest = get_object_or_404(Person, pk=person, conference_invitations__conference=row)
    return _act(
        request,
        row,
        lambda: conferences.uninvite(row, by=by, person=guest, at=present.now()),
        f"{guest.name} is off the list and reads nothing of it any more.",
    )


@signed_in
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    row, person, said = one(request, pk), person_of(request), request.POST.get("answer", "")
    return _act(
        request,
        row,
        lambda: conferences.answer(row, by=person, answer=said, at=present.now()),
        "Your answer is noted.",
    )


@signed_in
@require_POST
def put_on(request: HttpRequest, pk: int) -> HttpResponse:
    row, person = one(request, pk), person_of(request)
    form = AgendaForm(request.POST, row=row, person=person)
    return _act(
        request,
        row,
        lambda: agenda.put_on(row, by=person, at=present.now(), **form.cleaned_data),
        "It is on the agenda. The clinician who asked has been told; the clock runs on.",
        form=form,
        name="agenda",
    )


@signed_in
@require_POST
def put_on_from_consult(request: HttpRequest, number: str) -> HttpResponse:
    """The same from the consult's page."""
    asked, person = visible(request, number), person_of(request)
    rows = Conference.objects.visible_to(person)
    form = ConferenceChoiceForm(request.POST, rows=rows)
    if not form.is_valid():
        messages.error(request, "Choose a conference, and its minutes from 1 to 240.")
        return redirect(asked)
    values = form.cleaned_data
    carry_out(
        request,
        lambda: agenda.put_on(
            values["conference"], by=person, consult=asked, minutes=values["minutes"], at=present.now()
        ),
        "It is on the agenda. The clinician who asked has been told; the clock runs on.",
    )
    return redirect(asked)


def _item(request: HttpRequest, pk: int, item: int) -> tuple[Conference, AgendaItem]:
    """A line of the agenda whose question this person reads; 404 otherwise."""
    row = one(request, pk)
    seen = Consult.objects.visible_to(person_of(request))
    return row, get_object_or_404(
        row.agenda.select_related("conference", "consult").filter(consult__in=seen.values("pk")), pk=item
    )


@signed_in
@require_POST
def take_off(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    row, found = _item(request, pk, item)
    person = person_of(request)
    return _act(
        request,
        row,
        lambda: agenda.take_off(found, by=person, at=present.now()),
        "It is off the agenda. The clinician who asked has been told.",
    )


@signed_in
@require_POST
def arrange(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Move a line up or down, or set its minutes."""
    row, found = _item(request, pk, item)
    move = {"up": -1, "down": 1}.get(request.POST.get("move", ""), 0)
    said = request.POST.get("minutes", "")
    minutes = int(said[:4]) if said.isdecimal() else None
    person = person_of(request)
    return _act(
        request,
        row,
        lambda: agenda.arrange(found, by=person, move=move, minutes=minutes),
        "The agenda is changed.",
    )


@signed_in
@require_POST
def conclude(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Sign the conclusion on one consult, or add to it once it is signed."""
    row, found = _item(request, pk, item)
    person, form = person_of(request), ConclusionForm(request.POST, item=item)
    service = agenda.addend if request.POST.get("addendum") else agenda.conclude
    return _act(
        request,
        row,
        lambda: service(found, by=person, text=form.cleaned_data["text"], at=present.now()),
        "Signed. It is in the thread of the question, and the clinician who asked has been told.",
        form=form,
        name=f"item{item}",
    )


@signed_in
@require_POST
def attendance(request: HttpRequest, pk: int) -> HttpResponse:
    row, person = one(request, pk), person_of(request)
    chosen = [int(value) for value in request.POST.getlist("present") if value.isdecimal() and len(value) < 16]
    came = list(Person.objects.filter(pk__in=chosen))
    return _act(
        request,
        row,
        lambda: agenda.record_attendance(row, by=person, present=came, at=present.now()),
        "Who came is recorded.",
    )


@signed_in
@require_safe
def calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own invitation as a calendar file, as it stands."""
    row, person = one(request, pk), person_of(request)
    guest = ConferenceInvitation.objects.filter(conference=row, person=person, removed_at=None).first()
    if guest is None:
        raise Http404
    audit.record(by=person, action="conference.calendar", object_type="conference", object_id=row.pk)
    return HttpResponse(
        conferences.file_for(row, guest, now=timezone.now()),
        content_type="text/calendar; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="conference.ics"',
            "Cache-Control": "private, no-store",
        },
    )
