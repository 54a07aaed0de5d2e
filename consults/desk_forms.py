"""Forms of the desk: a saved piece, and an answer that goes on from what was half written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime

from consults.forms import AnswerForm, TextField
from consults.models import AnswerDraft
from consults.services.pieces import MAX_TEXT, MAX_TITLE
from portal.members.models import Person, Specialty


class PieceForm(forms.Form):
    """A saved piece; whose it is is chosen once, when it is made."""

    title = TextField(max_length=MAX_TITLE, label="Name", help_text="You find it by this, and by its words.")
    text = TextField(
        max_length=MAX_TEXT,
        label="Text",
        help_text="It goes into many answers: nothing of any one patient.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    specialty = forms.ModelChoiceField(
        Specialty.objects.none(),
        to_field_name="slug",
        required=False,
        label="For whom",
        empty_label="For me alone",
        help_text="As section lead you may keep it for everyone who answers in the specialty.",
    )
    attested = forms.BooleanField(required=False, label="I have checked: nothing in this text identifies a patient.")

    def __init__(self, *args: Any, person: Person, is_new: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        led = Specialty.objects.filter(pk__in=person.actor.leads)
        self.fields["specialty"].queryset = led  # type: ignore[attr-defined]
        if not is_new or not person.actor.leads:
            del self.fields["specialty"]


def answer_form(kept: Mapping[str, Any] | None, *, person: Person, draft: AnswerDraft | None) -> AnswerForm:
    """The form of an answer: with what was typed when the session ended, else with what is half written."""
    if kept is not None or draft is None:
        return AnswerForm(kept, person=person)
    initial = {"text": draft.text, "documents": draft.documents, "minutes": draft.minutes}
    return AnswerForm(person=person, initial=initial)


def seen_of(value: str) -> datetime | None:
    """The moment of the draft that a page goes on from, as it was written into the page; None for nonsense."""
    try:
        moment = parse_datetime(value)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
