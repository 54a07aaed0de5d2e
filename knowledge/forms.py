"""Forms over documents."""

from typing import Any

from django import forms

from knowledge.services.notes import LONGEST


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
