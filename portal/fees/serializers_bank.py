"""REST shapes of bank files and lines, reminders, and paying online. Amounts are whole cents."""

from typing import Any

from rest_framework import serializers

from portal.fees.bankcsv import DATES, DECIMALS
from portal.fees.models import BankLine, Hold, Reminder

LARGEST = 1_000_000
"""Characters of a bank's file."""


class BankFileShape(serializers.Serializer[Any]):
    """A file and what became of its lines."""

    id = serializers.IntegerField(source="file.pk")
    name = serializers.CharField(source="file.name")
    kind = serializers.CharField(source="file.kind")
    state = serializers.CharField(source="file.state")
    problem = serializers.CharField(source="file.problem")
    total = serializers.IntegerField(source="file.total")
    done = serializers.IntegerField(source="file.done")
    waiting = serializers.IntegerField(source="counts.waiting")
    confirmed = serializers.IntegerField(source="counts.confirmed")
    booked = serializers.IntegerField(source="counts.booked")
    aside = serializers.IntegerField(source="counts.aside")
    seen = serializers.IntegerField(source="counts.seen", help_text="Known from an earlier file")
    bad = serializers.ListField(source="file.bad", help_text="Pairs of a line and what is wrong with it")


class BankLineShape(serializers.ModelSerializer[BankLine]):
    """``parts`` are cents by the identifier of an invoice, as suggested; ``words`` say why."""

    organization = serializers.CharField(source="account.organization.slug", default=None, allow_null=True)
    parts = serializers.DictField(child=serializers.IntegerField())
    words = serializers.ListField(child=serializers.CharField())
    state = serializers.CharField()

    class Meta:
        model = BankLine
        fields = (
            "id",
            "file",
            "line",
            "day",
            "cents",
            "currency",
            "text",
            "payer",
            "reference",
            "state",
            "organization",
            "parts",
            "undoes",
            "score",
            "words",
            "reason",
            "payment",
            "refund",
        )


class BankLayoutAsked(serializers.Serializer[Any]):
    """Which column is what, by its name in the first line."""

    day = serializers.CharField()
    date_format = serializers.CharField(help_text=f"One of {', '.join(DATES)}")
    decimal = serializers.CharField(help_text="A point or a comma")
    amount = serializers.CharField(required=False, default="")
    direction = serializers.CharField(required=False, default="")
    credit = serializers.CharField(required=False, default="")
    debit = serializers.CharField(required=False, default="")
    text = serializers.CharField(required=False, default="")
    payer = serializers.CharField(required=False, default="")
    iban = serializers.CharField(required=False, default="")
    reference = serializers.CharField(required=False, default="")
    currency = serializers.CharField(required=False, default="")
    always = serializers.RegexField(r"^[A-Z]{3}$", required=False, default="USD")

    def validate_date_format(self, value: str) -> str:
        if value not in DATES:
            raise serializers.ValidationError("This is none of the forms of a day.")
        return value

    def validate_decimal(self, value: str) -> str:
        if value not in DECIMALS:
            raise serializers.ValidationError("Give a point or a comma.")
        return value


class BankFileAsked(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    content = serializers.CharField(max_length=LARGEST, trim_whitespace=False, help_text="The file's text")
    layout = BankLayoutAsked(required=False, help_text="For a CSV whose columns nobody has named yet")


class BankConfirmAsked(serializers.Serializer[Any]):
    lines = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=5000)


class BankConfirmShape(serializers.Serializer[Any]):
    booked = serializers.IntegerField()
    later = serializers.IntegerField(help_text="Being booked by a worker")
    left = serializers.ListField(child=serializers.IntegerField(), help_text="Lines that could not be booked")


class BankMatchAsked(serializers.Serializer[Any]):
    """``pays``: cents by the number of an invoice."""

    organization = serializers.SlugField()
    pays = serializers.DictField(child=serializers.IntegerField(min_value=1), required=False, default=dict)


class BankTakeBackAsked(serializers.Serializer[Any]):
    payment = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(max_length=300)


class BankReasonAsked(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class InvoiceHoldAsked(serializers.Serializer[Any]):
    invoice = serializers.CharField(max_length=20, help_text="Its number")
    kind = serializers.CharField(help_text="dispute or promise")
    until = serializers.DateField()
    reason = serializers.CharField(max_length=300)


class InvoiceHoldShape(serializers.ModelSerializer[Hold]):
    invoice = serializers.CharField(source="invoice.number")
    kind = serializers.CharField()

    class Meta:
        model = Hold
        fields = ("id", "invoice", "kind", "until", "reason", "made_at")


class ReminderShape(serializers.ModelSerializer[Reminder]):
    organization = serializers.CharField(source="account.organization.slug")
    invoice = serializers.CharField(source="invoice.number")
    currency = serializers.CharField(source="account.currency")
    sent_to = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Reminder
        fields = (
            "id",
            "organization",
            "invoice",
            "level",
            "since",
            "open_cents",
            "currency",
            "language",
            "sent_at",
            "sent_to",
        )


class PayOnlineShape(serializers.Serializer[Any]):
    url = serializers.URLField(help_text="The provider's page")


class OnlineRefundAsked(serializers.Serializer[Any]):
    cents = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(max_length=300)


class OnlineRefundShape(serializers.Serializer[Any]):
    refund = serializers.CharField(help_text="The provider's name for it; booked when the provider says so")
