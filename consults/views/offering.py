"""What editors do with closed consults: read the answer, make an FAQ of it, or leave it at that."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consults import faq
from consults.forms import FaqDeclineForm, FaqForm
from consults.models import Citation, FaqOffer, Message
from consults.services import offering
from consults.services.sending import answering_specialties
from portal.common import audit, identifiers, present
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.access import needs, person_of
from portal.members.kept import posted_or_kept
from portal.members.policy import Action

PER_PAGE = 25
SHOWN = (("waiting", "Waiting"), ("drafted", "Made into an FAQ"), ("declined", "Left at that"))


@needs(Action.EDIT_DOCUMENTS)
@require_safe
def offers(request: HttpRequest) -> HttpResponse:
    """Answers that may become FAQs, by ?state=, the longest waiting last."""
    rows = FaqOffer.objects.visible_to(person_of(request)).select_related(
        "consult__specialty", "document", "decided_by"
    )
    state = request.GET.get("state", "waiting")
    state = state if state in dict(SHOWN) else "waiting"
    if state == "waiting":
        rows = rows.waiting()
    else:
        rows = rows.exclude(decided_at=None).filter(document__isnull=state == "declined")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    first = answering_specialties().order_by("name").first()
    context = {"page": page, "state": state, "states": SHOWN, "first_specialty": first}
    return render(request, "consults/offers.html", context)


@needs(Action.EDIT_DOCUMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, number: str) -> HttpResponse:
    """One answer beside the FAQ it could become. Reading it is on the record, as reading any consult is."""
    row = _offer(request, number)
    if request.method != "POST":
        _read(request, row)
    data = posted_or_kept(request)
    form = FaqForm(data) if data else FaqForm(initial=vars(_prefilled(row)))
    if request.method == "POST" and form.is_valid():
        try:
            document = offering.make_draft(row, by=person_of(request), at=present.now(), **form.cleaned_data)
        except Invalid as invalid:
            for field, text in invalid.fields.items():
                form.add_error(field if field in form.fields else "body", text)
        except (Refused, Conflict) as refused:
            messages.error(request, str(refused))
            return redirect(row)
        else:
            messages.success(request, "The draft is made. Someone else reviews it before it is published.")
            return redirect("document-draft", document.slug)
    return _page(request, row, form=form)


@needs(Action.EDIT_DOCUMENTS)
@require_POST
def decline(request: HttpRequest, number: str) -> HttpResponse:
    """Make no FAQ of it, with a reason."""
    row = _offer(request, number)
    form = FaqDeclineForm(request.POST)
    if not form.is_valid():
        return _page(request, row, decline_form=form)
    try:
        offering.decline(row, by=person_of(request), at=present.now(), **form.cleaned_data)
    except (Invalid, Conflict) as refused:
        messages.error(request, str(refused))
        return redirect(row)
    messages.success(request, f"{number} stays an answer to the one who asked. Its page here lets you undo that.")
    return redirect("answers")


@needs(Action.EDIT_DOCUMENTS)
@require_POST
def undo(request: HttpRequest, number: str) -> HttpResponse:
    """Take a refused answer up again."""
    row = _offer(request, number)
    try:
        offering.take_up_again(row, by=person_of(request))
    except Conflict as refused:
        messages.error(request, str(refused))
    return redirect(row)


def _offer(request: HttpRequest, number: str) -> FaqOffer:
    rows = FaqOffer.objects.visible_to(person_of(request)).select_related(
        "consult__specialty", "document", "decided_by"
    )
    return get_object_or_404(rows, consult__number=number)


def _read(request: HttpRequest, row: FaqOffer) -> None:
    audit.record(
        by=person_of(request),
        action="consult.read",
        object_type="consult",
        object_id=row.consult.number,
        organization_id=row.consult.organization_id,
    )


def _thread(row: FaqOffer) -> list[Message]:
    cited = Citation.objects.select_related("document", "revision")
    return list(row.consult.messages.prefetch_related(Prefetch("citations", cited)))


def _prefilled(row: FaqOffer) -> faq.Prefilled:
    answers = [message for message in _thread(row) if message.kind == Message.Kind.ANSWER]
    return faq.prefilled(
        question=row.consult.question,
        answers=[message.text for message in answers],
        cited=[
            (citation.document.slug, citation.revision.title)
            for message in answers
            for citation in message.citations.all()
        ],
    )


def _page(
    request: HttpRequest, row: FaqOffer, *, form: FaqForm | None = None, decline_form: FaqDeclineForm | None = None
) -> HttpResponse:
    form = form or FaqForm(initial=vars(_prefilled(row)))
    text = "\n".join(str(form[name].value() or "") for name in ("title", "summary", "body"))
    context: dict[str, Any] = {
        "offer": row,
        "consult": row.consult,
        "thread": _thread(row),
        "form": form,
        "decline_form": decline_form or FaqDeclineForm(),
        "findings": identifiers.find(text),
    }
    return render(request, "consults/offer.html", context)
