"""Invoices and credit notes. Once final, the database lets nobody change them."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.fees.models.accounts import Account
from portal.fees.models.agreements import Agreement, Terms
from portal.fees.proration import Stretch
from portal.members.models import Person

KINDS = [
    ("dues", "Network dues"),
    ("facilities", "Facilities"),
    ("clinicians", "Clinicians"),
    ("consults", "Consults"),
    ("calls", "Calls"),
    ("hours", "Consulting hours"),
]


class Series(models.Model):
    """Numbers of one kind of document in one year, without a gap. Its row is the lock under which one is given."""

    prefix = models.CharField(max_length=12, unique=True, help_text="Such as INV-2026-")
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.prefix

    def number(self, sequence: int) -> str:
        return f"{self.prefix}{sequence:05}"


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def visible_to(self, person: Person) -> "InvoiceQuerySet":
        """As the accounts; drafts are the network's alone."""
        seen = self.filter(account__in=Account.objects.visible_to(person))
        if person.actor.is_network_administrator or person.actor.is_auditor:
            return seen
        return seen.final()

    def final(self) -> "InvoiceQuerySet":
        return self.exclude(number=None)

    def drafts(self) -> "InvoiceQuerySet":
        return self.filter(number=None)


class Invoice(models.Model):
    """What an organization is to pay. A draft without a number until it is final."""

    class Kind(models.TextChoices):
        PERIOD = "period", "Dues of a period"
        CHANGE = "change", "After a change"
        USAGE = "usage", "Use beyond what is included"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="invoices")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="invoices")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    period = models.PositiveIntegerField(help_text="The number of the agreement's period, from nought")
    starts_on = models.DateField(help_text="The first day it bills")
    until = models.DateField(help_text="The day after the last")
    drafted_at = models.DateTimeField(default=timezone.now)
    final_from = models.DateTimeField(help_text="The end of the draft's window")
    series = models.ForeignKey(Series, null=True, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField(null=True)
    number = models.CharField(max_length=20, null=True, unique=True)  # noqa: DJ001 - a draft has none
    issued_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    final_at = models.DateTimeField(null=True)
    net_cents = models.PositiveBigIntegerField(default=0)
    tax_cents = models.PositiveBigIntegerField(default=0)
    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_on", "-sequence", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["series", "sequence"], name="invoice_number_once"),
            models.UniqueConstraint(
                fields=["agreement", "period"], condition=Q(kind="period"), name="invoice_once_a_period"
            ),
            models.UniqueConstraint(
                fields=["agreement", "period"], condition=Q(kind="change", number=None), name="invoice_one_change_draft"
            ),
            models.CheckConstraint(
                condition=Q(number=None, series=None, sequence=None, issued_on=None, due_on=None, final_at=None)
                | Q(
                    number__isnull=False,
                    series__isnull=False,
                    sequence__gte=1,
                    issued_on__isnull=False,
                    due_on__gte=F("issued_on"),
                    final_at__isnull=False,
                ),
                name="invoice_final_or_draft",
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"Draft {self.pk}"

    @property
    def total_cents(self) -> int:
        return self.net_cents + self.tax_cents

    @property
    def days(self) -> Stretch:
        return Stretch(self.starts_on, self.until)


class InvoiceLine(models.Model):
    """One line, which says what it is for. Its tax is rounded by itself, so that a credit takes back its share."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=KINDS)
    text = models.CharField(max_length=200)
    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    until = models.DateField(help_text="The day after the last")
    quantity = models.DecimalField(max_digits=10, decimal_places=2)
    unit_cents = models.PositiveBigIntegerField(help_text="Of a year; of one, for what was used")
    whole_cents = models.PositiveBigIntegerField(help_text="For the whole period, after the discount")
    discount_cents = models.BigIntegerField(default=0)
    cents = models.PositiveBigIntegerField(help_text="After the discount, before tax")
    tax_points = models.PositiveIntegerField()
    tax_cents = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["invoice", "position"]
        constraints = [models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_position_once")]

    def __str__(self) -> str:
        return self.text

    @property
    def days(self) -> Stretch:
        return Stretch(self.starts_on, self.until)


class CreditNote(models.Model):
    """What is taken back of one final invoice. Insert-only."""

    class Kind(models.TextChoices):
        CHANGE = "change", "A change of the agreement"
        ENDING = "ending", "The agreement ended"
        CORRECTION = "correction", "A correction"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credit_notes")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.CharField(max_length=300)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=20, unique=True)
    issued_on = models.DateField()
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    net_cents = models.PositiveBigIntegerField()
    tax_cents = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["-issued_on", "-sequence"]
        constraints = [
            models.UniqueConstraint(fields=["series", "sequence"], name="credit_note_number_once"),
            models.CheckConstraint(condition=Q(net_cents__gt=0), name="credit_note_is_for_something"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def total_cents(self) -> int:
        return self.net_cents + self.tax_cents


class CreditLine(models.Model):
    """What is taken back of one line. Insert-only."""

    credit_note = models.ForeignKey(CreditNote, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(InvoiceLine, on_delete=models.PROTECT, related_name="credits")
    text = models.CharField(max_length=260)
    cents = models.PositiveBigIntegerField()
    tax_cents = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["credit_note", "id"]
        constraints = [models.UniqueConstraint(fields=["credit_note", "line"], name="credit_line_once")]

    def __str__(self) -> str:
        return self.text
