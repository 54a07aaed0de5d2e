"""Calls: somebody asks to be called back, or dialled; who calls, what happened, and the signed note."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from consults.languages import name_of
from consults.models.consults import Consult
from portal.members.models import Organization, Person, Specialty


class CallPolicy(models.Model):
    """What a section promises of its phone; set by its lead. Without one: a call within 30 minutes, no number."""

    specialty = models.OneToOneField(Specialty, on_delete=models.CASCADE, related_name="phone")
    minutes = models.PositiveSmallIntegerField(default=30, help_text="From the request, or from the window's start")
    dial = models.CharField(max_length=30, blank=True, help_text="The number of whoever is on call, to dial oneself")

    class Meta:
        verbose_name_plural = "call policies"
        constraints = [models.CheckConstraint(condition=Q(minutes__range=(10, 60)), name="call_promise_10_to_60")]

    def __str__(self) -> str:
        return f"{self.specialty}: {self.minutes} min"


class CallQuerySet(models.QuerySet["Call"]):
    def visible_to(self, person: Person) -> "CallQuerySet":
        """One's own; those of one's specialties; all, for administrators of the network and auditors."""
        actor = person.actor
        if actor.is_network_administrator or actor.is_auditor:
            return self
        return self.filter(Q(requester=person) | Q(specialty_id__in=actor.specialist_in))

    def open(self) -> "CallQuerySet":
        return self.filter(state__in=Call.OPEN_STATES)


class Call(models.Model):
    """One call between a clinician and the network. It stays open until its note is signed, or a reason given."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a call"
        TAKEN = "taken", "Taken: needs its note"
        NOTED = "noted", "Noted"
        CANCELLED = "cancelled", "Cancelled"

    OPEN_STATES = (State.WAITING, State.TAKEN)

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    requester = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="calls_asked")
    specialty = models.ForeignKey(Specialty, on_delete=models.PROTECT, related_name="+")
    consult = models.ForeignKey(Consult, null=True, on_delete=models.PROTECT, related_name="calls")
    topic = models.CharField(max_length=200)
    language = models.CharField(
        max_length=8, blank=True, default="", db_default="", help_text="In which to call; empty is any"
    )
    number = models.CharField(max_length=30, blank=True, help_text="Empty where they dialled, and once it is over")
    windows = models.JSONField(default=list, help_text="Pairs of moments; empty is as soon as possible")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    assignee = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="calls_assigned")
    promised_minutes = models.PositiveSmallIntegerField()
    requested_at = models.DateTimeField()
    round = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="How often it waits for another try")
    again_at = models.DateTimeField(null=True, help_text="When it is tried again: from then the promise counts anew")
    starts_at = models.DateTimeField(help_text="From when the promise counts")
    due_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    next_mark_at = models.DateTimeField(null=True, help_text="When the sweep next has something to record")

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["noted", "cancelled"], ended_at__isnull=False, number="", next_mark_at=None)
                | Q(state__in=["waiting", "taken"], ended_at=None),
                name="call_ends_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="taken") | Q(assignee__isnull=False, taken_at__isnull=False),
                name="call_taken_by_someone",
            ),
        ]
        indexes = [
            models.Index(fields=["next_mark_at"], condition=Q(next_mark_at__isnull=False), name="call_sweep"),
            models.Index(fields=["specialty", "state", "due_at"], name="call_waiting"),
            models.Index(fields=["requester", "-requested_at"], name="call_requester"),
        ]

    def __str__(self) -> str:
        return f"Call {self.pk}"

    def get_absolute_url(self) -> str:
        return f"/calls/{self.pk}/"

    @property
    def language_name(self) -> str:
        return name_of(self.language)

    @property
    def spans(self) -> list[tuple[datetime, datetime]]:
        """The windows as moments."""
        return [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in self.windows]


class CallEvent(models.Model):
    """What happened to a call, at the moment it did. Insert-only for the application's role."""

    class Kind(models.TextChoices):
        REQUESTED = "requested", "Asked for"
        DIALLED = "dialled", "They dialled themselves"
        BEGUN = "begun", "The clock started"
        PASSED = "passed", "Offered to the backup"
        MISSED = "missed", "The promised time passed"
        TAKEN = "taken", "Taken"
        TRIED = "tried", "No answer"
        AGAIN = "again", "Waits to be tried again"
        OVERDUE = "note-due", "The note is missing"
        NOTED = "noted", "Note signed"
        ADDED = "added", "Addendum signed"
        CANCELLED = "cancelled", "Cancelled"

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    round = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="Of the call, when it happened")
    at = models.DateTimeField()
    actor = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    detail = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["call", "kind", "round"], condition=~Q(kind__in=["tried", "added"]), name="call_event_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.kind}"


class CallNote(models.Model):
    """The signed note of a call, or an addendum to it. Insert-only for the application's role: nobody changes it."""

    class Outcome(models.TextChoices):
        ADVISED = "advised", "Advice given"
        SEND_IN = "send-in", "Advised to refer or transfer"
        IN_WRITING = "in-writing", "To be continued in writing"
        NOT_REACHED = "not-reached", "Not reached after trying"
        NOT_NEEDED = "not-needed", "No longer needed"

    SPOKEN = (Outcome.ADVISED, Outcome.SEND_IN, Outcome.IN_WRITING)

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="notes")
    is_addendum = models.BooleanField(default=False)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    asked = models.TextField(blank=True)
    advised = models.TextField(help_text="Or what happened, where nobody spoke")
    minutes = models.PositiveSmallIntegerField(null=True, help_text="The specialist's own, on the phone and writing")
    signed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    signed_as = models.CharField(max_length=120, help_text="Their name as it was")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["signed_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["call"], condition=Q(is_addendum=False), name="call_note_once"),
            models.CheckConstraint(
                condition=Q(is_addendum=True, outcome="")
                | Q(is_addendum=False, outcome__in=["not-reached", "not-needed"])
                | Q(is_addendum=False, outcome__in=["advised", "send-in", "in-writing"], minutes__gte=1) & ~Q(asked=""),
                name="call_note_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"Note of call {self.call_id}"
