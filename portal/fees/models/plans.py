"""Plans and their versions: what membership costs and includes."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.fees import pricing
from portal.fees.money import CURRENCIES, WHOLE
from portal.members.models import Person


class Plan(models.Model):
    """What is offered under a name; its versions say what it costs."""

    name = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="No new agreement gets it from then on")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PlanVersion(models.Model):
    """One state of a plan, never changed: an agreement names the version it was signed with. Prices are for a year."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    currency = models.CharField(max_length=3, choices=[(code, code) for code in CURRENCIES])
    dues = models.JSONField(help_text="Cents by tier")
    facility_cents = models.PositiveBigIntegerField(default=0, help_text="For each facility")
    bands = models.JSONField(help_text="[up to so many clinicians or null, cents], the smallest first")
    included_consults = models.PositiveIntegerField(default=0, help_text="In a year of the agreement")
    included_calls = models.PositiveIntegerField(default=0)
    included_hours = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    consult_cents = models.PositiveBigIntegerField(default=0, help_text="For each beyond those included")
    call_cents = models.PositiveBigIntegerField(default=0)
    hour_cents = models.PositiveBigIntegerField(default=0)
    discount_points = models.PositiveIntegerField(default=0, help_text="Of the dues; 10,000 is all")
    tax_name = models.CharField(max_length=40, blank=True)
    tax_points = models.PositiveIntegerField(default=0, help_text="10,000 is as much again")
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once"),
            models.CheckConstraint(condition=Q(discount_points__lte=WHOLE), name="plan_discount_at_most_all"),
            models.CheckConstraint(condition=Q(tax_points__lte=WHOLE), name="plan_tax_at_most_all"),
        ]

    def __str__(self) -> str:
        return f"{self.plan}, version {self.number}"

    def terms(self, tier: str, discount_points: int) -> pricing.Terms:
        """As an organization of this tier has it, with the discount agreed with it."""
        return pricing.Terms(
            currency=self.currency,
            dues_cents=self.dues[tier],
            facility_cents=self.facility_cents,
            bands=tuple(pricing.Band(up_to, cents) for up_to, cents in self.bands),
            included=pricing.Usage(self.included_consults, self.included_calls, self.included_hours),
            consult_cents=self.consult_cents,
            call_cents=self.call_cents,
            hour_cents=self.hour_cents,
            discount_points=discount_points,
            tax_points=self.tax_points,
        )
