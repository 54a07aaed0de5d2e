"""What is typed on the pages of offers to renew."""

from datetime import date
from typing import Any

from django import forms

from portal.fees.forms import ReasonField, SignForm
from portal.fees.models import PlanVersion
from portal.fees.proration import after_months
from portal.fees.services.renewals import LONGEST_NAME, Terms


class RenewForm(SignForm):
    """As for a new agreement, without its first day: it follows on."""

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["starts_on"]
        field = self.fields["version"]
        assert isinstance(field, forms.ModelChoiceField)
        found = PlanVersion.objects.filter(currency=currency, plan__withdrawn_at=None)
        field.queryset = found.select_related("plan").order_by("plan", "-number")

    def terms(self, starts_on: date) -> Terms:
        values = dict(self.cleaned_data)
        return Terms(until=after_months(starts_on, values.pop("months")), **values)


class AcceptForm(forms.Form):
    """The sentence goes with it, so that what was read is what is agreed to."""

    sentence = forms.CharField(widget=forms.HiddenInput, max_length=1000)
    name = forms.CharField(
        label="Your full name",
        max_length=LONGEST_NAME,
        help_text="It is kept with the agreement, with the time and the sentence above.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    agree = forms.BooleanField(
        label="I agree to the sentence above, and I may do so for the organization.",
        error_messages={"required": "Agree to the sentence, or leave the offer as it is."},
    )


class DeclineForm(forms.Form):
    reason = ReasonField(help_text="It stays on the record, and the network reads it.")


class WithdrawForm(forms.Form):
    reason = ReasonField(help_text="It stays on the record, and the organization can read it where it was offered.")
