"""What is done to a consult from its page or the queue: one address per action, POST only."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from consults.forms import AnswerForm, AskBackForm, CloseForm, DeclineForm, HandoverForm, ReplyForm
from consults.models import Consult
from consults.policy import Action
from consults.services import answering, attachments, requesting
from consults.services.base import check
from consults.views.reading import page, visible
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.access import person_of, signed_in

Service = Callable[[Consult, dict[str, object]], Consult]


def _do(
    request: HttpRequest, number: str, *, name: str, form: forms.Form | None, service: Service, done: str
) -> HttpResponse:
    """Run the service with the form's values. Where it refuses, the page comes again with the reason and all that was
    typed: as usual for a form where a field is wrong, with 403 for the wrong person and 409 for the wrong moment."""
    row = visible(request, number)
    bound = {name: form} if form else {}
    try:
        if form and not form.is_valid():
            # Who may, and whether it is possible now, come first: a form for the impossible needs no mending.
            check(row, action=Action(name), by=person_of(request))
            return page(request, row, bound=bound)
        with transaction.atomic():
            service(row, form.cleaned_data if form else {})
    except Invalid as invalid:
        for field, text in invalid.fields.items():
            bound[name].add_error(field if field in bound[name].fields else None, text)
        return page(request, row, bound=bound)
    except (Refused, Conflict) as refused:
        messages.error(request, str(refused))
        if form is None and isinstance(refused, Conflict):
            return redirect(row)
        return page(request, visible(request, number), bound=bound, status=403 if isinstance(refused, Refused) else 409)
    messages.success(request, done)
    return redirect(row)


@signed_in
@require_POST
def claim(request: HttpRequest, number: str) -> HttpResponse:
    by = person_of(request)
    return _do(
        request,
        number,
        name="claim",
        form=None,
        service=lambda row, _: answering.claim(row, by=by, at=timezone.now()),
        done=f"{number} is yours. The clinician who asked has been told.",
    )


@signed_in
@require_POST
def ask_back(request: HttpRequest, number: str) -> HttpResponse:
    by = person_of(request)
    return _do(
        request,
        number,
        name="ask",
        form=AskBackForm(request.POST),
        service=lambda row, values: answering.ask_back(row, by=by, text=str(values["text"]), at=timezone.now()),
        done="Your question was sent. The clock is paused until the reply.",
    )


@signed_in
@require_POST
def answer(request: HttpRequest, number: str) -> HttpResponse:
    by = person_of(request)
    return _do(
        request,
        number,
        name="answer",
        form=AnswerForm(request.POST, person=by),
        service=lambda row, values: answering.answer(
            row,
            by=by,
            text=str(values["text"]),
            documents=values["documents"],  # type: ignore[arg-type]
            minutes=values["minutes"],  # type: ignore[arg-type]
            at=timezone.now(),
        ),
        done="Your answer was sent.",
    )


@signed_in
@require_POST
def hand_over(request: HttpRequest, number: str) -> HttpResponse:
    by = person_of(request)
    return _do(
        request,
        number,
        name="handover",
        form=HandoverForm(request.POST, consult=visible(request, number)),
        service=lambda row, values: answering.hand_over(row, by=by, to=values["to"], at=timezone.now()),  # type: ignore[arg-type]
        done=f"{number} was handed over.",
    )


@signed_in
@require_POST
def decline(request: HttpRequest, number: str) -> HttpResponse:
    by = person_of(request)
    return _do(
        request,
        number,
        name="decline",
        form=DeclineForm(request.POST),
        service=lambda row, values: answering.decline(row, by=by, reason=str(values["reason"]), at=timezone.now()),
        done=f"{number} was declined. The clinician who asked can read why.",
    )


@signed_in
@require_POST
def reply(request: HttpRequest, number: str) -> HttpResponse:
    by = person_of(request)
    return _do(
        request,
        number,
        name="reply",
        form=ReplyForm(request.POST),
        service=lambda row, values: requesting.reply(row, by=by, text=str(values["text"]), at=timezone.now()),
        done="Sent.",
    )


@signed_in
@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    by = person_of(request)
    return _do(
        request,
        number,
        name="withdraw",
        form=None,
        service=lambda row, _: requesting.withdraw(row, by=by, at=timezone.now()),
        done=f"{number} is withdrawn.",
    )


@signed_in
@require_POST
def close(request: HttpRequest, number: str) -> HttpResponse:
    by = person_of(request)
    return _do(
        request,
        number,
        name="close",
        form=CloseForm(request.POST),
        service=lambda row, values: requesting.close(row, by=by, at=timezone.now(), **values),  # type: ignore[arg-type]
        done=f"{number} is closed. Thank you.",
    )


@signed_in
@require_POST
def attach(request: HttpRequest, number: str) -> HttpResponse:
    row = visible(request, number)
    if row.requester != person_of(request):
        raise PermissionDenied("Only the clinician who asked adds files.")
    try:
        for upload in request.FILES.getlist("file"):
            attachments.attach(row, by=person_of(request), upload=upload, at=timezone.now())
    except (Invalid, Conflict) as problem:
        messages.error(request, str(problem))
    return redirect(row)
