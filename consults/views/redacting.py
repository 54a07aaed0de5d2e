"""Taking out what looks like an identifier with one press, and putting it back; with and without JavaScript."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from consults import redaction
from consults.forms import AskForm
from consults.gate import TEXTS
from consults.views.asking import ended_draft, keep, number_of, own_draft, page, saved
from portal.common.refusals import Conflict
from portal.members.access import person_of, signed_in


@signed_in
@require_POST
def redact(request: HttpRequest) -> HttpResponse:
    """Replace one piece (``redact`` is its field and words) or all of them, or put back what was (``undo``).

    What the form holds is saved as a draft, as at every pause in typing.
    """
    person, number = person_of(request), number_of(request)
    if not person.actor.clinician_in:
        raise Http404
    if ended_draft(person, number):
        return redirect("ask-ended", number=number)
    before, data = own_draft(person, number), request.POST.copy()
    texts = {name: str(data.get(name, "")).replace("\r\n", "\n") for name in TEXTS}
    carried = redaction.standing(texts, redaction.from_json(str(data.get("replaced", ""))))
    more: dict[str, Any] = {"announced": True}
    if "undo" in data:
        texts, more["put_back"], carried = redaction.restore(texts, carried), len(carried), []
    else:
        texts, taken = redaction.redact(texts, asked=str(data.get("redact", "")).replace("\r\n", "\n"))
        carried += taken
    for name, text in texts.items():
        data[name] = text
    data["replaced"] = redaction.as_json(carried)
    form = AskForm(data, person=person)
    try:
        draft = keep(person, before, form)
    except Conflict:  # sent while this was on its way
        return redirect("consult", number=number)
    if request.headers.get("HX-Request"):
        return saved(request, person, draft, form, before=before, more=more | {"texts": [form[name] for name in TEXTS]})
    shown = AskForm(initial=data.dict() | {"documents": data.getlist("documents")}, person=person)
    return page(request, person, draft, shown, more=more | {"taken": carried, "replaced": data["replaced"]})
