"""Forms of improvement engagements. They return cleaned values; services decide."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from consults.forms import TextField
from consults.models import Engagement, Measure
from knowledge.models import Document
from portal.members.models import Organization, Person


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def members_of(organization_ids: Any) -> QuerySet[Person]:
    """People who belong to these organizations."""
    return Person.objects.filter(is_active=True, roles__organization__in=organization_ids).distinct()


class EngagementForm(forms.Form):
    """What an organization asks for."""

    organization = forms.ModelChoiceField(Organization.objects.none(), to_field_name="slug", empty_label=None)
    area = forms.CharField(max_length=120, label="Which area", help_text="One: “Time to antibiotics in sepsis”.")
    goal = TextField(max_length=4000, label="What should be better, by how much, and by when", widget=_area(3))
    scope = TextField(max_length=4000, label="What belongs to it, and what does not", widget=_area(3))
    sponsor = forms.ModelChoiceField(
        Person.objects.none(),
        to_field_name="email",
        empty_label="Choose somebody",
        help_text="Who answers for it in your organization. They are told of each step.",
    )

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        ids = person.actor.administrator_of
        self.fields["organization"].queryset = Organization.objects.filter(pk__in=ids)  # type: ignore[attr-defined]
        self.fields["sponsor"].queryset = members_of(ids)  # type: ignore[attr-defined]


class StepForm(forms.Form):
    """One of several forms on an engagement's page: its fields have identifiers of their own."""

    place = ""

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, auto_id=f"{self.place}_%s", **options)


class HoursAgreedForm(StepForm):
    place = "agree"
    hours = forms.DecimalField(max_digits=6, decimal_places=2, min_value=0, label="Hours it may take")


class DeclineForm(StepForm):
    place = "decline"
    reason = TextField(max_length=2000, label="Why", widget=_area(3))


class CloseForm(StepForm):
    place = "close"
    summary = TextField(
        max_length=8000,
        label="What changed",
        help_text="What was tried, what it did, what stays.",
        widget=_area(5),
    )


class LogForm(StepForm):
    place = "hours"
    day = forms.DateField(widget=_day())
    hours = forms.DecimalField(max_digits=5, decimal_places=2, help_text="Such as 1.5; a negative number takes back.")
    what = forms.CharField(max_length=200)


class MilestoneForm(StepForm):
    place = "milestone"
    name = forms.CharField(max_length=160, label="What is reached")
    due_on = forms.DateField(label="By", widget=_day())


class DocumentsForm(StepForm):
    place = "documents"
    documents = forms.ModelMultipleChoiceField(
        Document.objects.none(),
        to_field_name="slug",
        required=False,
        label="Protocols it works with",
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )

    def __init__(self, data: Any = None, *, person: Person, row: Engagement, **options: Any) -> None:
        chosen = list(row.documents.values_list("slug", flat=True))
        super().__init__(data, initial={"documents": chosen}, **options)
        rows = Document.objects.visible_to(person).filter(current_revision__isnull=False)
        self.fields["documents"].queryset = rows.select_related("current_revision").order_by(  # type: ignore[attr-defined]
            "current_revision__title"
        )
        self.fields["documents"].label_from_instance = lambda one: one.current_revision.title  # type: ignore[attr-defined]


class PersonForm(StepForm):
    """Somebody to name: of the organization, or of the network's staff."""

    place = "person"
    person = forms.ModelChoiceField(Person.objects.none(), to_field_name="email", empty_label="Choose somebody")

    def __init__(self, data: Any = None, *, row: Engagement, is_consultant: bool, **options: Any) -> None:
        self.place = "consultant" if is_consultant else "person"
        super().__init__(data, **options)
        staff = Person.objects.filter(is_active=True).filter(Q(roles__isnull=False, roles__organization=None))
        rows = staff.distinct() if is_consultant else members_of([row.organization_id])
        named = row.people.values("person")
        self.fields["person"].queryset = rows.exclude(pk__in=named)  # type: ignore[attr-defined]


class MeasureForm(StepForm):
    place = "measure"
    name = forms.CharField(max_length=120)
    unit = forms.CharField(max_length=40, help_text="Such as % or minutes.")
    definition = forms.CharField(
        max_length=400, help_text="What is counted, among whom, and how. Figures only; nothing about a patient."
    )
    better = forms.ChoiceField(choices=Measure.Better.choices, label="Which way is better")


class PointForm(StepForm):
    place = "point"
    day = forms.DateField(widget=_day())
    value = forms.FloatField(widget=forms.NumberInput(attrs={"step": "any"}))
    note = forms.CharField(max_length=120, required=False, help_text="What was changed then.")

    def __init__(self, data: Any = None, *, measure: int, **options: Any) -> None:
        self.place = f"point{measure}"
        super().__init__(data, **options)
