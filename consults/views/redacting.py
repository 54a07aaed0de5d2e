"""Taking out what looks like an identifier with one press, and putting it back; with and without JavaScript."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from consults.forms import AskForm
from consults.gate import TEXTS
from consults.views.asking import ended_draft, keep, number_of, own_draft, page, saved
from portal.common import identifiers
from portal.common.identifiers import Replaced
from portal.common.refusals import Conflict
from portal.members.access import person_of, signed_in

Pieces = list[tuple[str, Replaced]]
MOST = 200
"""Pieces that can be put back at once."""


@signed_in
@require_POST
def redact(request: HttpRequest) -> HttpResponse:
    """Replace one piece (``redact`` is its field and words) or all of them, or put back the last ones (``undo``).

    What the form holds is saved as a draft, as at every pause in typing.
    """
    person, number = person_of(request), number_of(request)
    if not person.actor.clinician_in:
        raise Http404
    if ended_draft(person, number):
        return redirect("ask-ended", number=number)
    before = own_draft(person, number)
    data = request.POST.copy()
    data.pop("replaced", None)
    if "undo" in request.POST:
        put_back = _pieces(request.POST.get("replaced", ""))
        _restore(data, put_back)
        more: dict[str, Any] = {"put_back": len(put_back)}
    else:
        taken = _redact(data, request.POST.get("redact", ""))
        more = {"taken": taken, "replaced": _as_json(taken)}
    form = AskForm(data, person=person)
    try:
        draft = keep(person, before, form)
    except Conflict:  # sent while this was on its way
        return redirect("consult", number=number)
    if request.headers.get("HX-Request"):
        return saved(request, person, draft, form, before=before, more=more | {"texts": [form[name] for name in TEXTS]})
    return page(request, person, draft, AskForm(initial=data.dict() | _lists(data), person=person), more=more)


def _lists(data: QueryDict) -> dict[str, Any]:
    """Fields of several values, and the draft's number where the form had none yet."""
    return {"documents": data.getlist("documents")}


def _redact(data: QueryDict, asked: str) -> Pieces:
    """Replace in the posted data what was asked for, and say what was."""
    field, _, words = asked.replace("\r\n", "\n").partition(":")
    taken: Pieces = []
    for name in TEXTS:
        if asked == "all" or (name == field and words):
            text, replaced = identifiers.redact(_text(data, name), only="" if asked == "all" else words)
            data[name] = text
            taken += [(name, piece) for piece in replaced]
    return taken


def _restore(data: QueryDict, pieces: Pieces) -> None:
    for name in TEXTS:
        data[name] = identifiers.restore(_text(data, name), [piece for field, piece in pieces if field == name])


def _text(data: QueryDict, name: str) -> str:
    """As the page shows it: a browser sends each line break as two characters."""
    return str(data.get(name, "")).replace("\r\n", "\n")


def _as_json(pieces: Pieces) -> str:
    return json.dumps([[name, piece.start, piece.word, piece.words] for name, piece in pieces])


def _pieces(text: str) -> Pieces:
    """What the page says was replaced; nothing that is not of that form."""
    try:
        rows = [
            (str(name), Replaced(int(start), str(word), str(words)))
            for name, start, word, words in json.loads(text)[:MOST]
        ]
    except (ValueError, TypeError, KeyError):
        return []
    return [(name, piece) for name, piece in rows if name in TEXTS and piece.word in identifiers.WORDS.values()]
