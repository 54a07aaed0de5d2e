"""What people type about bank files, holds and payments online, as cleaned values for the services."""

from typing import Any

from django import forms

from portal.common.refusals import Invalid
from portal.fees.bankcsv import DATES, DECIMALS, Layout, Table, day_of, number
from portal.fees.bankline import cents_of
from portal.fees.models import Account, BankLine, Correspondence, Hold, Invoice
from portal.fees.money import CURRENCIES
from portal.fees.services.bank_reading import LARGEST

NONE = ("", "Not in the file")
GUESSES = {
    "day": ("booked", "booking date", "date", "day", "buchungstag", "fecha", "posted"),
    "amount": ("amount", "betrag", "importe", "value"),
    "direction": ("credit/debit", "cr/dr", "type", "direction"),
    "credit": ("credit", "money in", "deposit", "paid in"),
    "debit": ("debit", "money out", "withdrawal", "paid out"),
    "text": ("text", "description", "details", "remittance", "memo", "verwendungszweck"),
    "payer": ("name", "payer", "counterparty", "from"),
    "iban": ("iban", "account", "payer account", "account number"),
    "reference": ("bank reference", "reference", "transaction id", "id"),
    "currency": ("currency", "ccy"),
}


class FileForm(forms.Form):
    """A file of the bank."""

    file = forms.FileField(help_text="CSV, or camt.053 (XML) of version 001.02 or 001.08; at most 10 MB.")

    def content(self) -> bytes:
        upload = self.cleaned_data["file"]
        if upload.size > LARGEST:
            raise Invalid(file=f"The file is larger than {LARGEST // 1024 // 1024} MB. Take a shorter time.")
        content: bytes = upload.read()
        return content


class LayoutForm(forms.Form):
    """Which column is what."""

    day = forms.ChoiceField(label="Day")
    date_format = forms.ChoiceField(choices=list(DATES.items()), label="Days are written like")
    decimal = forms.ChoiceField(choices=list(DECIMALS.items()), label="Amounts are written like")
    amount = forms.ChoiceField(required=False, help_text="With its sign, or with a column that says which way it went.")
    direction = forms.ChoiceField(required=False, label="Which way", help_text="Credit or debit, C or D, + or −.")
    credit = forms.ChoiceField(required=False, label="Money in", help_text="Where each way has a column of its own.")
    debit = forms.ChoiceField(required=False, label="Money out")
    text = forms.ChoiceField(required=False, help_text="What the payer wrote: invoice numbers are looked for in it.")
    payer = forms.ChoiceField(required=False, label="Name of the payer")
    iban = forms.ChoiceField(required=False, label="Account of the payer")
    reference = forms.ChoiceField(required=False, label="The bank's reference")
    currency = forms.ChoiceField(required=False)
    always = forms.ChoiceField(choices=[(code, code) for code in CURRENCIES], label="Currency where no column says it")

    def __init__(self, data: Any = None, *, table: Table) -> None:
        super().__init__(data, initial=guessed(table))
        columns = [(name, name) for name in table.names]
        for name in GUESSES:
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = columns if name == "day" else [NONE, *columns]

    @property
    def layout(self) -> Layout:
        return Layout(**self.cleaned_data)


def guessed(table: Table) -> dict[str, str]:
    """What the columns' names suggest; the person looks at it and confirms."""
    found = {}
    for field, words in GUESSES.items():
        names = [name for word in words for name in table.names if name.lower() == word]
        if names:
            found[field] = names[0]
    if "amount" in found:
        found.pop("credit", None)
        found.pop("debit", None)
    else:
        found.pop("direction", None)
    place = table.names.index(found["day"]) if "day" in found else len(table.names)
    days = [cells[place] for _, cells in table.rows[:50] if len(cells) == len(table.names) > place]
    found["decimal"] = _decimal(table, [found[name] for name in ("amount", "credit", "debit") if name in found])
    found["date_format"] = next((form for form in DATES if days and all(_fits(day, form) for day in days)), "%Y-%m-%d")
    return found


def _decimal(table: Table, columns: list[str]) -> str:
    """The mark by which more of the first amounts can be read."""
    places = [table.names.index(name) for name in columns]
    texts = [cells[place] for _, cells in table.rows[:50] for place in places if len(cells) > place and cells[place]]
    return max(DECIMALS, key=lambda mark: sum(_reads(text, mark) for text in texts))


def _reads(text: str, mark: str) -> bool:
    try:
        cents_of(number(text, mark))
    except ValueError:
        return False
    return True


def _fits(text: str, form: str) -> bool:
    try:
        return bool(day_of(text, form))
    except ValueError:
        return False


class AccountForm(forms.Form):
    """Whose payment a line is."""

    account = forms.ModelChoiceField(Account.objects.none(), label="Organization", empty_label=None)

    def __init__(self, *args: Any, line: BankLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Account.objects.filter(currency=line.currency).select_related("organization")


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=300, help_text="Such as: fee of the bank. It stays on the record.")


class HoldForm(forms.Form):
    """Reminders stop, or a payment was promised."""

    kind = forms.ChoiceField(choices=Hold.Kind.choices, label="Why it waits", widget=forms.RadioSelect)
    until = forms.DateField(
        label="Until",
        help_text="The last day on which nothing is sent, or the day for which payment was promised.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = forms.CharField(max_length=300, help_text="Who said what. It stays on the record.")


class CorrespondenceForm(forms.Form):
    """In which language, on which paper."""

    language = forms.ChoiceField(choices=Correspondence.Language.choices)
    paper = forms.ChoiceField(choices=Correspondence.Paper.choices, required=False, label="Size of paper")


class RefundForm(forms.Form):
    """How much of a payment online goes back."""

    amount = forms.DecimalField(min_value=0, decimal_places=2, max_digits=12)
    reason = forms.CharField(max_length=300)

    @property
    def cents(self) -> int:
        return int(self.cleaned_data["amount"] * 100)


def parts_of(data: Any, invoices: dict[int, Invoice]) -> dict[Invoice, int]:
    """What was typed beside each invoice, in cents; what is empty pays nothing. Raises Invalid."""
    field = forms.DecimalField(min_value=0, decimal_places=2, max_digits=12, required=False)
    found = {}
    for pk, invoice in invoices.items():
        try:
            amount = field.clean(data.get(f"pays-{pk}", ""))
        except forms.ValidationError as error:
            raise Invalid(pays=f"{invoice.number}: {' '.join(error.messages)}") from None
        if amount:
            found[invoice] = int(amount * 100)
    return found
