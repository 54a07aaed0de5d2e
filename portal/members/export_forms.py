"""Asking for a file."""

from collections.abc import Sequence

from django import forms

from portal.common.exports import Kind
from portal.common.models import Export
from portal.members.exporting import places_of
from portal.members.models import Person


class ExportForm(forms.Form):
    """Which kind, in which form, of whom and of which days."""

    of = forms.ChoiceField(label="What")
    format = forms.ChoiceField(
        choices=Export.Format.choices, label="As", help_text="JSON Lines is compressed: for what is long."
    )
    organization = forms.CharField(required=False)
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: object, kinds: Sequence[Kind], person: Person, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.kinds = {kind.key: kind for kind in kinds}
        of = self.fields["of"]
        assert isinstance(of, forms.ChoiceField)
        of.choices = [(kind.key, kind.name) for kind in kinds]
        # What was chosen is looked at by the kind itself, which says what it takes.
        places = places_of(person).values_list("slug", "name")
        self.fields["organization"].widget = forms.Select(choices=[("", "All"), *places])

    @property
    def kind(self) -> Kind:
        return self.kinds[self.cleaned_data["of"]]
