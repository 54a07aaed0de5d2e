"""What is typed to set up an organization's own sign-in."""

from typing import Any

from django import forms

from portal.members.models import Facility, Organization
from portal.members.models_sso import DirectoryGroup, IdentityProvider


class ProviderForm(forms.Form):
    """One provider. Which of its fields are needed depends on the kind; the service says."""

    kind = forms.ChoiceField(choices=IdentityProvider.Kind.choices, widget=forms.RadioSelect)
    server_url = forms.URLField(
        label="Issuer",
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text="OpenID Connect: the provider's address, such as https://login.example.org/tenant.",
    )
    client_id = forms.CharField(label="Client ID", required=False, max_length=191, help_text="OpenID Connect.")
    secret = forms.CharField(
        label="Client secret",
        required=False,
        max_length=191,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="OpenID Connect. It is encrypted and never shown again; empty keeps the one there is.",
    )
    metadata_url = forms.URLField(
        label="Metadata address",
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text="SAML: the three fields below are then filled from it.",
    )
    entity_id = forms.CharField(label="Entity ID", required=False, max_length=500, help_text="SAML.")
    sign_in_url = forms.URLField(
        label="Sign-in address", required=False, max_length=500, assume_scheme="https", help_text="SAML: HTTP-Redirect."
    )
    certificate = forms.CharField(
        label="Signing certificate",
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="SAML, as PEM.",
    )
    default_role = forms.ChoiceField(
        label="Role of people who sign in for the first time",
        required=False,
        choices=IdentityProvider.DefaultRole.choices,
        help_text="“Nobody” lets in those who were invited or provisioned.",
    )
    default_facility = forms.ModelChoiceField(Facility.objects.none(), required=False, empty_label="None")
    asks_second_step = forms.BooleanField(
        label="Our provider asks for the second step",
        required=False,
        help_text="Where a second step is needed, one that the provider says it asked for counts. A sign-in of which "
        "it does not say so is asked for a second step here.",
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["default_facility"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Facility.objects.filter(organization=organization)


class SwitchForm(forms.Form):
    """Open or closed, and whether there is another way."""

    is_on = forms.BooleanField(label="People of our domains sign in through our provider", required=False)
    is_only_way = forms.BooleanField(
        label="Only through our provider",
        required=False,
        help_text="Passwords and passkeys of these people are refused. Administrators of the organization keep theirs, "
        "with a second step, for the day the provider is away; each such sign-in is on the record.",
    )


class ProvisioningTokenForm(forms.Form):
    """A new token for the directory."""

    name = forms.CharField(max_length=80, help_text="What it is for, such as “directory of the hospital”.")


class GroupRoleForm(forms.Form):
    """What a group of the directory stands for here."""

    role = forms.ChoiceField(required=False, choices=[("", "No role"), *DirectoryGroup.GIVES])
