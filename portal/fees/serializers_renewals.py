"""REST shapes of offers to renew. Amounts are whole cents of a year."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from portal.fees.models import Agreement, Renewal, RenewalReminder
from portal.fees.serializers import AccountBrief
from portal.fees.services import renewals


class RenewalRow(serializers.ModelSerializer[Renewal]):
    """``until`` is the day after the last; ``agreement`` is the one that ends, ``made`` the one that follows."""

    account = AccountBrief()
    state = serializers.CharField(help_text="draft, offered, accepted, declined, withdrawn or lapsed")
    is_open = serializers.SerializerMethodField(help_text="Whether it can still be accepted")
    plan = serializers.CharField(source="version.plan.name")
    version = serializers.IntegerField(source="version.number")
    tier = serializers.CharField()
    year_cents = serializers.SerializerMethodField(help_text="What a year comes to, with tax")

    class Meta:
        model = Renewal
        fields = (
            "id",
            "account",
            "agreement",
            "state",
            "is_open",
            "starts_on",
            "until",
            "plan",
            "version",
            "tier",
            "facilities",
            "clinicians",
            "discount_points",
            "cycle",
            "days_to_pay",
            "draft_days",
            "year_cents",
            "offered_at",
            "ended_at",
            "reason",
            "signed_name",
            "made",
        )

    def get_is_open(self, row: Renewal) -> bool:
        return row.is_open(timezone.now())

    def get_year_cents(self, row: Renewal) -> int:
        return renewals.year_of(row)


class BesideShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    now_cents = serializers.IntegerField(source="old")
    offered_cents = serializers.IntegerField(source="new")


class RenewalReminderShape(serializers.ModelSerializer[RenewalReminder]):
    sent_to = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = RenewalReminder
        fields = ("days_before", "due_on", "sent_at", "sent_to")


class RenewalDetail(RenewalRow):
    sentence = serializers.SerializerMethodField(help_text="What is agreed to: send it back as it is, to accept")
    costs = serializers.SerializerMethodField(help_text="Of a year, part by part, now beside as offered")
    reminders = RenewalReminderShape(many=True)

    class Meta:
        model = Renewal
        fields = (*RenewalRow.Meta.fields, "sentence", "costs", "reminders")

    def get_sentence(self, row: Renewal) -> str:
        return row.sentence or renewals.sentence_of(row)

    def get_costs(self, row: Renewal) -> BesideShape(many=True):  # type: ignore[valid-type]
        return BesideShape(self.context["costs"], many=True).data


class RenewBody(serializers.Serializer[Any]):
    """It follows on to the day; ``until`` is the day after the last."""

    version = serializers.IntegerField(help_text="The id of the plan's version")
    until = serializers.DateField()
    cycle = serializers.ChoiceField(choices=Agreement.Cycle.choices)
    facilities = serializers.IntegerField(min_value=0, max_value=100_000)
    clinicians = serializers.IntegerField(min_value=0, max_value=1_000_000)
    discount_points = serializers.IntegerField(min_value=0, max_value=10_000, required=False)
    days_to_pay = serializers.IntegerField(min_value=0, max_value=180, default=30)
    draft_days = serializers.IntegerField(min_value=0, max_value=60, default=3)


class AcceptBody(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=renewals.LONGEST_NAME, help_text="The full name of who accepts")
    sentence = serializers.CharField(max_length=1000, help_text="As the offer says it")


def detail(row: Renewal, costs: list[Any]) -> Any:
    return RenewalDetail(row, context={"costs": costs}).data
