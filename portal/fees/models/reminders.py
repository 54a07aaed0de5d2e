"""Letters that remind of an overdue invoice, and how an organization wants to be written to."""

from django.db import models
from django.db.models import Q

from portal.fees.models.accounts import Account
from portal.fees.models.invoices import Invoice


class Correspondence(models.Model):
    """In which language, and on which paper, letters to an organization are written. None: English, paper by place."""

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        SPANISH = "es", "Spanish"
        FRENCH = "fr", "French"

    class Paper(models.TextChoices):
        BY_PLACE = "", "As usual where the organization is"
        LETTER = "us-letter", "US Letter"
        A4 = "a4", "A4"

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="correspondence")
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.ENGLISH)
    paper = models.CharField(max_length=9, choices=Paper.choices, blank=True, default=Paper.BY_PLACE)

    class Meta:
        ordering = ["account"]

    def __str__(self) -> str:
        return f"{self.account}: {self.language}"


class Reminder(models.Model):
    """One level of one invoice, reached on a day and sent once. What the letter says is kept with it. Insert-only."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="reminders")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="reminders")
    level = models.PositiveSmallIntegerField()
    since = models.DateField(help_text="The day on which the level was reached")
    open_cents = models.PositiveBigIntegerField(help_text="What was open when it was sent")
    language = models.CharField(max_length=2)
    paper = models.CharField(max_length=9)
    sent_at = models.DateTimeField()
    sent_to = models.JSONField(help_text="Names of the people who were told")

    class Meta:
        ordering = ["-sent_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "level"], name="reminder_level_once"),
            models.CheckConstraint(condition=Q(level__gte=1), name="reminder_levels_from_one"),
            models.CheckConstraint(condition=Q(open_cents__gt=0), name="reminder_of_something"),
        ]

    def __str__(self) -> str:
        return f"Reminder {self.level} of {self.invoice}"
