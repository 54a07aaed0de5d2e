"""What an organization signed, and what was used under it."""

from datetime import date, datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.fees import pricing
from portal.fees.models.accounts import Account
from portal.fees.models.plans import PlanVersion
from portal.fees.proration import Period, Stretch, period
from portal.members.models import Organization, Person


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, person: Person) -> "AgreementQuerySet":
        """As the accounts."""
        return self.filter(account__in=Account.objects.visible_to(person))

    def running(self, at: datetime) -> "AgreementQuerySet":
        """Whose term has the day of this moment, by the clock of the network."""
        today = timezone.localdate(at)
        return self.filter(starts_on__lte=today, until__gt=today).filter(Q(ended_on=None) | Q(ended_on__gt=today))


class Agreement(models.Model):
    """A term at a frozen price. ``until`` is the day after the last; ``ended_on`` the same when it ended early."""

    class Cycle(models.IntegerChoices):
        MONTHLY = 1, "Every month"
        QUARTERLY = 3, "Every quarter"
        YEARLY = 12, "Every year"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="agreements")
    starts_on = models.DateField()
    until = models.DateField(help_text="The day after the last")
    cycle = models.PositiveSmallIntegerField(choices=Cycle.choices)
    days_to_pay = models.PositiveSmallIntegerField(default=30)
    draft_days = models.PositiveSmallIntegerField(
        default=3, help_text="How long an invoice is a draft before it is final"
    )
    ended_on = models.DateField(null=True)
    ended_because = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("starts_on")), name="agreement_has_days"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("starts_on"), ended_on__lte=F("until")),
                name="agreement_ends_within",
            ),
            # The account as a range of one: equal numbers meet, without an extension of the database.
            ExclusionConstraint(
                name="agreement_days_once",
                expressions=[
                    (Func(F("account"), F("account"), Value("[]"), function="int8range"), RangeOperators.OVERLAPS),
                    (
                        Func(F("starts_on"), Coalesce("ended_on", "until"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="Another agreement of this account covers some of these days.",
            ),
        ]

    def __str__(self) -> str:
        return f"Agreement {self.pk}"

    @property
    def term(self) -> Stretch:
        """As it stands: shorter once it was ended early."""
        return Stretch(self.starts_on, self.ended_on or self.until)

    def period(self, number: int) -> Period:
        return period(self.starts_on, self.cycle, number)


class Terms(models.Model):
    """The plan's version and the organization's size, for some days of an agreement. A change starts another row."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="terms")
    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    tier = models.CharField(max_length=10, choices=Organization.Tier.choices)
    facilities = models.PositiveIntegerField()
    clinicians = models.PositiveIntegerField()
    discount_points = models.PositiveIntegerField(help_text="Of the dues; 10,000 is all")
    starts_on = models.DateField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["starts_on", "id"]
        verbose_name_plural = "terms"

    def __str__(self) -> str:
        return f"{self.version} from {self.starts_on}"

    @property
    def prices(self) -> pricing.Terms:
        return self.version.terms(self.tier, self.discount_points)

    @property
    def size(self) -> pricing.Size:
        return pricing.Size(self.facilities, self.clinicians)


class UsageRecord(models.Model):
    """What was used in one period of an agreement, as counted after it; billed once."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="usage")
    period = models.PositiveIntegerField(help_text="Its number, from nought")
    consults = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)
    hours = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["agreement", "period"]
        constraints = [models.UniqueConstraint(fields=["agreement", "period"], name="usage_once_a_period")]

    def __str__(self) -> str:
        return f"Usage of period {self.period} of agreement {self.agreement_id}"

    @property
    def amounts(self) -> pricing.Usage:
        return pricing.Usage(self.consults, self.calls, self.hours)


def stretches(rows: list[Terms], term: Stretch) -> list[tuple[Terms, Stretch]]:
    """Each row of terms with the days it held: until the next row, the last one until the term's end."""
    ends: list[date] = [*(row.starts_on for row in rows[1:]), term.until]
    pairs = [(row, Stretch(row.starts_on, min(end, term.until))) for row, end in zip(rows, ends, strict=True)]
    return [(row, days) for row, days in pairs if days.days]
