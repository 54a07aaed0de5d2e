"""Forms of availability, the rota and a section's routing. They return cleaned values; services decide."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from consults.colleagues import specialists
from consults.hours import Shift
from consults.languages import LANGUAGES
from consults.models import Availability, RoutingPolicy, WeeklyHours
from portal.members.models import Organization, Person, Specialty

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PARTS = 2
"""Parts of a day on the page; the REST interface takes any number."""


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class WeekForm(forms.Form):
    """Two parts of each weekday, from and to; an empty one is none."""

    def __init__(self, *args: Any, rows: Iterable[WeeklyHours] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        for day, name in enumerate(DAYS):
            for part in range(PARTS):
                for end in ("from", "to"):
                    which = ("", "second part, ")[part]
                    self.fields[f"d{day}p{part}{end}"] = forms.TimeField(
                        required=False,
                        label=f"{name}, {which}{end}",
                        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
                    )
        taken = dict.fromkeys(range(7), 0)
        for row in rows:
            if (part := taken[row.weekday]) < PARTS:
                self.initial[f"d{row.weekday}p{part}from"] = row.start
                self.initial[f"d{row.weekday}p{part}to"] = row.end
            taken[row.weekday] += 1

    def clean(self) -> dict[str, Any]:
        shifts = []
        for day in range(7):
            for part in range(PARTS):
                start, end = (self.cleaned_data.get(f"d{day}p{part}{name}") for name in ("from", "to"))
                if (start is None) != (end is None):
                    self.add_error(f"d{day}p{part}{'to' if end is None else 'from'}", "Give both, from and to.")
                elif start is not None and end is not None:
                    shifts.append(Shift(day, start, end))
        return {"shifts": shifts}

    def days(self) -> list[tuple[str, list[tuple[forms.BoundField, forms.BoundField]]]]:
        """For the page: each weekday with its pairs of fields."""
        return [
            (name, [(self[f"d{day}p{part}from"], self[f"d{day}p{part}to"]) for part in range(PARTS)])
            for day, name in enumerate(DAYS)
        ]


class LimitsForm(forms.Form):
    """What work one takes."""

    cap = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=99,
        label="At most so many open questions at once",
        help_text="Nothing is assigned to you beyond it. Leave it empty for no limit.",
    )
    languages = forms.MultipleChoiceField(
        required=False,
        choices=list(LANGUAGES.items()),
        widget=forms.CheckboxSelectMultiple,
        label="Languages I answer in",
    )
    tiers = forms.MultipleChoiceField(
        required=False,
        choices=Organization.Tier.choices,
        widget=forms.CheckboxSelectMultiple,
        label="Whom I answer",
        help_text="None ticked is all.",
    )
    conflicts = forms.ModelMultipleChoiceField(
        Organization.objects.none(),
        required=False,
        to_field_name="slug",
        label="Organizations I do not answer for",
        help_text="Where you have a conflict of interest. Nobody but you sees this list.",
        widget=forms.SelectMultiple(attrs={"size": 5}),
    )

    def __init__(self, *args: Any, row: Availability | None = None, **options: Any) -> None:
        if row:
            options["initial"] = {
                "cap": row.cap,
                "languages": row.languages,
                "tiers": row.tiers,
                "conflicts": [place.slug for place in row.conflicts.all()],
            }
        super().__init__(*args, **options)
        self.fields["conflicts"].queryset = Organization.objects.filter(deactivated_at=None)  # type: ignore[attr-defined]


class AbsenceForm(forms.Form):
    """Away from a day until another, both included, or for half a day."""

    first = forms.DateField(label="From", widget=_day())
    last = forms.DateField(label="Until", required=False, widget=_day(), help_text="Empty for one day.")
    part = forms.ChoiceField(
        label="Of the day",
        required=False,
        choices=[("", "Whole days"), ("morning", "Morning, until noon"), ("afternoon", "Afternoon, from noon")],
    )

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        part = self.cleaned_data.get("part", "")
        if first is None:
            return {}
        last = last or first
        if part and last != first:
            self.add_error("part", "Half a day is of one day: leave “Until” empty.")
        zone = timezone.get_current_timezone()
        start = time(12) if part == "afternoon" else time(0)
        start_at = datetime.combine(first, start, zone)
        if part == "morning":
            end_at = datetime.combine(first, time(12), zone)
        else:
            end_at = datetime.combine(last + timedelta(days=1), time(0), zone)
        return {"start_at": start_at, "end_at": end_at}


class ColleagueAbsenceForm(AbsenceForm):
    """The same, said by a section lead for a colleague."""

    person = forms.ModelChoiceField(
        Person.objects.none(), to_field_name="email", label="Colleague", empty_label="Choose a colleague"
    )
    field_order = ["person", "first", "last", "part"]

    def __init__(self, *args: Any, specialty: Specialty, **options: Any) -> None:
        super().__init__(*args, **options | {"auto_id": "absence_%s"})
        self.fields["person"].queryset = specialists(specialty)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        person = self.cleaned_data.get("person")
        return super().clean() | {"person": person}


class CalendarForm(forms.Form):
    calendar = forms.FileField(
        label="A calendar file (.ics)",
        help_text="What is marked out of office in it, or called vacation, leave or the like, becomes an absence. "
        "Titles are not kept.",
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
    )


class DutyForm(forms.Form):
    """Who is on call on which days."""

    since = forms.DateField(label="From", widget=_day())
    until = forms.DateField(label="Until", widget=_day())
    primary = forms.ModelChoiceField(
        Person.objects.none(), to_field_name="email", required=False, label="On call", empty_label="Nobody"
    )
    backup = forms.ModelChoiceField(
        Person.objects.none(), to_field_name="email", required=False, label="Backup", empty_label="Nobody"
    )

    def __init__(self, *args: Any, specialty: Specialty, **options: Any) -> None:
        super().__init__(*args, **options | {"auto_id": "duty_%s"})
        for name in ("primary", "backup"):
            self.fields[name].queryset = specialists(specialty)  # type: ignore[attr-defined]


class PolicyForm(forms.Form):
    mode = forms.ChoiceField(
        choices=RoutingPolicy.Mode.choices, widget=forms.RadioSelect, label="How questions find their specialist"
    )
    direct_allowed = forms.BooleanField(required=False, label="Clinicians may name the specialist they want to ask")
