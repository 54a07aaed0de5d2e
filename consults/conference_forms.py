"""Forms of case conferences. They return cleaned values; services decide."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet

from consults.colleagues import name_of, specialists
from consults.forms import TextField
from consults.models import Conference, Consult
from consults.services.agenda import DISCUSSED, USUAL_MINUTES
from consults.services.conferences import When
from portal.members.forms import ZoneField
from portal.members.models import Person, Specialty


class WhenForm(forms.Form):
    """Title, time and place."""

    title = forms.CharField(
        max_length=120, help_text="Such as “Monthly board”. Nothing about a patient: it is seen by everyone invited."
    )
    day = forms.DateField(label="Date", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(label="Begins at", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    zone = ZoneField(help_text="Everyone sees the moment in their own time zone.")
    minutes = forms.IntegerField(label="Length in minutes", min_value=5, max_value=480, initial=60)
    place = forms.CharField(max_length=200, label="Place or link", help_text="A room, or the address of a call.")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if {"day", "time", "zone"} <= values.keys():
            starts_at = datetime.combine(values["day"], values["time"], ZoneInfo(values["zone"]))
            if starts_at.astimezone(UTC).astimezone(starts_at.tzinfo).time() != values["time"]:
                self.add_error("time", "The clocks change over this time on that day. Choose another.")
            values["starts_at"] = starts_at
        return values

    def when(self) -> When:
        """As the services take it."""
        values = self.cleaned_data
        return When(values["starts_at"], values["zone"], values["minutes"], values["place"])

    @staticmethod
    def of(row: Conference) -> dict[str, Any]:
        """What the form begins with for a conference that is there."""
        local = row.local_start
        return {
            "title": row.title,
            "day": local.date(),
            "time": local.time(),
            "zone": row.zone,
            "minutes": row.minutes,
            "place": row.place,
        }


class GuestsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # not subscriptable at run time
    def label_from_instance(self, obj: Person) -> str:
        return obj.name


class ConferenceForm(WhenForm):
    """A new conference."""

    specialty = forms.ModelChoiceField(Specialty.objects.none(), to_field_name="slug", empty_label=None)
    invited = GuestsField(
        Person.objects.none(),
        to_field_name="email",
        required=False,
        label="Who is invited",
        help_text="Of other sections, too: they read the questions on the agenda as long as they are on the list.",
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ["title", "specialty", "day", "time", "zone", "minutes", "place", "invited"]

    def __init__(self, *args: Any, person: Person, among: QuerySet[Specialty], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["specialty"].queryset = among  # type: ignore[attr-defined]
        self.fields["invited"].queryset = specialists().exclude(pk=person.pk)  # type: ignore[attr-defined]


class InviteForm(forms.Form):
    person = forms.ModelChoiceField(
        Person.objects.none(), to_field_name="email", label="Invite", empty_label="Choose a specialist"
    )

    def __init__(self, *args: Any, row: Conference, **options: Any) -> None:
        super().__init__(*args, **options | {"auto_id": "invite_%s"})
        listed = row.invitations.filter(removed_at=None).values("person")
        self.fields["person"].queryset = specialists().exclude(pk__in=listed)  # type: ignore[attr-defined]
        self.fields["person"].label_from_instance = name_of  # type: ignore[attr-defined]


def offered(person: Person) -> QuerySet[Consult]:
    """What this person may put on an agenda."""
    rows = Consult.objects.visible_to(person).filter(state__in=DISCUSSED)
    return rows.filter(assignee=person) | rows.filter(specialty__in=person.actor.leads)


class AgendaForm(forms.Form):
    consult = forms.ModelChoiceField(Consult.objects.none(), to_field_name="number", empty_label="Choose a question")
    minutes = forms.IntegerField(min_value=1, max_value=240, initial=USUAL_MINUTES)

    def __init__(self, *args: Any, row: Conference, person: Person, **options: Any) -> None:
        super().__init__(*args, **options | {"auto_id": "agenda_%s"})
        rows = offered(person).exclude(agenda_items__conference=row).most_urgent_first()  # type: ignore[attr-defined]
        self.fields["consult"].queryset = rows  # type: ignore[attr-defined]
        self.fields["consult"].label_from_instance = lambda one: f"{one.number}: {one.question}"  # type: ignore[attr-defined]


class ConferenceChoiceForm(forms.Form):
    """From a consult's page: which conference it goes to. ``shown`` are the rows where they were found already."""

    conference = forms.ModelChoiceField(Conference.objects.none(), empty_label="Choose a conference")
    minutes = forms.IntegerField(min_value=1, max_value=240, initial=USUAL_MINUTES)

    def __init__(
        self, *args: Any, rows: QuerySet[Conference], shown: Iterable[Conference] | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options | {"auto_id": "board_%s"})
        field = self.fields["conference"]
        field.queryset = rows  # type: ignore[attr-defined]
        field.label_from_instance = _when_and_what  # type: ignore[attr-defined]
        if shown is not None:
            choices = [(one.pk, _when_and_what(one)) for one in shown]
            field.choices = [("", "Choose a conference"), *choices]  # type: ignore[attr-defined]


def _when_and_what(one: Conference) -> str:
    return f"{one.local_start:%a %d %b %Y, %H:%M} {one.title}"


class ConclusionForm(forms.Form):
    text = TextField(max_length=20_000, widget=forms.Textarea(attrs={"rows": 5}), label="Conclusion")

    def __init__(self, *args: Any, item: int, **options: Any) -> None:
        super().__init__(*args, **options | {"auto_id": f"item{item}_%s"})
