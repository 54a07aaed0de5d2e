"""What is typed on the pages of an application and of a membership."""

from typing import Any

from django import forms

from portal.members.forms import USUAL_ZONE, ZoneField
from portal.members.models import Facility, Organization
from portal.members.models_applications import Application
from portal.members.services.applying import MOST_TEXT, Applied
from portal.members.services.membership import LONGEST_WHY
from portal.members.services.vetting import Welcome

KIND_OF_FACILITY = {
    Application.Kind.HOSPITAL: Facility.Kind.HOSPITAL,
    Application.Kind.HEALTH_SYSTEM: Facility.Kind.HOSPITAL,
    Application.Kind.REHABILITATION: Facility.Kind.REHABILITATION,
    Application.Kind.HOME_CARE: Facility.Kind.HOME_CARE,
    Application.Kind.RESIDENTIAL: Facility.Kind.RESIDENTIAL,
}


def _filled(word: str) -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": word})


class ApplyForm(forms.Form):
    """An organization applies. Nothing about a patient is asked."""

    name = forms.CharField(max_length=120, label="Name of the organization", widget=_filled("organization"))
    kind = forms.ChoiceField(choices=[("", "Choose one"), *Application.Kind.choices], label="What it is")
    street = forms.CharField(max_length=120, label="Street and number", widget=_filled("street-address"))
    city = forms.CharField(max_length=80, widget=_filled("address-level2"))
    region = forms.CharField(max_length=60, label="State or province", widget=_filled("address-level1"))
    postal_code = forms.CharField(max_length=12, label="Postal code", widget=_filled("postal-code"))
    clinicians = forms.IntegerField(
        min_value=1, max_value=1_000_000, label="Number of clinicians", help_text="About how many would use it."
    )
    contact_name = forms.CharField(max_length=120, label="Your name", widget=_filled("name"))
    contact_email = forms.EmailField(
        label="Your e-mail address at work",
        max_length=254,
        help_text="A link to confirm it is mailed there.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    hopes = forms.CharField(
        max_length=MOST_TEXT,
        required=False,
        label="What you hope for",
        help_text="What should be better for your clinicians. Never write about a patient.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def applied(self) -> Applied:
        return Applied(**self.cleaned_data)


class TextForm(forms.Form):
    """A note, a question to the applicant, or the applicant's answer."""

    text = forms.CharField(max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, label: str = "Text", help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label, self.fields["text"].help_text = label, help_text


class ReasonForm(forms.Form):
    """Why an application is declined, or a membership ends or is reopened."""

    reason = forms.CharField(max_length=LONGEST_WHY, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = help_text


class WelcomeForm(forms.Form):
    """How an accepted organization begins."""

    name = forms.CharField(max_length=120, label="Name of the organization")
    tier = forms.ChoiceField(choices=Organization.Tier.choices)
    time_zone = ZoneField(help_text="The zone of its people unless they choose another.", initial=USUAL_ZONE)
    facility = forms.CharField(max_length=120, label="Its first facility", help_text="At the address it gave.")
    facility_kind = forms.ChoiceField(choices=Facility.Kind.choices, label="What that is")
    administrator_name = forms.CharField(max_length=120, label="Name of its first administrator")
    administrator_email = forms.EmailField(
        max_length=254, label="E-mail address of its first administrator", help_text="The invitation goes there."
    )

    def welcome(self) -> Welcome:
        return Welcome(**self.cleaned_data)

    @staticmethod
    def suggested(row: Application) -> dict[str, object]:
        """What the application lets one guess."""
        return {
            "name": row.name,
            "facility": row.name,
            "facility_kind": KIND_OF_FACILITY.get(Application.Kind(row.kind), Facility.Kind.CLINIC),
            "administrator_name": row.contact_name,
            "administrator_email": row.contact_email,
        }
