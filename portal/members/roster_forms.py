"""What people type on the pages of lists, joining, rules of sign-in and a person's facts."""

from django import forms
from django.core.files.uploadedfile import UploadedFile

from portal.members import doors, roster
from portal.members.models import Facility, Organization, Person, Role, Specialty
from portal.members.npi import problem_of
from portal.members.policy import ORGANIZATION_ROLES
from portal.members.services.domains import MAILBOXES
from portal.members.services.house_rules import Rules, rules_of


class RosterForm(forms.Form):
    """A list, as a file or pasted."""

    file = forms.FileField(
        required=False,
        label="A CSV file",
        help_text=f"Up to {roster.MOST_LINES:,} lines. Commas, semicolons or tabs; UTF-8 or what a spreadsheet saves.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )
    text = forms.CharField(
        required=False,
        label="Or paste the lines",
        help_text="With the first line that names the columns.",
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        strip=False,
    )

    def clean(self) -> None:
        upload, text = self.cleaned_data.get("file"), self.cleaned_data.get("text", "")
        if isinstance(upload, UploadedFile):
            if (upload.size or 0) > roster.MOST_BYTES:
                self.add_error("file", f"The file is larger than {roster.MOST_BYTES // 1024 // 1024} MB. Divide it.")
                return
            text = roster.decoded(upload.read())
        if not text.strip() and not self.errors:
            self.add_error("file", "Choose a file, or paste the lines.")
        self.cleaned_data["text"] = text


class JoinForm(forms.Form):
    """Somebody who asks to join."""

    name = forms.CharField(
        max_length=120,
        label="Your name",
        help_text="As your administrator knows you.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label="E-mail address at your organization",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class DomainForm(forms.Form):
    """A domain of the organization."""

    domain = forms.CharField(max_length=254, help_text="What stands behind the @, such as hospital.example.")


class MailboxForm(forms.Form):
    """Whom to ask whether the domain is the organization's."""

    mailbox = forms.ChoiceField(choices=[(name, name) for name in MAILBOXES], label="Ask")


class ApproveForm(forms.Form):
    """The role and the facility of somebody who asks to join."""

    role = forms.ChoiceField(choices=[(v, label) for v, label in Role.Name.choices if v in ORGANIZATION_ROLES])
    facility = forms.ModelChoiceField(Facility.objects.none(), required=False, empty_label="None")

    def __init__(self, *args: object, organization: Organization, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["role"].initial = Role.Name.CLINICIAN
        self.fields["facility"].queryset = organization.facilities.all()  # type: ignore[attr-defined]


class FactsForm(forms.Form):
    """What an administrator keeps of a person."""

    facility = forms.ModelChoiceField(Facility.objects.none(), required=False, empty_label="None")
    own_specialty = forms.ModelChoiceField(
        Specialty.objects.all(), required=False, empty_label="None given", label="Specialty"
    )
    npi = forms.CharField(
        required=False,
        max_length=20,
        label="NPI",
        help_text="Ten digits. The check digit is verified.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "short"}),
    )

    def __init__(self, *args: object, places: frozenset[int], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["facility"].queryset = Facility.objects.filter(organization__in=places)  # type: ignore[attr-defined]

    def clean_npi(self) -> str:
        text = str(self.cleaned_data["npi"]).replace(" ", "")
        if text and (problem := problem_of(text)):
            raise forms.ValidationError(problem)
        return text


def facts_of(person: Person) -> dict[str, object]:
    return {"facility": person.facility_id, "own_specialty": person.own_specialty_id, "npi": person.npi}


class RulesForm(forms.Form):
    """What an organization asks of its people's way in."""

    networks = forms.CharField(
        required=False,
        max_length=3000,
        label="From these networks only",
        help_text="One a line, such as 192.0.2.0/24. Empty: from everywhere.",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )
    knowingly = forms.BooleanField(
        required=False, label="Keep the list even though my own address is not in it: I shall be locked out here"
    )
    second_factor_for = forms.ChoiceField(
        required=False, choices=Organization.SecondFactor.choices, label="Second step at sign-in"
    )
    second_factor_from = forms.DateField(
        required=False,
        label="Second step from",
        help_text="Empty: at once. Everyone whom it concerns is told now.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    idle_minutes = forms.IntegerField(required=False, label="Sign out after so many minutes without a request")
    session_hours = forms.IntegerField(required=False, label="Sign out after so many hours in any case")

    @classmethod
    def initial_of(cls, organization: Organization) -> dict[str, object]:
        rules = rules_of(organization)
        return {**vars(rules), "networks": "\n".join(rules.networks)}

    @property
    def rules(self) -> Rules:
        values = self.cleaned_data
        return Rules(
            networks=values["networks"].replace(",", "\n").splitlines(),
            second_factor_for=values["second_factor_for"] or doors.NOBODY,
            second_factor_from=values["second_factor_from"],
            idle_minutes=values["idle_minutes"],
            session_hours=values["session_hours"],
        )
