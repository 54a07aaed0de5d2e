"""Forms over documents."""

from typing import Any

from django import forms

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
