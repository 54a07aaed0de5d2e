"""Forms over documents."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from knowledge.models import Document, EducationEntry, Reading
from knowledge.services.education import LONGEST_QUESTION, LONGEST_TEXT, Learned
from knowledge.services.lists import LONGEST_NAME
from knowledge.services.notes import LONGEST
from portal.members.models import Person

RECENT = 15


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


class ListForm(forms.Form):
    """The name of a list."""

    name = forms.CharField(max_length=LONGEST_NAME, label="Name of the list", widget=forms.TextInput)


class TitlesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # not subscriptable at run time
    """Documents to tick, by their titles."""

    def label_from_instance(self, obj: Document) -> str:
        return obj.current_revision.title if obj.current_revision else obj.slug


class EducationForm(forms.Form):
    """One entry of the record of learning; ``offered`` are the documents to choose from."""

    on = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    question = forms.CharField(
        max_length=LONGEST_QUESTION,
        label="What did you want to know?",
        help_text="One question, in general terms. Nothing that identifies a patient.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    documents = TitlesField(
        Document.objects.none(),
        to_field_name="slug",
        label="What did you consult?",
        help_text="The documents you read last are offered here.",
        widget=forms.CheckboxSelectMultiple,
    )
    effect = forms.ChoiceField(
        choices=[("", "Choose what came of it"), *EducationEntry.Effect.choices], label="Effect on your practice"
    )
    effect_text = forms.CharField(
        required=False, max_length=LONGEST_TEXT, label="In your own words", widget=forms.Textarea(attrs={"rows": 4})
    )
    attested = forms.BooleanField(required=False, label="I have checked: nothing in this text identifies a patient.")

    def __init__(self, *args: Any, person: Person, chosen: "list[str] | None" = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slugs = set(chosen or []) | set(self.data.getlist("documents") if isinstance(self.data, QueryDict) else [])
        recent = Reading.objects.listed(person).order_by("-at").values_list("document", flat=True)[:RECENT]
        visible = Document.objects.visible_to(person).exclude(current_revision=None).select_related("current_revision")
        field = self.fields["documents"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = visible.filter(pk__in=list(recent)) | visible.filter(slug__in=slugs)

    def learned(self) -> Learned:
        """The cleaned values, for the services."""
        values = self.cleaned_data
        return Learned(
            on=values["on"],
            question=values["question"],
            documents=list(values["documents"]),
            effect=values["effect"],
            effect_text=values["effect_text"],
            attested=values["attested"],
        )


def today() -> str:
    """Today in the reader's zone, as a date field takes it."""
    return timezone.localdate().isoformat()
