"""The books: every cent has two sides. Insert-only, for the owner of the tables too."""

from django.db import models
from django.db.models import Q

from portal.fees.models.accounts import Account


class Book(models.TextChoices):
    """Where a cent is. What the network has or has spent is written plus, what it owes or has earned minus."""

    RECEIVABLE = "receivable", "Owed by members"
    CASH = "cash", "Received"
    CREDIT = "credit", "Members' credit not yet used"
    DUES = "dues", "Earned by dues"
    USAGE = "usage", "Earned by use beyond what is included"
    TAX = "tax", "Tax to pay over"
    WRITTEN_OFF = "written-off", "Written off"


class Entry(models.Model):
    """One thing that happened to money: the postings of one document, which sum to nought."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", "Invoice"
        CREDIT_NOTE = "credit-note", "Credit note"
        PAYMENT = "payment", "Payment"
        ALLOCATION = "allocation", "Allocation"
        REFUND = "refund", "Refund"
        WRITE_OFF = "write-off", "Write-off"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    document = models.BigIntegerField(help_text="The primary key of the invoice, credit note, payment …")
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        verbose_name_plural = "entries"
        constraints = [models.UniqueConstraint(fields=["kind", "document"], name="entry_once_a_document")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.document}"


class Posting(models.Model):
    """One side of an entry, in cents: plus is debit, minus is credit."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="postings")
    book = models.CharField(max_length=12, choices=Book.choices)
    cents = models.BigIntegerField()

    class Meta:
        ordering = ["entry", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(cents=0), name="posting_is_of_something"),
            models.UniqueConstraint(fields=["entry", "book"], name="posting_once_a_book"),
        ]

    def __str__(self) -> str:
        return f"{self.cents} in {self.book}"
