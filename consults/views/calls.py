"""Calls: the list that renews itself, asking for one, one call and its note, and a section's phone."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consults import call_forms
from consults.call_showing import counts, notes, show, visible
from consults.models import Call, Consult
from consults.policy import may_lead
from consults.services import calls as service
from consults.services import drafting
from portal.common import audit, present
from portal.common.notices import mark_read_at
from portal.members.access import person_of, signed_in
from portal.members.models import Specialty
from portal.members.policy import Denied
from portal.members.views.helpers import attempt, carry_out, paged


@signed_in
@never_cache
@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """Mine as a clinician; waiting now and without a note, as a specialist. htmx asks for the list alone."""
    person, now = person_of(request), timezone.now()
    rows = visible(person)
    page = paged(request, rows.exclude(state__in=Call.OPEN_STATES).order_by("-requested_at", "-pk"))
    past = show(page.object_list, person, now=now)
    context = {
        "open_calls": show(rows.open().order_by("-state", "due_at", "pk")[:100], person, now=now),
        "past": past,
        "page": page,
        "call_counts": counts(person) if person.actor.specialist_in else None,
    }
    is_part = getattr(request, "htmx", None)
    return render(request, "consults/calls_open.html" if is_part else "consults/calls.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask to be called back, about an open question of one's own where ``?consult=`` names one."""
    person = person_of(request)
    if not person.actor.clinician_in:
        raise PermissionDenied("Only clinicians of a member organization ask for a call.")
    consult = None
    if number := request.GET.get("consult", ""):
        mine = Consult.objects.visible_to(person).filter(requester=person).exclude(state="draft")
        consult = get_object_or_404(mine.select_related("specialty"), number=number)
    initial = {"specialty": request.GET.get("specialty", ""), "language": drafting.last_language(person)}
    form = call_forms.CallForm(request.POST or None, consult=consult, initial=initial)
    made: list[Call] = []
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if consult and consult.specialty:
            values["specialty"] = consult.specialty
        if attempt(
            form,
            lambda: made.append(service.request_call(by=person, consult=consult, at=present.now(), **values)),
        ):
            messages.success(request, "You will be called. Whoever is on call has been told.")
            return redirect(made[0])
    zone = timezone.get_current_timezone_name()
    return render(request, "consults/call_new.html", {"form": form, "consult": consult, "zone": zone})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def dialled(request: HttpRequest) -> HttpResponse:
    """Note a call of a clinician who dialled themselves."""
    person = person_of(request)
    if not person.actor.specialist_in:
        raise PermissionDenied("Only those who answer questions note calls.")
    form = call_forms.DialledForm(request.POST or None, person=person)
    made: list[Call] = []

    def note() -> None:
        made.append(service.note_dialled(by=person, note=form.note(), at=present.now(), **form.about()))

    if request.method == "POST" and form.is_valid() and attempt(form, note):
        messages.success(request, "The call is noted and signed.")
        return redirect(made[0])
    return render(request, "consults/call_dialled.html", {"form": form})


@signed_in
@never_cache
@require_safe
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """One call: its clock, its number for those who call, what happened, and its note."""
    row = get_object_or_404(visible(person_of(request)), pk=pk)
    audit.record(
        by=person_of(request),
        action="call.read",
        object_type="call",
        object_id=row.pk,
        organization_id=row.organization_id,
    )
    mark_read_at(person_of(request), row.get_absolute_url())
    return _page(request, row)


def _page(request: HttpRequest, row: Call, **bound: forms.Form) -> HttpResponse:
    person = person_of(request)
    show([row], person, now=timezone.now())
    context: dict[str, Any] = {
        "call": row,
        "clock": row.clock,  # type: ignore[attr-defined]
        "windows": row.spans,
        "events": row.events.select_related("actor"),
        "notes": notes().filter(call=row),
        "note_form": bound.get("note") or call_forms.NoteForm(),
        "tried_form": bound.get("tried") or call_forms.TriedForm(),
        "reason_form": bound.get("cancel") or call_forms.ReasonForm(),
        "addendum_form": bound.get("add") or call_forms.AddendumForm(),
        "open_form": next(iter(bound), ""),
        "sees_consult": bool(row.consult_id)
        and Consult.objects.visible_to(person).filter(pk=row.consult_id or 0).exists(),
    }
    return render(request, "consults/call.html", context)


@signed_in
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    row, by = get_object_or_404(visible(person_of(request)), pk=pk), person_of(request)
    carry_out(request, lambda: service.take(row, by=by, at=present.now()), "The call is yours. Its number is below.")
    return redirect(row)


@signed_in
@require_POST
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the note."""
    row, by = get_object_or_404(visible(person_of(request)), pk=pk), person_of(request)
    form = call_forms.NoteForm(request.POST)
    if form.is_valid() and attempt(form, lambda: service.sign_note(row, by=by, note=form.note(), at=present.now())):
        messages.success(request, "The note is signed and joins the record.")
        return redirect(row)
    return _page(request, row, note=form)


@signed_in
@require_POST
def tried(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody answered."""
    row, by = get_object_or_404(visible(person_of(request)), pk=pk), person_of(request)
    form = call_forms.TriedForm(request.POST)
    if form.is_valid() and attempt(form, lambda: service.tried(row, by=by, at=present.now(), **form.cleaned_data)):
        messages.success(request, "Noted that nobody answered.")
        return redirect(row)
    return _page(request, row, tried=form)


@signed_in
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    row, by = get_object_or_404(visible(person_of(request)), pk=pk), person_of(request)
    form = call_forms.ReasonForm(request.POST)
    if form.is_valid() and attempt(form, lambda: service.cancel(row, by=by, at=present.now(), **form.cleaned_data)):
        messages.success(request, "The call is cancelled.")
        return redirect(row)
    return _page(request, row, cancel=form)


@signed_in
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign an addendum."""
    row, by = get_object_or_404(visible(person_of(request)), pk=pk), person_of(request)
    form = call_forms.AddendumForm(request.POST)
    if form.is_valid() and attempt(
        form, lambda: service.add_to_note(row, by=by, at=present.now(), **form.cleaned_data)
    ):
        messages.success(request, "The addendum is signed.")
        return redirect(row)
    return _page(request, row, add=form)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def phone(request: HttpRequest, slug: str) -> HttpResponse:
    """What a section promises of its phone; for its lead."""
    specialty, person = get_object_or_404(Specialty, slug=slug), person_of(request)
    if isinstance(decision := may_lead(person.actor, specialty.pk), Denied):
        raise PermissionDenied(decision.reason)
    form = call_forms.PhoneForm(request.POST or None, specialty=specialty)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if attempt(form, lambda: service.set_policy(by=person, specialty=specialty, **values)):
            messages.success(request, "Saved. It holds from the next call on.")
            return redirect("section-phone", slug=slug)
    return render(request, "consults/phone.html", {"form": form, "specialty": specialty})
