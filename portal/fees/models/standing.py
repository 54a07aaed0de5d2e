"""The history of every organization's standing, and the extensions and holds that an administrator gave."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.fees.models.accounts import Account
from portal.fees.models.invoices import Invoice
from portal.members.models import Person


class StandingRecord(models.Model):
    """A standing that began: the newest row of an account holds. Insert-only."""

    class State(models.TextChoices):
        GOOD = "good", "Good"
        GRACE = "grace", "Grace"
        SUSPENDED = "suspended", "Suspended"
        REINSTATED = "reinstated", "Reinstated"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="standings")
    state = models.CharField(max_length=10, choices=State.choices)
    since = models.DateField()
    suspends_on = models.DateField(null=True, help_text="When the grace ends, unless paid")
    reasons = models.JSONField(default=list, help_text="Sentences, with dates and amounts")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["recorded_at", "id"]

    def __str__(self) -> str:
        return f"{self.get_state_display()} since {self.since}"


class Extension(models.Model):
    """The grace lasts longer: up to and with this day. Insert-only; a later row adds, none takes away."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="extensions")
    until = models.DateField(help_text="The last day of it")
    reason = models.CharField(max_length=300)
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["given_at", "id"]

    def __str__(self) -> str:
        return f"Extended to {self.until}"


class Hold(models.Model):
    """An invoice is disputed, or promised for a day: reminders and standing leave it alone up to and with that day."""

    class Kind(models.TextChoices):
        DISPUTE = "dispute", "Disputed"
        PROMISE = "promise", "Promised"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="holds")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    until = models.DateField(help_text="The last day of it")
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="hold_has_a_reason")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} until {self.until}"
