"""What people type on these pages, as cleaned values for the services."""

import zoneinfo
from functools import cache
from typing import TypedDict

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db.models import Q

from portal.members.models import Facility, Organization, Person, Role, Specialty, validate_time_zone
from portal.members.passwords import refuse_nearby
from portal.members.policy import ORGANIZATION_ROLES
from portal.members.services.tokens import MOST_DAYS
from portal.members.trail import Asked

USUAL_ZONE = "America/Chicago"
AT_HOME = ("America/", "Pacific/Honolulu", "UTC")


@cache
def zones() -> list[tuple[str, str]]:
    """Every zone by its name, those of the Americas first."""
    names = (name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")
    ordered = sorted(names, key=lambda name: (not name.startswith(AT_HOME), name))
    return [(name, name.replace("_", " ")) for name in ordered if not name.startswith(("Etc/", "posix", "SystemV"))]


class ZoneField(forms.ChoiceField):
    """A time zone, by its name."""

    def __init__(self, *, help_text: str, initial: str | None = None) -> None:
        super().__init__(choices=zones, validators=[validate_time_zone], help_text=help_text, initial=initial)


class ProfileForm(forms.Form):
    """What a person says of themselves."""

    name = forms.CharField(
        max_length=120,
        help_text="As colleagues should see it.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = ZoneField(help_text="Every date and time is shown in it.")
    facility = forms.ModelChoiceField(Facility.objects.none(), required=False, empty_label="None")
    away_until = forms.DateTimeField(
        required=False,
        help_text="Nothing is assigned to you before this moment. Leave it empty when you are not away.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: object, person: Person, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["facility"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Facility.objects.filter(organization__in=person.actor.organizations)


class TokenForm(forms.Form):
    """A new token."""

    name = forms.CharField(max_length=80, help_text="What it is for, such as “ward dashboard”.")
    days = forms.IntegerField(min_value=1, max_value=MOST_DAYS, initial=90, help_text="How long it works.")


class Place(TypedDict):
    """A role with where it holds."""

    role: str
    organization: Organization | None
    specialty: Specialty | None


class RoleForm(forms.Form):
    """A role in the organization, or for the network where that is None."""

    role = forms.ChoiceField()
    specialty = forms.ModelChoiceField(
        Specialty.objects.all(), required=False, empty_label="None", help_text="For specialists and section leads."
    )

    def __init__(self, *args: object, organization: Organization | None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.organization = organization
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = [
            (value, label) for value, label in Role.Name.choices if (value in ORGANIZATION_ROLES) == bool(organization)
        ]
        if organization:
            del self.fields["specialty"]

    @property
    def place(self) -> Place:
        """The role and where it holds, as the services take it."""
        return Place(
            role=self.cleaned_data["role"],
            organization=self.organization,
            specialty=self.cleaned_data.get("specialty"),
        )


class InviteForm(RoleForm):
    """An address and the role it is invited to."""

    email = forms.EmailField(label="E-mail address", max_length=254)
    field_order = ["email", "role", "specialty"]


class OrganizationForm(forms.Form):
    """The facts of an organization."""

    name = forms.CharField(max_length=120)
    tier = forms.ChoiceField(choices=Organization.Tier.choices)
    time_zone = ZoneField(help_text="The zone of its people unless they choose another.", initial=USUAL_ZONE)
    second_factor_required = forms.BooleanField(
        required=False, label="Its people must use a second step at sign-in (an app or a passkey)"
    )


class AcceptForm(forms.Form):
    """What makes an account out of an invitation."""

    name = forms.CharField(
        max_length=120,
        help_text="As colleagues should see it.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        help_text="At least 12 characters. A few unrelated words are easy to remember and hard to guess.",
    )
    time_zone = ZoneField(help_text="Every date and time is shown in it.")

    def __init__(self, *args: object, email: str, organization: Organization | None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.email, self.organization = email, organization

    def clean(self) -> None:
        password = self.cleaned_data.get("password")
        if password:
            person = Person(email=self.email, name=self.cleaned_data.get("name", ""))
            try:
                validate_password(password, person)
                # Nobody knows yet that they work there: they are about to.
                refuse_nearby(password, [person.name, self.organization.name if self.organization else ""])
            except forms.ValidationError as error:
                self.add_error("password", error)


class AuditForm(forms.Form):
    """Which part of the audit trail to show."""

    person = forms.CharField(required=False, max_length=254, label="Address of the person")
    action = forms.CharField(required=False, max_length=60)
    kind = forms.CharField(required=False, max_length=40)
    record = forms.CharField(required=False, max_length=100, label="Record, such as C-1001")
    organization = forms.ChoiceField(required=False)
    on_behalf = forms.BooleanField(required=False, label="Only what was done on behalf of somebody")
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: object, organizations: list[Organization], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["organization"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Any"), *((str(one.pk), one.name) for one in organizations)]

    @property
    def asked(self) -> Asked:
        """What a form without errors asks for."""
        values = self.cleaned_data
        return Asked(
            person=values["person"],
            action=values["action"],
            kind=values["kind"],
            record=values["record"],
            since=values["since"],
            until=values["until"],
            organization=int(values["organization"]) if values["organization"] else None,
            on_behalf=values["on_behalf"],
        )


class StandInForm(forms.Form):
    """Why somebody looks at the site as another person."""

    reason = forms.CharField(
        max_length=300,
        label="Why",
        help_text="Such as the number of their request for help. They read it; never write about a patient.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def named(words: str) -> Q:
    """People whose name or address holds ``words``."""
    return Q(name__icontains=words) | Q(email__icontains=words)


class SpecialistValues(TypedDict):
    """What a specialist says of themselves, as the service takes it."""

    languages: list[str]
    interests: str
    answers_when: str
    is_listed: bool


class SpecialistProfileForm(forms.Form):
    """What a specialist says of themselves in the directory."""

    languages = forms.CharField(
        required=False,
        max_length=420,
        label="Languages you answer in",
        help_text="Separated by commas, such as “English, Spanish”.",
    )
    interests = forms.CharField(
        required=False,
        max_length=500,
        label="What you know most about",
        help_text="A few words that colleagues would search for.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    answers_when = forms.CharField(
        required=False,
        max_length=200,
        label="When you usually answer",
        help_text="Such as “on weekdays before 10”. It promises nothing: the clock of each question does.",
    )
    is_listed = forms.BooleanField(required=False, label="List me in the directory")

    def values(self) -> SpecialistValues:
        cleaned = self.cleaned_data
        return SpecialistValues(
            languages=cleaned["languages"].split(","),
            interests=cleaned["interests"],
            answers_when=cleaned["answers_when"],
            is_listed=cleaned["is_listed"],
        )
