"""What is done to a consult from its page or the queue: one address per action, POST only."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from consults.forms import (
    AnswerForm,
    AskBackForm,
    CloseForm,
    DeclineForm,
    HandoverForm,
    OpinionForm,
    ReplyForm,
    SecondForm,
    TransferForm,
    UrgencyForm,
)
from consults.models import Consult
from consults.policy import Action
from consults.services import answering, attachments, joining, promising, requesting
from consults.services.base import check
from consults.views.reading import page, visible
from portal.common import present
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.access import person_of, signed_in


@dataclass(frozen=True)
class Step:
    """An action, the service that does it with the form's values, and what is said when it is done."""

    action: Action
    service: Callable[..., Consult]
    done: str
    form: Callable[[HttpRequest, Consult], forms.Form] | None = None


def take(request: HttpRequest, number: str, step: Step) -> HttpResponse:
    """Do the step. Where it is refused, the page comes again with the reason and all that was typed: as usual for a
    form where a field is wrong, with 403 for the wrong person and 409 for the wrong moment."""
    row, by = visible(request, number), person_of(request)
    form = step.form(request, row) if step.form else None
    bound = {step.action.value: form} if form else {}
    try:
        if form and not form.is_valid():
            # Who may, and whether it is possible now, come first: a form for the impossible needs no mending.
            check(row, action=step.action, by=by)
            return page(request, row, bound=bound)
        if form and step.action is Action.ANSWER and _has_news(request, row):
            raise Invalid(text="Something was added since you opened this page. Read it above, then send.")
        with transaction.atomic():
            step.service(row, by=by, at=present.now(), **(form.cleaned_data if form else {}))
    except Invalid as invalid:
        for field, text in invalid.fields.items():
            bound[step.action.value].add_error(field if form and field in form.fields else None, text)
        return page(request, row, bound=bound)
    except (Refused, Conflict) as refused:
        messages.error(request, str(refused))
        if form is None and isinstance(refused, Conflict):
            return redirect(row)
        return page(request, visible(request, number), bound=bound, status=403 if isinstance(refused, Refused) else 409)
    messages.success(request, step.done.format(number=number))
    still_visible = Consult.objects.visible_to(by).filter(pk=row.pk).exists()
    return redirect(row) if still_visible else redirect("home")


def _has_news(request: HttpRequest, row: Consult) -> bool:
    """Whether the requester has written since the page was shown on which this answer was typed."""
    seen = request.POST.get("seen", "")
    if not seen.isdecimal():
        return False
    return row.messages.filter(pk__gt=int(seen[:18]), author_id=row.requester_id).exists()


def view(step: Step) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """The view of one step."""

    @signed_in
    @require_POST
    def act(request: HttpRequest, number: str) -> HttpResponse:
        return take(request, number, step)

    return act


STEPS = {
    "claim": Step(Action.CLAIM, answering.claim, "{number} is yours. The clinician who asked has been told."),
    "ask": Step(
        Action.ASK,
        answering.ask_back,
        "Your question was sent. The clock is paused until the reply.",
        lambda request, _: AskBackForm(request.POST),
    ),
    "answer": Step(
        Action.ANSWER,
        answering.answer,
        "Your answer was sent.",
        lambda request, _: AnswerForm(request.POST, person=person_of(request)),
    ),
    "handover": Step(
        Action.HANDOVER,
        answering.hand_over,
        "{number} was handed over.",
        lambda request, row: HandoverForm(request.POST, consult=row),
    ),
    "transfer": Step(
        Action.TRANSFER,
        joining.transfer,
        "{number} was moved. The clock runs on.",
        lambda request, row: TransferForm(request.POST, consult=row),
    ),
    "second-opinion": Step(
        Action.SECOND,
        joining.ask_second,
        "Your colleague was asked. The question stays with you.",
        lambda request, row: SecondForm(request.POST, consult=row),
    ),
    "decline": Step(
        Action.DECLINE,
        answering.decline,
        "{number} was declined. The clinician who asked can read why.",
        lambda request, _: DeclineForm(request.POST),
    ),
    "reply": Step(Action.REPLY, requesting.reply, "Sent.", lambda request, _: ReplyForm(request.POST)),
    "withdraw": Step(Action.WITHDRAW, requesting.withdraw, "{number} is withdrawn."),
    "retarget": Step(
        Action.RETARGET,
        promising.set_urgency,
        "{number} has another promise. Both sides have been told.",
        lambda request, row: UrgencyForm(request.POST, consult=row),
    ),
    "close": Step(
        Action.CLOSE,
        requesting.close,
        "{number} is closed. Thank you.",
        lambda request, _: CloseForm(request.POST),
    ),
}


@signed_in
@require_POST
def opine(request: HttpRequest, number: str) -> HttpResponse:
    """Give the second opinion one was asked for."""
    row, by, form = visible(request, number), person_of(request), OpinionForm(request.POST)
    try:
        form.is_valid()
        with transaction.atomic():
            joining.give_opinion(row, by=by, text=form.cleaned_data.get("text", ""), at=present.now())
    except Invalid as invalid:
        form.add_error("text", "\n".join(invalid.fields.values()))
        return page(request, row, bound={"opinion": form})
    except (Refused, Conflict) as refused:
        messages.error(request, str(refused))
        return page(request, row, bound={"opinion": form}, status=403 if isinstance(refused, Refused) else 409)
    messages.success(request, "Your opinion is in the thread.")
    return redirect(row)


@signed_in
@require_POST
def attach(request: HttpRequest, number: str) -> HttpResponse:
    row = visible(request, number)
    if row.requester != person_of(request):
        raise PermissionDenied("Only the clinician who asked adds files.")
    try:
        for upload in request.FILES.getlist("file"):
            attachments.attach(row, by=person_of(request), upload=upload, at=present.now())
    except (Invalid, Conflict) as problem:
        messages.error(request, str(problem))
    return redirect(row)
