"""Forms of the pages on which the network says what it promises."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import holidays
from django import forms
from django.db.models import F, Max

from consults.models import CalendarVersion, Consult, PromiseVersion
from portal.members.forms import ZoneField
from portal.members.models import Organization, Specialty

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Pairs = list[list[str]]


def newest_calendars() -> Any:
    """The newest version of each calendar."""
    rows = CalendarVersion.objects.annotate(newest=Max("calendar__versions__number"))
    return rows.filter(number=F("newest")).select_related("calendar").order_by("calendar__name")


class PromiseForm(forms.Form):
    """A promise: for whom, and how long."""

    urgency = forms.ChoiceField(choices=Consult.Urgency.choices)
    specialty = forms.ModelChoiceField(Specialty.objects.all(), required=False, empty_label="Every specialty")
    tier = forms.ChoiceField(choices=[("", "Every tier"), *Organization.Tier.choices], required=False)
    organization = forms.ModelChoiceField(
        Organization.objects.all(), required=False, empty_label="Every organization", help_text="As its agreement says."
    )
    answer = forms.FloatField(min_value=1, max_value=1440, label="Hours until the answer", help_text="From 1 to 1440.")
    response = forms.IntegerField(
        min_value=5,
        max_value=1440,
        required=False,
        label="Minutes until a specialist has taken it",
        help_text="Leave it empty to promise the answer alone.",
    )
    calendar = forms.ModelChoiceField(
        CalendarVersion.objects.none(),
        required=False,
        label="Which time counts",
        empty_label="Every hour of every day",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["calendar"].queryset = newest_calendars()  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """As the service takes them."""
        values = dict(self.cleaned_data)
        minutes = values.pop("response")
        return values | {
            "answer": timedelta(hours=values["answer"]),
            "response": timedelta(minutes=minutes) if minutes else None,
        }

    @staticmethod
    def of(version: PromiseVersion) -> dict[str, Any]:
        """What the form holds for a promise as it stands."""
        promise = version.promise
        newest = newest_calendars().filter(calendar=version.calendar.calendar_id).first() if version.calendar else None
        return {
            "urgency": promise.urgency,
            "specialty": promise.specialty,
            "tier": promise.tier,
            "organization": promise.organization,
            "answer": version.answer_seconds / 3600,
            "response": version.response_seconds // 60 if version.response_seconds else None,
            "calendar": newest,
        }


class HoursField(forms.CharField):
    """The hours of a day, such as 08:00-12:00, 13:00-17:00; empty when it is closed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=100, **options)

    def to_python(self, value: Any) -> Any:
        return pairs_from(str(super().to_python(value) or ""))


def pairs_from(text: str) -> Pairs:
    """Pairs of times. Raises ValidationError for what is none."""
    parts = [part.strip() for part in re.split(r"[,;]|\band\b", text) if part.strip()]
    pairs = [re.split(r"\s*[-–]\s*", part) for part in parts]
    for part, pair in zip(parts, pairs, strict=True):
        if len(pair) != 2:
            raise forms.ValidationError(f"“{part}” is no stretch of a day. Write it as 08:00-12:00.")
    return pairs


class DaysField(forms.CharField):
    """A day a line, then what is to be said of it."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=5000, **options)

    def to_python(self, value: Any) -> Any:
        found: dict[date, str] = {}
        for line in str(super().to_python(value) or "").splitlines():
            if line.strip():
                day, _, rest = line.strip().partition(" ")
                try:
                    found[date.fromisoformat(day)] = rest.strip()
                except ValueError:
                    raise forms.ValidationError(f"“{line.strip()}” must begin with a day such as 2026-12-24.") from None
        return found


class CalendarForm(forms.Form):
    """Working hours, day by day."""

    name = forms.CharField(max_length=80)
    zone = ZoneField(help_text="The hours below are of this zone.", initial="America/Chicago")
    country = forms.ChoiceField(required=False, label="Public holidays of")
    region = forms.CharField(required=False, max_length=6, label="State or region", help_text="Such as KS.")
    closed = DaysField(label="Other days off", help_text="A line each: 2026-12-24 Christmas Eve")
    short = DaysField(label="Days with hours of their own", help_text="A line each: 2026-12-31 08:00-12:00")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known = sorted(holidays.list_supported_countries(include_aliases=False))
        self.fields["country"].choices = [("", "None"), *((code, code) for code in known)]  # type: ignore[attr-defined]
        help_text = "Such as 08:00-12:00, 13:00-17:00; empty when closed."
        for number, day in enumerate(DAYS):
            self.fields[f"day{number}"] = HoursField(label=day, help_text="" if number else help_text)

    def values(self) -> dict[str, Any]:
        """As the service takes them. Raises ValidationError for hours that are none."""
        values = dict(self.cleaned_data)
        week = [values.pop(f"day{number}") for number in range(len(DAYS))]
        short = {day: pairs_from(text) for day, text in values.pop("short").items()}
        closed = {day: name or "Closed" for day, name in values.pop("closed").items()}
        return values | {"week": week, "short": short, "closed": closed}

    @staticmethod
    def of(version: CalendarVersion, today: date) -> dict[str, Any]:
        """What the form holds for a calendar as it stands; public holidays come anew from the country."""
        public = _public(version, today)
        closed = {day: name for day, name in version.closed.items() if day not in public}
        return {
            "name": version.calendar.name,
            "zone": version.zone,
            "country": version.country,
            "region": version.region,
            "closed": _lines(closed),
            "short": _lines({day: _words(pairs) for day, pairs in version.short.items()}),
            **{f"day{number}": _words(pairs) for number, pairs in enumerate(version.week)},
        }


def _public(version: CalendarVersion, today: date) -> set[str]:
    if not version.country:
        return set()
    years = range(today.year - 10, today.year + 11)
    found = holidays.country_holidays(version.country, subdiv=version.region or None, years=years)
    return {day.isoformat() for day in found}


def _lines(days: Mapping[str, str]) -> str:
    return "\n".join(f"{day} {words}" for day, words in sorted(days.items()))


def _words(pairs: Pairs) -> str:
    return ", ".join("-".join(pair) for pair in pairs)
