"""Money that comes in, what it pays, and what goes back. Insert-only: a mistake is undone by another row."""

from django.db import models
from django.db.models import Q

from portal.fees.models.accounts import Account
from portal.fees.models.invoices import CreditNote, Invoice
from portal.members.models import Person

ONE_SOURCE = Q(payment__isnull=False, credit_note=None) | Q(payment=None, credit_note__isnull=False)


class Payment(models.Model):
    """Money received from an organization."""

    class Method(models.TextChoices):
        BANK = "bank", "Bank transfer"
        CHEQUE = "cheque", "Check"
        CARD = "card", "Card"
        OTHER = "other", "Other"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payments")
    cents = models.PositiveBigIntegerField()
    received_on = models.DateField()
    method = models.CharField(max_length=10, choices=Method.choices)
    reference = models.CharField(max_length=120, blank=True, help_text="The bank's or provider's; recorded once")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the payment provider said so"
    )

    class Meta:
        ordering = ["-received_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(cents__gt=0), name="payment_is_of_something"),
            models.UniqueConstraint(
                fields=["account", "method", "reference"], condition=~Q(reference=""), name="payment_reference_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Payment {self.pk}"


class Allocation(models.Model):
    """What of a payment or a credit note pays which invoice. A release takes one back, whole, and is negative."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="allocations")
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="allocations")
    credit_note = models.ForeignKey(CreditNote, null=True, on_delete=models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    cents = models.BigIntegerField()
    releases = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="released_by")
    at = models.DateTimeField()
    by = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the site itself"
    )

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SOURCE, name="allocation_of_one_source"),
            models.CheckConstraint(
                condition=Q(cents__gt=0, releases=None) | Q(cents__lt=0, releases__isnull=False),
                name="allocation_or_release",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cents} cents to {self.invoice}"


class Refund(models.Model):
    """Money that goes back: of what a payment or a credit note has left, or a payment the bank took back."""

    class Kind(models.TextChoices):
        REFUND = "refund", "Paid back"
        RETURNED = "returned", "Returned by the bank"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="refunds")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="refunds")
    credit_note = models.ForeignKey(CreditNote, null=True, on_delete=models.PROTECT, related_name="refunds")
    cents = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the payment provider said so"
    )

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SOURCE, name="refund_of_one_source"),
            models.CheckConstraint(condition=Q(cents__gt=0), name="refund_is_of_something"),
        ]

    def __str__(self) -> str:
        return f"Refund {self.pk}"


class WriteOff(models.Model):
    """What of an invoice nobody expects to be paid any more."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="write_offs")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="write_offs")
    cents = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.CheckConstraint(condition=Q(cents__gt=0), name="write_off_is_of_something")]

    def __str__(self) -> str:
        return f"Write-off {self.pk}"
