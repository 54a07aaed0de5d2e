"""An act in two steps, without JavaScript: fill in, see what will be booked, do it; pressed twice, it is done once.

The page that asks for agreement shows a rehearsal of the act itself. What was agreed to is carried out as it was shown,
or shown anew where it would be something else by then. What was typed stays, whatever is refused.
"""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from portal.common.models import IdempotentRequest
from portal.common.refusals import Conflict, Invalid, Refused
from portal.fees.services import acts
from portal.members.access import person_of
from portal.members.kept import posted_or_kept
from portal.members.models import Organization

Run = Callable[[Any, datetime], object]
"""Does the act with the valid form, at the moment given."""


@dataclass(frozen=True)
class Act:
    """What one page does."""

    title: str
    word: str
    """Of the button that does it."""
    done: str
    organization: Organization | None
    back: str
    """The address to return to; also where it leads when it is done, unless ``then`` says another."""
    run: Run
    says: str = ""
    """What it is, above the form."""
    undo: str = ""
    """How it is undone, in words."""
    then: Callable[[object], str] | None = None
    danger: bool = False


class _Twice(Exception):
    """The button was pressed before; ``where`` it led."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


def carry(request: HttpRequest, act: Act, make: Callable[..., Any]) -> HttpResponse:
    """Answer the act's page. ``make(data)`` makes its form, empty of what was typed where ``data`` is None."""
    form = make(posted_or_kept(request))
    if not form.fields:
        form = make({})  # nothing to fill in: what would be booked is shown at once
    elif request.method != "POST" or request.POST.get("step") == "edit":
        return _ask(request, act, form)
    if not form.is_valid():
        return _ask(request, act, form)
    try:
        if request.POST.get("step") == "do":
            return _do(request, act, form)
        outcome = acts.rehearse(act.organization, lambda: act.run(form, timezone.now()), at=timezone.now())
    except acts.Changed as changed:
        messages.warning(request, "Something changed meanwhile. Nothing was done: look at what would be booked now.")
        return _confirm(request, act, form, changed.outcome)
    except _Twice as twice:
        messages.info(request, "This was done when the button was first pressed, and not again.")
        return redirect(twice.where)
    except (Conflict, Refused, Invalid) as error:
        _object(form, error)
        return _ask(request, act, form)
    return _confirm(request, act, form, outcome)


def _do(request: HttpRequest, act: Act, form: forms.Form) -> HttpResponse:
    now = timezone.now()
    with transaction.atomic():
        press = _press(request)
        agreed = request.POST.get("agreed", "") if act.organization else None
        outcome = acts.perform(act.organization, lambda: act.run(form, now), at=now, agreed=agreed)
        where = act.then(outcome.result) if act.then else act.back
        press.status, press.location = 200, where
        press.save(update_fields=["status", "location"])
    messages.success(request, act.done)
    return redirect(where)


def _press(request: HttpRequest) -> IdempotentRequest:
    """The one row of this press; a second one waits for it. Raises _Twice after it, Conflict for another form."""
    if not (pressed := request.POST.get("press", "")):
        raise Conflict("Open the page anew, then do it.")
    fields = sorted((name, values) for name, values in request.POST.lists() if name not in _OURS)
    print_ = hashlib.sha256(repr((request.path, fields)).encode()).hexdigest()
    row, is_new = IdempotentRequest.objects.get_or_create(
        person=person_of(request), key=f"page:{pressed[:64]}", defaults={"fingerprint": print_}
    )
    if not is_new and row.fingerprint != print_:
        raise Conflict("This form was sent before, with other words. Open the page anew to do it again.")
    if not is_new:
        raise _Twice(row.location)
    return row


_OURS = ("csrfmiddlewaretoken", "step", "agreed", "press")


def _object(form: forms.Form, error: Exception) -> None:
    if isinstance(error, Invalid):
        for field, text in error.fields.items():
            form.add_error(field if field in form.fields else None, text)
    else:
        form.add_error(None, str(error))


def _ask(request: HttpRequest, act: Act, form: forms.Form) -> HttpResponse:
    page = {"act": act, "form": form, "press": request.POST.get("press") or uuid.uuid4().hex}
    return render(request, "fees/act.html", page)


def _confirm(request: HttpRequest, act: Act, form: forms.Form, outcome: "acts.Outcome[Any]") -> HttpResponse:
    page = {
        "act": act,
        "form": form,
        "outcome": outcome,
        "press": request.POST.get("press") or uuid.uuid4().hex,
        "typed": [(name, value) for name, values in request.POST.lists() if name not in _OURS for value in values],
        "shown": [(field.label, _shown(form, field)) for field in form if field.data],
    }
    return render(request, "fees/act_confirm.html", page)


def _shown(form: forms.Form, field: forms.BoundField) -> str:
    """What was typed or chosen, as it reads on the page."""
    if isinstance(day := form.cleaned_data.get(field.name), date):
        return f"{day.day} {day:%B %Y}"
    choices = getattr(field.field, "choices", None)
    if choices is None:
        return str(field.data)
    return next((str(label) for value, label in choices if str(value) == str(field.data)), str(field.data))
