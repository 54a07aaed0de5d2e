"""Many people invited at once from a list, and people who ask to join by their organization's address."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from portal.members.models import Facility, Invitation, Organization, Person, Role, Specialty


class RosterQuerySet(models.QuerySet["Roster"]):
    def visible_to(self, person: Person) -> "RosterQuerySet":
        """Those of organizations whose people ``person`` manages."""
        if person.actor.is_network_administrator:
            return self
        return self.filter(organization__in=person.actor.administrator_of)


class Roster(models.Model):
    """A list of people to invite: checked as a whole, then sent."""

    class State(models.TextChoices):
        CHECKING = "checking", "Being checked"
        CHECKED = "checked", "Checked, nothing sent"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="rosters")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    text = models.TextField(help_text="As it came, decoded; emptied once it is sent")
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHECKING)
    problem = models.CharField(max_length=500, blank=True, help_text="What is wrong with the list as a whole")
    total = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0, help_text="Lines checked, or invitations sent, so far")
    ended_at = models.DateTimeField(null=True)
    objects = RosterQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state__in=["checking", "sending"]), name="roster_waiting")
        ]

    def __str__(self) -> str:
        return f"list {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("roster", args=[self.organization.slug, self.pk])

    @property
    def good(self) -> int:
        return self.total - self.bad


class RosterLine(models.Model):
    """One line of a list, with what is wrong with it."""

    roster = models.ForeignKey(Roster, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField(help_text="In the file, from 1")
    email = models.CharField(max_length=254, blank=True)
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=30, blank=True)
    facility = models.ForeignKey(Facility, null=True, on_delete=models.SET_NULL, related_name="+")
    own_specialty = models.ForeignKey(Specialty, null=True, on_delete=models.PROTECT, related_name="+")
    npi = models.CharField(max_length=10, blank=True)
    problems = models.JSONField(default=list, help_text="Rows of column, value and what to do")
    is_bad = models.BooleanField(default=False)
    invitation = models.ForeignKey(Invitation, null=True, on_delete=models.SET_NULL, related_name="+")
    dealt_with_at = models.DateTimeField(null=True)
    why_not = models.CharField(max_length=300, blank=True, help_text="Why it could not be sent in the end")

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["roster", "line"], name="roster_line_once")]
        indexes = [models.Index(fields=["roster", "is_bad", "line"], name="roster_line_bad")]

    def __str__(self) -> str:
        return f"line {self.line}"

    @property
    def role_words(self) -> str:
        return dict(Role.Name.choices).get(self.role, self.role)


class JoinRequestQuerySet(models.QuerySet["JoinRequest"]):
    def visible_to(self, person: Person) -> "JoinRequestQuerySet":
        """Those to organizations whose people ``person`` manages, once the address is proven."""
        rows = self.exclude(proven_at=None)
        if person.actor.is_network_administrator:
            return rows
        return rows.filter(organization__in=person.actor.administrator_of)

    def waiting(self) -> "JoinRequestQuerySet":
        return self.filter(proven_at__isnull=False, decided_at=None)


class JoinRequest(models.Model):
    """Somebody with an address in an organization's domain who asks to come in. Nothing follows until it is decided."""

    LIVES: ClassVar[int] = 3
    """So many days the link that proves the address works."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="join_requests")
    email = models.EmailField()
    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    proven_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    invitation = models.ForeignKey(Invitation, null=True, on_delete=models.SET_NULL, related_name="+")
    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=models.Q(proven_at__isnull=False, decided_at=None),
                name="join_request_waits_once",
            )
        ]

    def __str__(self) -> str:
        return f"join request {self.pk}"

    def is_open(self, now: datetime) -> bool:
        return self.proven_at is None and self.decided_at is None and self.expires_at > now
