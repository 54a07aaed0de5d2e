"""The weekly digest: who wants it, and which weeks each person has had."""

from django.db import models
from django.utils import timezone

from portal.members.models import Person


class DigestChoice(models.Model):
    """What a person chose. Who never chose gets the digest, as soon as they follow something."""

    class Frequency(models.TextChoices):
        WEEKLY = "weekly", "Weekly, on Monday morning"
        OFF = "off", "Off"

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="digest_choice")
    frequency = models.CharField(max_length=6, choices=Frequency.choices, default=Frequency.WEEKLY)
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.get_frequency_display()


class Digest(models.Model):
    """That a person's week was looked at, and how many titles it held; none means that no mail went."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="digests")
    week = models.DateField(help_text="The Monday on which it was due, in the person's time zone")
    until = models.DateTimeField(help_text="Changes before this moment are in it")
    titles = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-week"]
        constraints = [models.UniqueConstraint(fields=["person", "week"], name="digest_once")]

    def __str__(self) -> str:
        return f"Digest of {self.week}"
