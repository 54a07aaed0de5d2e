"""What administrators type on the fees' pages, as cleaned values for the services: money as whole cents."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from portal.fees.models import Agreement, Invoice, InvoiceLine, Payment, PlanVersion
from portal.fees.money import in_words
from portal.fees.proration import after_months
from portal.members.models import Organization

LARGEST = Decimal(10_000_000)
REASON = "It stays on the record, and the organization can read it."


class MoneyField(forms.DecimalField):
    """An amount such as ``1,234.50``, cleaned to whole cents."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**{"min_value": Decimal(0), "max_value": LARGEST, "decimal_places": 2, **kwargs})

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", "") if isinstance(value, str) else value)

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        return None if found is None else int(found * 100)

    def prepare_value(self, value: Any) -> Any:
        """Cents from the program become an amount; what was typed stays as it was typed."""
        return f"{Decimal(value) / 100:.2f}" if isinstance(value, int) else value


class PercentField(forms.DecimalField):
    """A share such as ``7.25``, cleaned to basis points."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**{"min_value": Decimal(0), "max_value": Decimal(100), "decimal_places": 2, **kwargs})

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        return None if found is None else int(found * 100)

    def prepare_value(self, value: Any) -> Any:
        return f"{Decimal(value) / 100:.2f}" if isinstance(value, int) else value


class DayField(forms.DateField):
    """A day, by the browser's calendar."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class ReasonField(forms.CharField):
    """Why; needed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 300, "help_text": REASON, **kwargs})


class NothingForm(forms.Form):
    """A single button."""


class ReasonForm(forms.Form):
    reason = ReasonField()


class RefundForm(forms.Form):
    cents = MoneyField(label="Amount", help_text="Transfer it at the bank yourself; this books it.")
    reason = ReasonField()


class WriteOffForm(forms.Form):
    cents = MoneyField(label="Amount", help_text="At most what is open.")
    reason = ReasonField()


class ExtendForm(forms.Form):
    until = DayField(label="Extend to", help_text="The last day of it. A later one adds, none takes away.")
    reason = ReasonField()


class EndForm(forms.Form):
    on = DayField(label="First day without it", help_text="What is billed from this day on is credited to the day.")
    reason = ReasonField()


class CreditForm(forms.Form):
    """So much of each line, before tax; a line left empty stays."""

    reason = ReasonField(help_text="It is printed on the credit note.")

    def __init__(self, *args: Any, left: Sequence[tuple[InvoiceLine, int]], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = {f"line_{line.pk}": line.pk for line, cents in left if cents}
        for line, cents in left:
            if cents:
                words = f"At most {in_words(cents, currency)} before tax; its tax goes back with it."
                self.fields[f"line_{line.pk}"] = MoneyField(label=line.text, required=False, help_text=words)
        self.order_fields([*self.keys, "reason"])

    @property
    def parts(self) -> dict[int, int]:
        return {pk: cents for name, pk in self.keys.items() if (cents := self.cleaned_data.get(name))}

    def clean(self) -> None:
        if not self.errors and not self.parts:
            raise forms.ValidationError("Give an amount for at least one line.")


class PaymentForm(forms.Form):
    """Money that came in, and what it pays."""

    AUTO, BY_HAND, LEAVE = "auto", "hand", "leave"
    cents = MoneyField(label="Amount", min_value=Decimal("0.01"))
    received_on = DayField(label="Received on")
    method = forms.ChoiceField(choices=Payment.Method.choices)
    reference = forms.CharField(
        max_length=120,
        required=False,
        help_text="The bank's or provider's. The same one is recorded once.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    how = forms.ChoiceField(
        label="What it pays",
        choices=[
            (AUTO, "Whatever is open, the first due first"),
            (BY_HAND, "The amounts given below"),
            (LEAVE, "Nothing yet: it stays as money left"),
        ],
        initial=AUTO,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, waiting: Sequence[tuple[Invoice, int]], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invoices = {f"pays_{invoice.pk}": invoice for invoice, _ in waiting}
        for invoice, cents in waiting:
            words = f"{in_words(cents, currency)} is open, due {invoice.due_on:%d %B %Y}."
            label = f"Of it, for invoice {invoice}"
            self.fields[f"pays_{invoice.pk}"] = MoneyField(label=label, required=False, help_text=words)

    @property
    def pays(self) -> Mapping[Invoice, int] | None:
        """As the service takes it: None lets the site choose."""
        if (how := self.cleaned_data["how"]) == self.AUTO:
            return None
        if how == self.LEAVE:
            return {}
        return {row: cents for name, row in self.invoices.items() if (cents := self.cleaned_data.get(name))}

    def clean(self) -> None:
        if not self.errors and self.cleaned_data["how"] == self.BY_HAND and not self.pays:
            raise forms.ValidationError("Give an amount for at least one invoice, or choose another way.")
        if not self.errors and sum((self.pays or {}).values()) > self.cleaned_data["cents"]:
            raise forms.ValidationError("The invoices together get more than was received.")


class AllocateForm(forms.Form):
    """Which open invoice gets how much of what is left."""

    invoice = forms.ChoiceField()
    cents = MoneyField(label="Amount", min_value=Decimal("0.01"))

    def __init__(self, *args: Any, waiting: Sequence[tuple[Invoice, int]], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invoices = {str(invoice.pk): invoice for invoice, _ in waiting}
        field = self.fields["invoice"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(row.pk), f"{row}: {in_words(cents, currency)} is open") for row, cents in waiting]

    @property
    def chosen(self) -> Invoice:
        return self.invoices[self.cleaned_data["invoice"]]


class VersionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A version of a plan, by its name and currency."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({obj.currency})"


class TermsForm(forms.Form):
    """A plan's version and the organization's size."""

    version = VersionField(PlanVersion.objects.none(), label="Plan", empty_label=None)
    facilities = forms.IntegerField(min_value=0, max_value=100_000)
    clinicians = forms.IntegerField(min_value=0, max_value=1_000_000)
    discount_points = PercentField(label="Discount on dues, in percent")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["version"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = (
            PlanVersion.objects.filter(plan__withdrawn_at=None).select_related("plan").order_by("plan", "-number")
        )


class SignForm(TermsForm):
    """A new agreement."""

    starts_on = DayField(label="First day")
    months = forms.TypedChoiceField(
        label="Term", coerce=int, choices=[(12, "1 year"), (24, "2 years"), (36, "3 years")], initial=12
    )
    cycle = forms.TypedChoiceField(label="Billed", coerce=int, choices=Agreement.Cycle.choices)
    days_to_pay = forms.IntegerField(min_value=0, max_value=180, initial=30, label="Days to pay")
    draft_days = forms.IntegerField(
        min_value=0, max_value=60, initial=3, label="Days as a draft", help_text="Before an invoice is final by itself."
    )
    discount_points = PercentField(
        label="Discount on dues, in percent", required=False, help_text="Empty: the plan's own."
    )
    field_order = ("version", "starts_on", "months", "cycle", "facilities", "clinicians", "discount_points")

    @property
    def values(self) -> dict[str, Any]:
        """As the service takes it."""
        values = dict(self.cleaned_data)
        values["until"] = after_months(values["starts_on"], values.pop("months"))
        return values


class ChangeForm(TermsForm):
    """Other terms from a day on."""

    on = DayField(label="From", help_text="From this day on, to the day.")
    tier = forms.ChoiceField(choices=Organization.Tier.choices)
    field_order = ("on", "version", "tier")

    def __init__(self, *args: Any, held: PlanVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["version"]
        assert isinstance(field, forms.ModelChoiceField)
        found = PlanVersion.objects.filter(currency=held.currency).select_related("plan")
        field.queryset = (found.filter(plan__withdrawn_at=None) | found.filter(pk=held.pk)).distinct()
