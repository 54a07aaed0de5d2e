"""Who is told when an answer is late, and how long a reply is waited for: in versions, as promises are."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from consults.ladder import Ladder, Rung, Step
from portal.members.models import Person, Specialty

RUNGS = ("assignee", "backup", "lead", "director")


class LadderVersion(models.Model):
    """A specialty's ladder, or the network's, as it was at one time. Never changed: a consult keeps what it was given
    until it is promised anew. Everyone signed in may read it, as it holds no organization's data."""

    specialty = models.ForeignKey(
        Specialty, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: for all without their own"
    )
    number = models.PositiveIntegerField()
    assignee_percent = models.PositiveSmallIntegerField(default=50)
    assignee_minutes = models.SmallIntegerField(default=0)
    backup_percent = models.PositiveSmallIntegerField(default=75)
    backup_minutes = models.SmallIntegerField(default=0)
    lead_percent = models.PositiveSmallIntegerField(default=85)
    lead_minutes = models.SmallIntegerField(default=0)
    director_percent = models.PositiveSmallIntegerField(default=100)
    director_minutes = models.SmallIntegerField(default=0)
    first_reminder = models.PositiveSmallIntegerField(default=2, help_text="Days after the requester was asked")
    second_reminder = models.PositiveSmallIntegerField(default=5)
    close_after = models.PositiveSmallIntegerField(default=14, help_text="Days until it closes without a reply")
    working_days = models.BooleanField(default=False, help_text="Count Monday to Friday only")
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["specialty", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["specialty", "number"], nulls_distinct=False, name="ladder_version_once"),
            models.CheckConstraint(
                condition=Q(first_reminder__gte=1, second_reminder__gt=F("first_reminder"))
                & Q(close_after__gt=F("second_reminder") + 3),
                name="ladder_days_follow",
            ),
        ]

    def __str__(self) -> str:
        return f"Ladder of {self.specialty or 'the network'}, version {self.number}"

    @property
    def ladder(self) -> Ladder:
        """As the clock takes it."""
        steps = (
            Step(rung, getattr(self, f"{name}_percent"), getattr(self, f"{name}_minutes"))
            for rung, name in zip(Rung, RUNGS, strict=True)
        )
        return Ladder(tuple(steps), (self.first_reminder, self.second_reminder), self.close_after, self.working_days)


class MedicalDirector(models.Model):
    """The one person at the top of every ladder. One row at most."""

    only = models.BooleanField(primary_key=True, default=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(only=True), name="medical_director_is_one")]

    def __str__(self) -> str:
        return str(self.person)
