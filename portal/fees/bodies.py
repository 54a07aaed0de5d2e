"""What REST acts on money take. Amounts are whole cents."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from portal.fees.models import Agreement, Payment
from portal.fees.money import CURRENCIES, WHOLE

MOST = 1_000_000_000


def cents(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=kwargs.pop("least", 0), max_value=MOST, **kwargs)


class NothingBody(serializers.Serializer[Any]):
    """No fields."""


class FeeReasonBody(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class AmountBody(FeeReasonBody):
    cents = cents(least=1)


class ExtendBody(FeeReasonBody):
    until = serializers.DateField()


class EndBody(FeeReasonBody):
    on = serializers.DateField(help_text="The first day without it")


class PartBody(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    cents = cents(least=1, help_text="Before tax")


class CreditBody(FeeReasonBody):
    parts = PartBody(many=True, required=False, help_text="Without them: all that is left")


class PayingBody(serializers.Serializer[Any]):
    invoice = serializers.IntegerField()
    cents = cents(least=1)


class PaymentBody(serializers.Serializer[Any]):
    """Without ``pays`` it pays the first due first; with an empty list nothing yet."""

    cents = cents(least=1)
    received_on = serializers.DateField()
    method = serializers.ChoiceField(choices=Payment.Method.choices)
    reference = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    pays = PayingBody(many=True, required=False)


class VersionBody(serializers.Serializer[Any]):
    """Prices are cents of a year."""

    currency = serializers.ChoiceField(choices=[(code, code) for code in CURRENCIES])
    dues = serializers.DictField(child=cents(), help_text="By tier")
    bands = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(allow_null=True), min_length=2, max_length=2),
        help_text="[up to so many clinicians or null, cents], the smallest first",
    )
    facility_cents = cents(default=0)
    included_consults = serializers.IntegerField(min_value=0, default=0, max_value=1_000_000)
    included_calls = serializers.IntegerField(min_value=0, default=0, max_value=1_000_000)
    included_hours = serializers.DecimalField(min_value=0, default=Decimal(0), max_digits=8, decimal_places=2)
    consult_cents = cents(default=0)
    call_cents = cents(default=0)
    hour_cents = cents(default=0)
    discount_points = serializers.IntegerField(min_value=0, max_value=WHOLE, default=0)
    tax_name = serializers.CharField(max_length=40, default="", allow_blank=True)
    tax_points = serializers.IntegerField(min_value=0, max_value=WHOLE, default=0)

    def validate_bands(self, value: list[list[int | None]]) -> list[list[int | None]]:
        if any(price is None or price < 0 for _, price in value):
            raise serializers.ValidationError("Give each band a price in cents.")
        return value


class PlanBody(VersionBody):
    name = serializers.CharField(max_length=80)


class SignBody(serializers.Serializer[Any]):
    """``until`` is the day after the last."""

    organization = serializers.SlugField()
    version = serializers.IntegerField(help_text="The id of the plan's version")
    starts_on = serializers.DateField()
    until = serializers.DateField()
    cycle = serializers.ChoiceField(choices=Agreement.Cycle.choices)
    facilities = serializers.IntegerField(min_value=0, max_value=100_000)
    clinicians = serializers.IntegerField(min_value=0, max_value=1_000_000)
    discount_points = serializers.IntegerField(min_value=0, max_value=WHOLE, required=False)
    days_to_pay = serializers.IntegerField(min_value=0, max_value=180, default=30)
    draft_days = serializers.IntegerField(min_value=0, max_value=60, default=3)


class ChangeBody(serializers.Serializer[Any]):
    """What is not given stays."""

    on = serializers.DateField()
    version = serializers.IntegerField(required=False)
    tier = serializers.CharField(max_length=10, required=False)
    facilities = serializers.IntegerField(min_value=0, max_value=100_000, required=False)
    clinicians = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)
    discount_points = serializers.IntegerField(min_value=0, max_value=WHOLE, required=False)
