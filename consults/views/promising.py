"""Where network administrators say what is promised: promises and calendars, each change a new version."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import F, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consults.models import Calendar, CalendarVersion, Promise, PromiseVersion
from consults.promise_forms import CalendarForm, PromiseForm, newest_calendars
from consults.services import promising
from consults.services.sending import answering_specialties
from portal.common import present
from portal.common.refusals import Invalid
from portal.members.access import needs, person_of
from portal.members.kept import posted_or_kept
from portal.members.policy import Action


def newest_promises() -> Any:
    """The newest version of each promise that still holds."""
    rows = PromiseVersion.objects.filter(promise__ended_at=None).annotate(newest=Max("promise__versions__number"))
    rows = rows.filter(number=F("newest")).select_related(
        "promise__specialty", "promise__organization", "calendar__calendar", "made_by"
    )
    return rows.order_by("promise__urgency", "promise__specialty__name", "promise__organization__name", "pk")


@needs(Action.SET_PROMISES)
@require_safe
def promises(request: HttpRequest) -> HttpResponse:
    """What is promised, and by which calendars it is counted."""
    context = {
        "promises": newest_promises(),
        "calendars": newest_calendars(),
        "gated_specialties": answering_specialties(),
    }
    return render(request, "consults/promises.html", context)


@needs(Action.SET_PROMISES)
@require_http_methods(["GET", "HEAD", "POST"])
def promise(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new promise, or a new version of one."""
    found = get_object_or_404(newest_promises(), promise=pk) if pk else None
    data = posted_or_kept(request)
    form = PromiseForm(data) if data else PromiseForm(initial=PromiseForm.of(found) if found else None)
    if request.method == "POST" and form.is_valid():
        try:
            version = promising.define_promise(by=person_of(request), **form.values())
        except Invalid as invalid:
            _blame(form, invalid)
        else:
            messages.success(request, f"{version.promise}: promised from now on. Consults under way keep theirs.")
            return redirect("promises")
    return render(request, "consults/promise.html", {"form": form, "found": found})


@needs(Action.SET_PROMISES)
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Promise, pk=pk)
    promising.end_promise(found, by=person_of(request), at=present.now())
    messages.success(request, f"{found}: ended. Consults under way keep it. Promising it anew brings it back.")
    return redirect("promises")


@needs(Action.SET_PROMISES)
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new calendar, or a new version of one."""
    named = get_object_or_404(Calendar, pk=pk) if pk else None
    found: CalendarVersion | None = named.versions.order_by("-number").first() if named else None
    data, today = posted_or_kept(request), timezone.localdate()
    form = CalendarForm(data) if data else CalendarForm(initial=CalendarForm.of(found, today) if found else None)
    if request.method == "POST" and form.is_valid():
        try:
            version = promising.define_calendar(by=person_of(request), today=today, **form.values())
        except Invalid as invalid:
            _blame(form, invalid)
        except forms.ValidationError as invalid:
            form.add_error("short", invalid)
        else:
            messages.success(request, f"{version} is kept. Promises that are made with it from now on count by it.")
            return redirect("promises")
    return render(request, "consults/calendar.html", {"form": form, "found": found})


def _blame(form: forms.Form, invalid: Invalid) -> None:
    for field, text in invalid.fields.items():
        form.add_error("day0" if field == "week" else field if field in form.fields else None, text)
