"""Case conferences: who is invited, which consults are on the agenda, and the signed conclusion on each."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils import timezone

from consults.models.consults import Consult, Message
from portal.members.models import Person, Specialty, validate_time_zone


class ConferenceQuerySet(models.QuerySet["Conference"]):
    def visible_to(self, person: Person) -> "ConferenceQuerySet":
        """Those of the specialties one answers for, and those one is invited to; all for administrators of the network
        and auditors; none for anyone else. Which questions of the agenda one reads, ``Consult`` says."""
        actor = person.actor
        if actor.is_network_administrator or actor.is_auditor:
            return self
        if not actor.specialist_in:
            return self.none()
        invited = ConferenceInvitation.objects.filter(person=person, removed_at=None).values("conference")
        return self.filter(Q(specialty__in=actor.specialist_in) | Q(pk__in=invited))

    def upcoming(self, now: datetime) -> "ConferenceQuerySet":
        """Those that have not ended, the next one first."""
        return self.filter(ends_at__gt=now).order_by("starts_at", "pk")

    def past(self, now: datetime) -> "ConferenceQuerySet":
        """Those that have ended, the latest first."""
        return self.filter(ends_at__lte=now).order_by("-starts_at", "-pk")


class Conference(models.Model):
    """A board of specialists at a set time. Title and place name no patient: they go out with invitations."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="The same in every invitation")
    specialty = models.ForeignKey(Specialty, on_delete=models.PROTECT, related_name="conferences")
    title = models.CharField(max_length=120)
    chair = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="conferences_chaired")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    zone = models.CharField(max_length=60, validators=[validate_time_zone])
    place = models.CharField(max_length=200, help_text="A room, or the address of a call")
    sequence = models.PositiveIntegerField(default=0, help_text="Of the invitation: one more with each change")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True)
    objects = ConferenceQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="conference_ends_later")
        ]
        indexes = [models.Index(fields=["starts_at"], name="conference_start")]

    def __str__(self) -> str:
        return f"Conference {self.pk}"

    def get_absolute_url(self) -> str:
        return f"/conferences/{self.pk}/"

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at

    @property
    def minutes(self) -> int:
        return int(self.length.total_seconds() // 60)

    @property
    def local_start(self) -> datetime:
        """Its beginning in its own time zone."""
        return self.starts_at.astimezone(ZoneInfo(self.zone))


class ConferenceInvitation(models.Model):
    """Somebody invited, and what they answered. Kept when taken back: an invitation that went out is withdrawn."""

    class Answer(models.TextChoices):
        YES = "yes", "Yes"
        MAYBE = "maybe", "Maybe"
        NO = "no", "No"

    conference = models.ForeignKey(Conference, on_delete=models.CASCADE, related_name="invitations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="conference_invitations")
    invited_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=5, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True)
    attended = models.BooleanField(null=True, help_text="As the chair recorded it")

    class Meta:
        ordering = ["person__name", "id"]
        constraints = [models.UniqueConstraint(fields=["conference", "person"], name="conference_invitation_once")]

    def __str__(self) -> str:
        return f"{self.person_id} to {self.conference_id}"


class AgendaItem(models.Model):
    """A consult on the agenda of a conference, with the minutes set aside for it."""

    conference = models.ForeignKey(Conference, on_delete=models.CASCADE, related_name="agenda")
    consult = models.ForeignKey(Consult, on_delete=models.CASCADE, related_name="agenda_items")
    position = models.PositiveSmallIntegerField()
    minutes = models.PositiveSmallIntegerField()
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["conference", "consult"], name="agenda_consult_once"),
            models.CheckConstraint(condition=Q(minutes__range=(1, 240)), name="agenda_minutes_1_to_240"),
        ]

    def __str__(self) -> str:
        return f"{self.consult_id} at {self.conference_id}"


class Conclusion(models.Model):
    """What a conference concluded on one consult, as its chair signed it, or an addendum to that. Never changed.

    The text is the message in the consult's thread; the database refuses to change or delete either.
    """

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="conclusions")
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="conclusion")
    is_addendum = models.BooleanField(default=False)
    signed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    signed_name = models.CharField(max_length=120, help_text="As the name was when it was signed")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["signed_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["item"], condition=Q(is_addendum=False), name="conclusion_once"),
        ]

    def __str__(self) -> str:
        return f"Conclusion on {self.item_id}"


class ConferencePolicy(models.Model):
    """Who calls a specialty's conferences: its section lead, or any of its specialists where the lead says so."""

    specialty = models.OneToOneField(Specialty, on_delete=models.CASCADE, related_name="conference_policy")
    specialists_schedule = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "conference policies"

    def __str__(self) -> str:
        return f"Conferences of {self.specialty_id}"
