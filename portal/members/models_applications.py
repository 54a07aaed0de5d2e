"""Organizations that apply to join the network, what was checked and noted about them, and the history of each
membership. Of an application nobody knows but administrators of the network, and whoever holds its link.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from portal.members.models import Invitation, Organization, Person
from portal.members.models_places import Address


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, person: Person) -> "ApplicationQuerySet":
        """Those whose contact's address is proven, for administrators of the network."""
        return self.exclude(confirmed_at=None) if person.actor.is_network_administrator else self.none()


class Application(Address):
    """An organization that wants to join. Nothing about a patient is asked."""

    class Kind(models.TextChoices):
        HEALTH_SYSTEM = "health-system", "Health system"
        HOSPITAL = "hospital", "Hospital"
        REHABILITATION = "rehabilitation", "Rehabilitation hospital"
        PRACTICE_GROUP = "practice-group", "Practice group"
        CLINIC = "clinic", "Clinic"
        HOME_CARE = "home-care", "Home-care agency"
        RESIDENTIAL = "residential", "Congregate living facility"
        OTHER = "other", "Something else"

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", "Address not confirmed"
        WAITING = "waiting", "Waiting for the network"
        ASKED = "asked", "Waiting for the applicant"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"

    UNDECIDED: ClassVar[tuple[State, ...]] = (State.WAITING, State.ASKED)

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="In its signed link")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    contact_name = models.CharField(max_length=120)
    contact_email = models.EmailField()
    clinicians = models.PositiveIntegerField()
    hopes = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.UNCONFIRMED)
    applied_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=1000, blank=True, help_text="Why it was declined; the applicant reads it")
    organization = models.OneToOneField(
        Organization, null=True, on_delete=models.PROTECT, related_name="application", help_text="Once accepted"
    )
    invitation = models.ForeignKey(Invitation, null=True, on_delete=models.SET_NULL, related_name="+")
    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["-confirmed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="unconfirmed", confirmed_at=None)
                | models.Q(state__in=["waiting", "asked", "accepted", "declined"], confirmed_at__isnull=False),
                name="application_confirmed_before_it_counts",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["accepted", "declined"], decided_at__isnull=False)
                | models.Q(state__in=["unconfirmed", "waiting", "asked"], decided_at=None),
                name="application_decided_has_its_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state="accepted", organization__isnull=False)
                | ~models.Q(state="accepted") & models.Q(organization=None),
                name="application_accepted_is_an_organization",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="declined") | ~models.Q(reason=""), name="application_declined_with_a_reason"
            ),
        ]
        indexes = [models.Index(fields=["state", "-confirmed_at"], name="application_state")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("application", args=[self.pk])


class ApplicationCheck(models.Model):
    """One tick on the checklist, or its taking back; the newest of an item holds. Never changed."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="checks")
    item = models.SlugField(max_length=60, help_text="As in checklist.yaml")
    is_done = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.item} of {self.application_id}"


class ApplicationNote(models.Model):
    """What was noted, asked of the applicant, or answered by them. Never changed."""

    class Kind(models.TextChoices):
        NOTE = "note", "Note"
        ASKED = "asked", "Asked the applicant"
        ANSWERED = "answered", "The applicant answered"

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text="None: the applicant"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="answered", by=None) | ~models.Q(kind="answered") & models.Q(by__isnull=False),
                name="application_note_has_its_writer",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.application_id}"


class MembershipQuerySet(models.QuerySet["MembershipPeriod"]):
    def visible_to(self, person: Person) -> "MembershipQuerySet":
        """All for network administrators; their own organization's for who administers it."""
        if person.actor.is_network_administrator:
            return self
        return self.filter(organization__in=person.actor.administrator_of)


class MembershipPeriod(models.Model):
    """A stretch of an organization's history. Only its end is ever written later."""

    class State(models.TextChoices):
        APPLIED = "applied", "Applied"
        JOINING = "joining", "Joining"
        ACTIVE = "active", "Active"
        ENDED = "ended", "Ended"

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="periods")
    state = models.CharField(max_length=10, choices=State.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=1000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text="None: the site"
    )
    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=models.Q(ends_at=None), name="membership_one_period_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at=None) | models.Q(ends_at__gte=models.F("starts_at")),
                name="membership_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=~models.Q(why=""), name="membership_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.state} of {self.organization_id}"
