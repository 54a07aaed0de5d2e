"""What is promised for which consults, and in which hours it is counted: in versions."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils import timezone

from consults.calendars import ELAPSED, Counting, WorkingHours, shifts_from
from consults.models.consults import Consult
from portal.members.models import Organization, Person, Specialty


class Calendar(models.Model):
    """When a section works, under a name that lasts; what it says stands in its versions."""

    name = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CalendarVersion(models.Model):
    """Working hours as they were at one time. Never changed: deadlines are worked out again from it."""

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    zone = models.CharField(max_length=60)
    week = models.JSONField(help_text="The shifts of seven days, Monday first, as pairs of times")
    closed = models.JSONField(default=dict, help_text="Days off and their names")
    short = models.JSONField(default=dict, help_text="Days with shifts of their own")
    country = models.CharField(max_length=2, blank=True, help_text="Whose public holidays stand among the days off")
    region = models.CharField(max_length=6, blank=True)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["calendar", "-number"]
        constraints = [models.UniqueConstraint(fields=["calendar", "number"], name="calendar_version_once")]

    def __str__(self) -> str:
        return f"{self.calendar}, version {self.number}"

    @property
    def hours(self) -> WorkingHours:
        """As the clock counts by it."""
        return WorkingHours(
            self.zone,
            tuple(shifts_from(day) for day in self.week),
            {date.fromisoformat(day): name for day, name in self.closed.items()},
            {date.fromisoformat(day): shifts_from(shifts) for day, shifts in self.short.items()},
        )


class Promise(models.Model):
    """For which consults a promise holds: an urgency, and where given a specialty, a tier, an organization."""

    urgency = models.CharField(max_length=10, choices=Consult.Urgency.choices)
    specialty = models.ForeignKey(Specialty, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    tier = models.CharField(max_length=10, choices=Organization.Tier.choices, blank=True)
    organization = models.ForeignKey(Organization, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, help_text="From then on no new consult gets it")

    class Meta:
        ordering = ["urgency", "specialty", "tier", "organization"]
        constraints = [
            models.UniqueConstraint(
                fields=["urgency", "specialty", "tier", "organization"], nulls_distinct=False, name="promise_once"
            )
        ]

    def __str__(self) -> str:
        places = [str(place) for place in (self.specialty, self.get_tier_display(), self.organization) if place]
        return ", ".join([self.get_urgency_display(), *places])


class PromiseVersion(models.Model):
    """What is promised, as it was at one time. Never changed: a consult keeps the version it was given."""

    promise = models.ForeignKey(Promise, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    answer_seconds = models.PositiveIntegerField(help_text="Until the answer, in time that counts")
    response_seconds = models.PositiveIntegerField(null=True, help_text="Until a specialist has taken it")
    calendar = models.ForeignKey(
        CalendarVersion, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: every hour counts"
    )
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["promise", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["promise", "number"], name="promise_version_once"),
            models.CheckConstraint(condition=Q(answer_seconds__gte=3600), name="promise_of_an_hour_or_more"),
        ]

    def __str__(self) -> str:
        return f"{self.promise}, version {self.number}"

    @property
    def counting(self) -> Counting:
        """Which time counts."""
        return self.calendar.hours if self.calendar else ELAPSED
