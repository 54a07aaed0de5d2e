"""The form of a ladder, for a section or for the network."""

from typing import Any

from django import forms

from consults.models import LadderVersion
from consults.services import ladders
from portal.members.models import Person

RUNGS = (
    ("assignee", "Whoever has it"),
    ("backup", "The backup on call"),
    ("lead", "The section lead"),
    ("director", "The network's medical director"),
)


class LadderForm(forms.Form):
    """When each rung is told, and how long a reply is waited for."""

    first_reminder = forms.IntegerField(label="First reminder, after days", min_value=1, max_value=90)
    second_reminder = forms.IntegerField(label="Second reminder, after days", min_value=2, max_value=90)
    close_after = forms.IntegerField(
        label="Closed without a reply, after days",
        min_value=6,
        max_value=90,
        help_text="Announced three days before. A reply opens it again, with a new clock.",
    )
    working_days = forms.BooleanField(required=False, label="Count Monday to Friday only")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, label in RUNGS:
            self.fields[f"{name}_percent"] = forms.IntegerField(
                label=f"{label}: % of the time", min_value=0, max_value=ladders.MOST_PERCENT
            )
            self.fields[f"{name}_minutes"] = forms.IntegerField(
                label=f"{label}: plus minutes",
                min_value=-ladders.MOST_MINUTES,
                max_value=ladders.MOST_MINUTES,
            )

    @staticmethod
    def of(row: LadderVersion) -> dict[str, Any]:
        """The figures of a version, to begin with."""
        return {name: getattr(row, name) for name in FIGURES}

    @property
    def rungs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"{name}_percent"], self[f"{name}_minutes"]) for name, _ in RUNGS]

    @property
    def waits(self) -> list[forms.BoundField]:
        return [self[name] for name in ("first_reminder", "second_reminder", "close_after", "working_days")]


FIGURES = (
    *(f"{name}_{what}" for name, _ in RUNGS for what in ("percent", "minutes")),
    "first_reminder",
    "second_reminder",
    "close_after",
    "working_days",
)


class DirectorForm(forms.Form):
    director = forms.ModelChoiceField(
        Person.objects.none(),
        to_field_name="email",
        required=False,
        label="Medical director",
        empty_label="Nobody",
        help_text="One of the network's administrators, who see every consult.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        able = [person.pk for person in ladders.able_to_direct()]
        self.fields["director"].queryset = Person.objects.filter(pk__in=able)  # type: ignore[attr-defined]
