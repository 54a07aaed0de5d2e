"""Improvement engagements: an organization is helped with one targeted area, within hours agreed for it."""

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Q, Sum
from django.utils import timezone

from knowledge.models import Document
from portal.members.models import Organization, Person


class EngagementQuerySet(models.QuerySet["Engagement"]):
    def visible_to(self, person: Person) -> "EngagementQuerySet":
        """An organization's for who administers it; those one is named on, as long as one belongs to its organization
        or to the network; all, for administrators of the network and auditors. Another organization sees none."""
        actor = person.actor
        if actor.is_network_administrator or actor.is_auditor:
            return self
        named = EngagementPerson.objects.filter(person=person)
        here = named.filter(is_consultant=False, engagement__organization__in=actor.organizations)
        seen = Q(organization__in=actor.administrator_of) | Q(pk__in=here.values("engagement"))
        if actor.is_network_staff:
            seen |= Q(pk__in=named.filter(is_consultant=True).values("engagement"))
        return self.filter(seen)


class Engagement(models.Model):
    """Help with one area of an organization's work: what is to change, with whom, and in how many hours."""

    class State(models.TextChoices):
        ASKED = "asked", "Asked for"
        AGREED = "agreed", "Agreed"
        UNDER_WAY = "under-way", "Under way"
        CLOSED = "closed", "Closed"
        DECLINED = "declined", "Declined"

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="engagements")
    area = models.CharField(max_length=120)
    goal = models.TextField()
    scope = models.TextField()
    sponsor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="engagements_sponsored")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    hours_agreed = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    documents = models.ManyToManyField(Document, blank=True, related_name="+", help_text="Protocols it works with")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    declined_because = models.TextField(blank=True)
    summary = models.TextField(blank=True, help_text="What changed, written when it is closed")
    objects = EngagementQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["agreed", "under-way", "closed"]) | Q(hours_agreed__gt=0),
                name="engagement_agreed_has_hours",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["closed", "declined"], ended_at__isnull=False)
                | ~Q(state__in=["closed", "declined"]) & Q(ended_at=None),
                name="engagement_ended_at_pairs",
            ),
        ]

    def __str__(self) -> str:
        return f"Engagement {self.pk}"

    def get_absolute_url(self) -> str:
        return f"/engagements/{self.pk}/"

    @property
    def hours_used(self) -> Decimal:
        used: Decimal | None = self.hours.aggregate(sum=Sum("hours"))["sum"]
        return used or Decimal(0)

    @property
    def hours_left(self) -> Decimal | None:
        """What remains of the hours agreed."""
        return None if self.hours_agreed is None else self.hours_agreed - self.hours_used


class EngagementPerson(models.Model):
    """Somebody named on an engagement: of the organization, or a consultant of the network."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="engagements")
    is_consultant = models.BooleanField(help_text="For the network")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["is_consultant", "person__name", "id"]
        constraints = [models.UniqueConstraint(fields=["engagement", "person"], name="engagement_person_once")]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.engagement_id}"


class EngagementMilestone(models.Model):
    """Something to be reached by a day."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="milestones")
    name = models.CharField(max_length=160)
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_on", "id"]

    def __str__(self) -> str:
        return f"{self.name} of {self.engagement_id}"


class EngagementHours(models.Model):
    """Hours somebody worked on a day. Insert-only: a negative entry takes back what was wrong."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="hours")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    hours = models.DecimalField(max_digits=5, decimal_places=2)
    what = models.CharField(max_length=200)
    entered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-day", "-id"]
        verbose_name_plural = "engagement hours"
        constraints = [
            models.CheckConstraint(condition=Q(hours__range=(-24, 24)) & ~Q(hours=0), name="engagement_hours_of_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.hours} h on {self.engagement_id}"


class Measure(models.Model):
    """Something measured over time, to see whether a change is an improvement. Figures of care, never of a patient."""

    class Better(models.TextChoices):
        UP = "up", "Higher is better"
        DOWN = "down", "Lower is better"

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="measures")
    name = models.CharField(max_length=120)
    unit = models.CharField(max_length=40)
    definition = models.CharField(max_length=400, help_text="What is counted, among whom, and how")
    better = models.CharField(max_length=4, choices=Better.choices)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["engagement", "name"], name="measure_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def series(self) -> list[tuple[date, float]]:
        """Its points by day, each a day and a value."""
        return [(point.day, point.value) for point in self.points.all()]


class MeasurePoint(models.Model):
    """A measure's value on one day, or for the time that ends with it."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="points")
    day = models.DateField()
    value = models.FloatField()
    note = models.CharField(max_length=120, blank=True, help_text="What was changed then")
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["day", "id"]
        constraints = [models.UniqueConstraint(fields=["measure", "day"], name="measure_point_once")]

    def __str__(self) -> str:
        return f"{self.value} on {self.day}"
