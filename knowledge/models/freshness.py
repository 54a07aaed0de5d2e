"""The record of each time a recommendation was verified."""

from django.db import models
from django.utils import timezone

from knowledge.models.documents import Document, Recommendation
from portal.members.models import Person


class Verification(models.Model):
    """One recommendation found still right by one person, and when it is due again. Never changed."""

    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="verifications")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    verified_on = models.DateField()
    due_on = models.DateField(null=True)
    remark = models.CharField(max_length=400, blank=True, help_text="What was looked at")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.recommendation.key} on {self.verified_on}"


class DueMilestone(models.Model):
    """That a document's first due date drew near, or passed, was told: once each, by constraint."""

    class Kind(models.TextChoices):
        MONTH = "month", "Due within 30 days"
        WEEK = "week", "Due within 7 days"
        OVERDUE = "overdue", "Overdue"

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="due_milestones")
    due_on = models.DateField()
    kind = models.CharField(max_length=7, choices=Kind.choices)
    told_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-told_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["document", "due_on", "kind"], name="due_milestone_once")]

    def __str__(self) -> str:
        return f"{self.document}: {self.get_kind_display()}, {self.due_on}"
