"""What is typed about an organization's facilities, contacts and signed documents."""

from typing import Any

from django import forms

from portal.members.models import Facility, Organization
from portal.members.models_house import Contact
from portal.members.places import parts_of, tree
from portal.members.services.places import Place


class FacilityForm(forms.Form):
    """A place where an organization gives care."""

    name = forms.CharField(max_length=120)
    kind = forms.ChoiceField(choices=Facility.Kind.choices)
    parent = forms.ModelChoiceField(
        Facility.objects.none(), required=False, empty_label="Nothing: it stands for itself", label="Part of"
    )
    street = forms.CharField(max_length=120, required=False, label="Street and number")
    city = forms.CharField(max_length=80, required=False)
    region = forms.CharField(max_length=60, required=False, label="State or province")
    postal_code = forms.CharField(max_length=12, required=False, label="Postal code")

    def __init__(self, *args: Any, organization: Organization, facility: Facility | None = None, **kwargs: Any) -> None:
        if facility:
            kwargs["initial"] = {field: getattr(facility, field) for field in self.base_fields}
        super().__init__(*args, **kwargs)
        rows = list(organization.facilities.all())
        out = parts_of(facility.pk, rows) if facility else set()
        field = self.fields["parent"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = organization.facilities.exclude(pk__in=out)
        empty = [("", field.empty_label)]
        # As the tree is, each part under what it is part of.
        field.choices = empty + [
            (row.pk, f"{'– ' * depth}{row.name}") for depth, row in tree(rows) if row.pk not in out
        ]

    def place(self) -> Place:
        return Place(**self.cleaned_data)


class ContactForm(forms.Form):
    """Whom to reach, for what."""

    kind = forms.ChoiceField(choices=Contact.Kind.choices, label="For")
    name = forms.CharField(max_length=120)
    email = forms.EmailField(max_length=254, label="E-mail address")
    phone = forms.CharField(max_length=30, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"}))


class SignedForm(forms.Form):
    """A signed paper."""

    title = forms.CharField(max_length=120, label="What it is", help_text="Such as “Agreement 2027”.")
    signed_on = forms.DateField(label="Signed on", widget=forms.DateInput(attrs={"type": "date"}))
    signed_by = forms.CharField(max_length=200, label="Signed by", help_text="Names, as on the paper.")
    file = forms.FileField(label="The paper, as PDF", widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}))
