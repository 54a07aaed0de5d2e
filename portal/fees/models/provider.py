"""What a payment provider was asked for, what it said, and which of it moved money."""

import uuid

from django.db import models
from django.db.models import Q

from portal.fees.models.accounts import Account
from portal.fees.models.invoices import Invoice
from portal.fees.models.payments import Payment, Refund
from portal.members.models import Person


class Checkout(models.Model):
    """Somebody went to the provider's page to pay an invoice."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="What the provider gives back")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="checkouts")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="checkouts")
    session = models.CharField(max_length=120, unique=True, help_text="The provider's name for it")
    cents = models.PositiveBigIntegerField()
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()

    class Meta:
        ordering = ["-started_at", "-id"]

    def __str__(self) -> str:
        return f"Checkout {self.pk}"


class ProviderEvent(models.Model):
    """One thing that the provider said, once. Only what the books need is kept: no card, no name."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", "Waits for its payment"
        BOOKED = "booked", "Booked"
        NOTHING = "nothing", "Nothing to book"
        BY_HAND = "by-hand", "To be looked at"

    event = models.CharField(max_length=120, unique=True)
    said = models.JSONField(help_text="As portal.fees.providers.base.Said")
    intent = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    words = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["received_at", "id"]
        indexes = [models.Index(fields=["intent"], condition=Q(outcome="waiting"), name="provider_event_waiting")]

    def __str__(self) -> str:
        return self.event


class ProviderMove(models.Model):
    """Money that moved at the provider, by the provider's own name for it, each once. Insert-only."""

    class Kind(models.TextChoices):
        PAID = "paid", "Paid"
        REFUNDED = "refunded", "Paid back"
        REFUND_FAILED = "refund-failed", "A refund came back"
        WITHDRAWN = "withdrawn", "Taken for a dispute"
        REINSTATED = "reinstated", "Given back after a dispute"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="provider_moves")
    kind = models.CharField(max_length=13, choices=Kind.choices)
    name = models.CharField(max_length=120, help_text="The payment intent, the refund or the dispute")
    intent = models.CharField(max_length=120)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="provider_moves")
    refund = models.ForeignKey(Refund, null=True, on_delete=models.PROTECT, related_name="provider_moves")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="provider_move_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"
