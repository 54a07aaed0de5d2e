"""Files of the network's bank, how they are read, and their lines: the network's own, which no organization sees."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.fees.models.accounts import Account
from portal.fees.models.payments import Payment, Refund
from portal.members.models import Person


class BankLayout(models.Model):
    """How a CSV with this row of column names is read; asked once, and remembered."""

    header = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the column names")
    columns = models.JSONField(help_text="As portal.fees.bankcsv.Layout")
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at", "id"]

    def __str__(self) -> str:
        return f"Layout {self.pk}"


class BankFile(models.Model):
    """One file as it came. Its text is kept only until it is read into lines."""

    class Kind(models.TextChoices):
        CSV = "csv", "CSV"
        CAMT = "camt", "camt.053"

    class State(models.TextChoices):
        COLUMNS = "columns", "Waits for its columns"
        WAITING = "waiting", "Being read"
        READY = "ready", "Read"
        FAILED = "failed", "Could not be read"

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256: the same file again is the same row")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices)
    content = models.BinaryField(null=True)
    header = models.CharField(max_length=64, blank=True)
    total = models.PositiveIntegerField(default=0, help_text="Lines in the file, bad ones too")
    done = models.PositiveIntegerField(default=0, help_text="Lines looked at so far")
    bad = models.JSONField(default=list, help_text="Pairs of a line's number and what is wrong with it")
    problem = models.CharField(max_length=300, blank=True)
    brought_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    brought_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-brought_at", "-id"]
        indexes = [models.Index(fields=["id"], condition=Q(state="waiting"), name="bank_file_waiting")]

    def __str__(self) -> str:
        return self.name


class BankLine(models.Model):
    """One movement of the bank account: plus came in, minus went out. Each is here once, whichever files hold it."""

    class State(models.TextChoices):
        WAITING = "waiting", "To be matched"
        CONFIRMED = "confirmed", "Being booked"
        BOOKED = "booked", "Booked"
        ASIDE = "aside", "Set aside"

    key = models.CharField(max_length=64, unique=True, help_text="Of the bank's reference, or of all it says")
    file = models.ForeignKey(BankFile, on_delete=models.PROTECT, related_name="lines")
    line = models.PositiveIntegerField(help_text="Its number in the file")
    day = models.DateField()
    cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    text = models.CharField(max_length=500, blank=True)
    payer = models.CharField(max_length=140, blank=True)
    iban = models.CharField(max_length=34, blank=True, help_text="Or another number of the payer's account")
    reference = models.CharField(max_length=100, blank=True, help_text="The bank's")
    returns = models.BooleanField(default=False, help_text="The bank says that it takes something back")
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="bank_lines")
    parts = models.JSONField(default=dict, help_text="Suggested: cents by the primary key of an invoice")
    undoes = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="+")
    score = models.PositiveSmallIntegerField(default=0)
    words = models.JSONField(default=list, help_text="Why, as sentences")
    payment = models.OneToOneField(Payment, null=True, on_delete=models.PROTECT, related_name="bank_line")
    refund = models.OneToOneField(Refund, null=True, on_delete=models.PROTECT, related_name="bank_line")
    reason = models.CharField(max_length=300, blank=True, help_text="Why it was set aside, or could not be booked")
    settled_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-day", "-id"]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="confirmed"), name="bank_line_confirmed"),
            models.Index(fields=["state", "-day", "-id"], name="bank_line_by_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(cents=0), name="bank_line_is_of_something"),
            models.CheckConstraint(
                condition=~Q(state="booked") | Q(payment__isnull=False) | Q(refund__isnull=False),
                name="bank_line_booked_as_something",
            ),
            models.CheckConstraint(condition=~Q(state="aside") | ~Q(reason=""), name="bank_line_aside_for_a_reason"),
            models.CheckConstraint(
                condition=Q(payment=None) | Q(refund=None),
                name="bank_line_booked_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Line {self.line} of {self.file}"
