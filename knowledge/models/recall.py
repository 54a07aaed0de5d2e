"""What a publication changed in practice, who was told, and who has confirmed reading it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from knowledge.models.documents import Document, Revision
from portal.members.models import Person


class DeclaredChange(models.Model):
    """What the editor who publishes says of one changed recommendation."""

    class Significance(models.TextChoices):
        EDITORIAL = "editorial", "Editorial: the meaning is the same"
        MINOR = "minor", "Minor: nobody needs to act differently"
        PRACTICE = "practice", "Changes practice"

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="declared_changes")
    key = models.SlugField(max_length=80, help_text="The recommendation's key; one that was removed has its old one")
    significance = models.CharField(max_length=10, choices=Significance.choices)
    sentence = models.CharField(max_length=400, blank=True, help_text="What is different, for the reader")
    declared_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "key"], name="declared_change_once"),
            models.CheckConstraint(
                condition=~Q(significance="practice") | ~Q(sentence=""), name="declared_change_has_a_sentence"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.get_significance_display()}"


class Acknowledgement(models.Model):
    """One person told that a revision changes practice, and when they confirmed having read it."""

    class Why(models.TextChoices):
        READ = "read", "Read the document in the last year"
        FOLLOWS = "follows", "Follows it"
        ANSWER = "answer", "Received an answer citing it"

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="acknowledgements")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="acknowledgements")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="acknowledgements")
    why = models.CharField(max_length=10, choices=Why.choices)
    told_at = models.DateTimeField(default=timezone.now)
    reminded_at = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-told_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["revision", "person"], name="acknowledgement_once")]
        indexes = [
            models.Index(fields=["person"], condition=Q(acknowledged_at=None), name="acknowledgement_open"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.revision}"
