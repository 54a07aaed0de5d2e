"""Forms of calls. Times are read in the reader's zone; one that the change of the clock skips or repeats is refused."""

from typing import Any

from django import forms
from django.utils import timezone

from consults import languages
from consults.models import CallNote, Consult
from consults.services.calls import Note, clinician, policy_of
from consults.services.sending import answering_specialties
from portal.members.models import Organization, Person, Specialty

WINDOWS = 3


def _when() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class CallForm(forms.Form):
    """Ask to be called back."""

    specialty = forms.ModelChoiceField(
        Specialty.objects.none(), to_field_name="slug", label="Which specialty", empty_label="Choose a specialty"
    )
    topic = forms.CharField(
        max_length=200, label="What is it about, in one sentence", help_text="Nothing that identifies the patient."
    )
    number = forms.CharField(
        max_length=30,
        label="Number to call",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text="Only those who call see it, and it is forgotten once the call is over.",
    )

    language = forms.ChoiceField(
        choices=languages.ANY,
        required=False,
        label="In which language",
        help_text="Only those who speak it are asked to call.",
    )

    def __init__(self, *args: Any, consult: Consult | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["specialty"].queryset = answering_specialties()  # type: ignore[attr-defined]
        if consult:
            del self.fields["specialty"]
        for n in range(1, WINDOWS + 1):
            self.fields[f"from{n}"] = forms.DateTimeField(required=False, label=f"Window {n}, from", widget=_when())
            self.fields[f"to{n}"] = forms.DateTimeField(required=False, label=f"Window {n}, until", widget=_when())

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = dict(self.cleaned_data)
        windows = []
        for n in range(1, WINDOWS + 1):
            start, end = values.pop(f"from{n}", None), values.pop(f"to{n}", None)
            if (start is None) != (end is None):
                self.add_error(f"to{n}" if end is None else f"from{n}", "Give both, from and until.")
            elif start and end:
                windows.append((start, end))
        return values | {"windows": windows}

    def first_window(self) -> tuple[forms.BoundField, forms.BoundField]:
        """For the page: the pair of fields that is always shown."""
        return self._window(1)

    def more_windows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The other pairs, which fold away."""
        return [self._window(n) for n in range(2, WINDOWS + 1)]

    def has_more_windows(self) -> bool:
        """Whether any of the other fields holds something, right or wrong, so that the page shows them."""
        return any(field.value() for pair in self.more_windows() for field in pair)

    def _window(self, n: int) -> tuple[forms.BoundField, forms.BoundField]:
        return self[f"from{n}"], self[f"to{n}"]


class NoteForm(forms.Form):
    """The two-minute note."""

    outcome = forms.ChoiceField(choices=CallNote.Outcome.choices, widget=forms.RadioSelect, label="How it ended")
    asked = forms.CharField(
        required=False, label="What was asked", max_length=20_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    advised = forms.CharField(
        label="What was advised",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Where nobody spoke: what happened.",
    )
    minutes = forms.IntegerField(
        required=False, min_value=1, max_value=240, label="Your minutes", help_text="On the phone and writing."
    )

    def note(self) -> Note:
        values = {name: self.cleaned_data[name] for name in ("outcome", "asked", "advised", "minutes")}
        return Note(**values)


class DialledForm(NoteForm):
    """A call of a clinician who dialled themselves, with its note."""

    requester = forms.EmailField(label="Who called, by e-mail address")
    organization = forms.ModelChoiceField(
        Organization.objects.none(),
        to_field_name="slug",
        label="For which organization",
        help_text="This clinician works for more than one.",
        empty_label="Choose one",
        error_messages={"required": "Choose the organization they called for."},
    )
    specialty = forms.ModelChoiceField(
        Specialty.objects.none(), to_field_name="slug", label="Specialty", empty_label="Choose a specialty"
    )
    topic = forms.CharField(max_length=200, label="What it was about, in one sentence")
    field_order = ["requester", "organization", "specialty", "topic", "outcome", "asked", "advised", "minutes"]

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        mine = Specialty.objects.filter(pk__in=person.actor.specialist_in)
        self.fields["specialty"].queryset = mine  # type: ignore[attr-defined]
        called = clinician(str(self["requester"].value() or "").strip().replace("\x00", ""))
        if called and len(called.actor.clinician_in) > 1:
            places = Organization.objects.filter(pk__in=called.actor.clinician_in).order_by("name")
            self.fields["organization"].queryset = places  # type: ignore[attr-defined]
        else:
            del self.fields["organization"]

    def clean_requester(self) -> Person:
        if (found := clinician(self.cleaned_data["requester"])) is None:
            raise forms.ValidationError("No clinician of a member organization has this e-mail address.")
        return found

    def about(self) -> dict[str, Any]:
        """Who called, for whom and of what; for ``note_dialled``."""
        place = self.cleaned_data.get("organization")
        said = {name: self.cleaned_data[name] for name in ("requester", "specialty", "topic")}
        return said | {"organization_id": place.pk if place else None}


class TriedForm(forms.Form):
    """Nobody answered; and when it is tried again."""

    again_at = forms.DateTimeField(required=False, label="Try again at", widget=_when())

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        zone = timezone.get_current_timezone_name()
        self.fields[
            "again_at"
        ].help_text = (
            f"In your time zone, {zone}. It comes back as due then. Left empty, it stays with you until its note."
        )


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=300, label="Why is no call needed any more")


class AddendumForm(forms.Form):
    text = forms.CharField(max_length=20_000, label="Addendum", widget=forms.Textarea(attrs={"rows": 3}))


class PhoneForm(forms.Form):
    """What a section promises of its phone."""

    minutes = forms.IntegerField(min_value=10, max_value=60, label="Call back within minutes")
    dial = forms.CharField(
        required=False,
        max_length=30,
        label="Number of whoever is on call",
        help_text="Shown on the page On call to those who dial themselves.",
    )

    def __init__(self, *args: Any, specialty: Specialty, **options: Any) -> None:
        row = policy_of(specialty.pk)
        super().__init__(*args, **{"initial": {"minutes": row.minutes, "dial": row.dial}} | options)
