"""Forms over documents."""

from collections.abc import Mapping
from typing import Any

from django import forms

from knowledge.models import Feedback
from knowledge.services.feedback import LONGEST as LONGEST_COMMENT
from knowledge.services.notes import LONGEST
from knowledge.services.overlays import LONGEST as LONGEST_OVERLAY
from portal.members.models import Organization, Person


class NoteForm(forms.Form):
    """A note beside a document; ``is_saved`` says that one is kept, ``is_waiting`` that this text is not yet."""

    note = forms.CharField(
        label="My note",
        help_text="Only you see it. Write nothing that identifies a patient.",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, is_saved: bool = False, is_waiting: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_saved, self.is_waiting = is_saved, is_waiting


class OverlayForm(forms.Form):
    """A note of an organization; which one is asked of people who write for several, and only for a new note."""

    organization = forms.ModelChoiceField(
        Organization.objects.none(), to_field_name="slug", empty_label=None, label="For which organization"
    )
    text = forms.CharField(
        label="Note",
        help_text="Your formulary, a telephone number, a local threshold. Telephone numbers and addresses of pages "
        "become links; *emphasis*, **strong** and lists work. Nothing that identifies a patient.",
        max_length=LONGEST_OVERLAY,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Write what your people should know."},
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: Person, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Organization.objects.filter(pk__in=person.actor.annotates)
        self.fields["organization"].queryset = places  # type: ignore[attr-defined]
        self.only = places.first() if len(person.actor.annotates) == 1 else None
        if self.only or not is_new:
            del self.fields["organization"]
        if is_new:
            del self.fields["version"]

    @property
    def chosen(self) -> Organization:
        """The organization the note is of."""
        found = self.only or self.cleaned_data["organization"]
        assert isinstance(found, Organization)
        return found


class FeedbackForm(forms.Form):
    """Whether a revision answered the reader's question, and why not."""

    answer = forms.ChoiceField(
        choices=Feedback.Answer.choices,
        widget=forms.RadioSelect,
        label="Was your question answered?",
        error_messages={"required": "Choose yes, partly or no.", "invalid_choice": "Choose yes, partly or no."},
    )
    reason = forms.ChoiceField(
        choices=[("", "Choose what was missing"), *Feedback.Reason.choices],
        required=False,
        label="What was missing?",
        help_text="For partly and no.",
        error_messages={"invalid_choice": "Choose what was missing."},
    )
    comment = forms.CharField(
        required=False,
        max_length=LONGEST_COMMENT,
        label="Comment to the editors",
        help_text="They see your name, because they reply to you, and nothing of your organization. Write nothing that "
        "identifies a patient. For a question of care, ask a specialist.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    revision = forms.IntegerField(required=False, min_value=1, max_value=1_000_000, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, auto_id="feedback_%s")

    def clean(self) -> None:
        values = self.cleaned_data
        if values.get("answer") in ("partly", "no") and not values.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Choose what was missing.")


class ReplyForm(forms.Form):
    """What an editor writes back to a reader."""

    text = forms.CharField(
        label="Your reply",
        max_length=LONGEST_COMMENT,
        help_text="The reader is told, and reads it at the foot of the document.",
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Write what the reader should know."},
    )
