"""Consults: the question, what was said, who had it, and the clock's log."""

import uuid
from collections.abc import Sequence
from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from consults.calendars import ELAPSED, Counting, WorkingHours, shifts_from
from knowledge.models import Document, Revision
from knowledge.words import words_of
from portal.members.models import Facility, Organization, Person, Specialty


class ConsultQuerySet(models.QuerySet["Consult"]):
    def visible_to(self, person: Person) -> "ConsultQuerySet":
        """What this person may read: their own questions; those of their specialties, and those they were asked a
        second opinion on; all, for administrators of the network and auditors. A draft is its author's alone.
        Colleagues of the requester see none."""
        actor = person.actor
        seen = Q(specialty_id__in=actor.specialist_in) | Q(assignee=person)
        if actor.specialist_in:
            seen |= Q(pk__in=SecondOpinion.objects.filter(specialist=person).values("consult"))
        if actor.is_network_administrator or actor.is_auditor:
            seen = Q()
        return self.filter(Q(requester=person) | seen & ~Q(state="draft"))

    def open(self) -> "ConsultQuerySet":
        return self.filter(state__in=Consult.OPEN_STATES)

    def most_urgent_first(self) -> "ConsultQuerySet":
        """By time left; those whose clock stands come last."""
        return self.order_by(models.F("due_at").asc(nulls_last=True), "id")


class Consult(models.Model):
    """One clarifying question from a clinician to the network."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        QUEUED = "queued", "Waiting for a specialist"
        ASSIGNED = "assigned", "With a specialist"
        WAITING = "waiting", "Waiting for the requester"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"
        WITHDRAWN = "withdrawn", "Withdrawn"
        DECLINED = "declined", "Declined"

    OPEN_STATES: Sequence[str] = (State.QUEUED, State.ASSIGNED, State.WAITING)

    class Reason(models.TextChoices):
        DIAGNOSIS = "diagnosis", "Diagnosis or interpreting a result"
        TREATMENT = "treatment", "Choice of treatment"
        DOSING = "dosing", "Dose or medicine safety"
        MONITORING = "monitoring", "Follow-up or monitoring"
        REFERRAL = "referral", "Whether to refer or transfer"
        PROTOCOL = "protocol", "What a protocol means"
        OTHER = "other", "Something else"

    class Urgency(models.TextChoices):
        STANDARD = "standard", "Standard"
        SOON = "soon", "Soon"
        URGENT = "urgent", "Urgent"

    number = models.CharField(max_length=12, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="consults")
    facility = models.ForeignKey(Facility, null=True, on_delete=models.SET_NULL, related_name="+")
    requester = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consults_asked")
    specialty = models.ForeignKey(Specialty, null=True, on_delete=models.PROTECT, related_name="consults")
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)
    urgency = models.CharField(max_length=10, choices=Urgency.choices, default=Urgency.STANDARD)
    question = models.CharField(max_length=300, blank=True)
    summary = models.TextField(blank=True)
    documents = models.ManyToManyField(Document, blank=True, related_name="+", help_text="Already read")
    named_specialist = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    assignee = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="consults_assigned")
    attested_at = models.DateTimeField(null=True, help_text="The author said no identifiers are left, after a warning")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True, help_text="The first answer")
    ended_at = models.DateTimeField(null=True)
    # What the clock's log says, stored beside it so that queues sort and sweeps find without reading logs.
    cycle = models.PositiveSmallIntegerField(default=0)
    promised_seconds = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True, help_text="Empty once stopped, and while paused unless late already")
    response_due_at = models.DateTimeField(null=True, help_text="By when a specialist should have taken it; then empty")
    next_milestone_at = models.DateTimeField(null=True, help_text="When the sweep next has something to record")
    words = models.GeneratedField(
        expression=words_of("question", "summary"), output_field=SearchVectorField(), db_persist=True
    )

    objects = ConsultQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft", submitted_at=None)
                | ~Q(state="draft") & Q(submitted_at__isnull=False, specialty__isnull=False),
                name="consult_submitted_at_pairs",
            ),
            models.CheckConstraint(
                condition=~Q(state="queued") | Q(assignee=None), name="consult_queued_has_no_assignee"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["assigned", "waiting"]) | Q(assignee__isnull=False),
                name="consult_assigned_has_assignee",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["closed", "withdrawn", "declined"], ended_at__isnull=False)
                | ~Q(state__in=["closed", "withdrawn", "declined"]) & Q(ended_at=None),
                name="consult_ended_at_pairs",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_milestone_at"], condition=Q(next_milestone_at__isnull=False), name="consult_sweep"
            ),
            models.Index(
                fields=["specialty", "due_at"],
                condition=Q(state__in=["queued", "assigned", "waiting"]),
                name="consult_queue",
            ),
            models.Index(fields=["requester", "-created_at"], name="consult_requester"),
            models.Index(fields=["assignee", "state"], name="consult_assignee"),
            models.Index(fields=["organization", "-submitted_at"], name="consult_organization"),
            models.Index(fields=["specialty", "-answered_at"], name="consult_answered"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return f"/consults/{self.number}/"


class Message(models.Model):
    """Something said in a consult. Never edited."""

    class Kind(models.TextChoices):
        ASK_BACK = "ask-back", "Question back"
        REPLY = "reply", "Reply"
        ANSWER = "answer", "Answer"
        FOLLOW_UP = "follow-up", "Follow-up"
        NOTE = "note", "Addition"
        OPINION = "opinion", "Second opinion"

    consult = models.ForeignKey(Consult, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    minutes = models.PositiveSmallIntegerField(null=True, help_text="The specialist's own, for an answer")
    created_at = models.DateTimeField(default=timezone.now)
    words = models.GeneratedField(expression=words_of("text"), output_field=SearchVectorField(), db_persist=True)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} in {self.consult_id}"


class Citation(models.Model):
    """A document an answer rests on, at the revision that was current then."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="citations")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="citations")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["message", "document"], name="citation_once")]

    def __str__(self) -> str:
        return str(self.revision)

    def get_absolute_url(self) -> str:
        """What the document said when it was cited."""
        return self.document.revision_address(self.revision.number)


def attachment_path(attachment: "Attachment", name: str) -> str:
    return f"attachments/{attachment.key.hex[:2]}/{attachment.key.hex}"


class Attachment(models.Model):
    """A file of the requester's, kept under a random name and only ever served as a download."""

    consult = models.ForeignKey(Consult, on_delete=models.CASCADE, related_name="attachments")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    file = models.FileField(upload_to=attachment_path)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """Who had the consult, from when to when."""

    consult = models.ForeignKey(Consult, on_delete=models.CASCADE, related_name="assignments")
    specialist = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["started_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["consult"], condition=Q(ended_at=None), name="assignment_one_at_a_time")
        ]

    def __str__(self) -> str:
        return f"{self.consult_id} with {self.specialist_id}"


class ClockEvent(models.Model):
    """One entry of the clock's log. Insert-only for the application's role."""

    class Kind(models.TextChoices):
        START = "start", "Started"
        PAUSE = "pause", "Paused"
        RESUME = "resume", "Resumed"
        RETARGET = "retarget", "Promised anew"
        STOP = "stop", "Stopped"

    consult = models.ForeignKey(Consult, on_delete=models.CASCADE, related_name="clock_events")
    cycle = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField()
    promised_seconds = models.PositiveIntegerField(null=True, help_text="What is promised from here on")
    promise = models.ForeignKey(
        "PromiseVersion", null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: 48 elapsed hours"
    )
    why = models.CharField(max_length=40)

    class Meta:
        ordering = ["cycle", "at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["consult", "cycle", "kind"],
                condition=Q(kind__in=["start", "stop"]),
                name="clock_starts_and_stops_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["start", "retarget"], promised_seconds__isnull=False)
                | ~Q(kind__in=["start", "retarget"]) & Q(promised_seconds=None, promise=None),
                name="clock_start_has_promise",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consult_id} {self.kind} {self.at:%Y-%m-%d %H:%M}"


class Milestone(models.Model):
    """A mark of the clock that was reached, at the moment it was due. Once each, by constraint; insert-only."""

    class Kind(models.TextChoices):
        HALF = "half", "Half of the time used"
        AT_RISK = "at-risk", "85 % of the time used"
        BREACH = "breach", "Late"
        NOT_TAKEN = "not-taken", "Taken by nobody in the promised time"

    consult = models.ForeignKey(Consult, on_delete=models.CASCADE, related_name="milestones")
    cycle = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    due_at = models.DateTimeField(help_text="When the mark was passed")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [models.UniqueConstraint(fields=["consult", "cycle", "kind"], name="milestone_once")]

    def __str__(self) -> str:
        return f"{self.consult_id} {self.kind}"


class TimelineEntry(models.Model):
    """What happened, for both sides to read. Insert-only."""

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", "Sent"
        CLAIMED = "claimed", "Taken by a specialist"
        ASSIGNED = "assigned", "Given to a specialist"
        ASKED_BACK = "asked-back", "Question back; the clock pauses"
        REPLIED = "replied", "Reply; the clock runs on"
        NOTE_ADDED = "note-added", "Addition by the requester"
        FILE_ADDED = "file-added", "File added by the requester"
        ANSWERED = "answered", "Answered"
        FOLLOWED_UP = "followed-up", "Follow-up question; a new clock starts"
        HANDED_OVER = "handed-over", "Handed over"
        RELEASED = "released", "Back in the queue"
        TRANSFERRED = "transferred", "Moved to another specialty; the clock runs on"
        OPINION_ASKED = "asked-second", "Second opinion asked for"
        OPINION = "opinion", "Second opinion given"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"
        CLOSED = "closed", "Closed"
        HALF = "half", "Half of the promised time used"
        AT_RISK = "at-risk", "85 % of the promised time used"
        BREACH = "breach", "Promised time passed"
        NOT_TAKEN = "not-taken", "Nobody took it in the promised time"
        RETARGETED = "retargeted", "Promised anew"

    consult = models.ForeignKey(Consult, on_delete=models.CASCADE, related_name="timeline")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    actor = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "id"]
        verbose_name_plural = "timeline entries"

    def __str__(self) -> str:
        return f"{self.consult_id} {self.kind}"


class CloseOut(models.Model):
    """The requester's seconds-long survey (items after the published eConsult close-out surveys, Ontario)."""

    class Course(models.TextChoices):
        CONFIRMED = "confirmed", "It confirmed what I had in mind"
        NEW = "new", "It gave a new or additional course of action"
        NOT_USEFUL = "not-useful", "It was not useful for this question"

    class Referral(models.TextChoices):
        AVOIDED = "avoided", "A referral was contemplated and is now avoided"
        STILL_NEEDED = "still-needed", "A referral was contemplated and is still needed"
        NEWLY_NEEDED = "newly-needed", "A referral was not contemplated and is now needed"
        NEVER = "never-contemplated", "A referral was not contemplated and is not needed"

    consult = models.OneToOneField(Consult, on_delete=models.CASCADE, related_name="close_out")
    course = models.CharField(max_length=12, choices=Course.choices)
    referral = models.CharField(max_length=20, choices=Referral.choices)
    value = models.PositiveSmallIntegerField(help_text="From 1, minimal, to 5, excellent")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(value__range=(1, 5)), name="close_out_value_1_to_5")]

    def __str__(self) -> str:
        return f"Close-out of {self.consult_id}"


class FaqOfferQuerySet(models.QuerySet["FaqOffer"]):
    def visible_to(self, person: Person) -> "FaqOfferQuerySet":
        """All for editors, with the answer each grew from; nothing for anyone else."""
        return self if person.actor.is_editor else self.none()

    def waiting(self) -> "FaqOfferQuerySet":
        return self.filter(decided_at=None)


class FaqOffer(models.Model):
    """A closed consult offered to the editors, to become an FAQ that names nobody. Decided once."""

    consult = models.OneToOneField(Consult, on_delete=models.CASCADE, related_name="faq_offer")
    offered_at = models.DateTimeField(default=timezone.now)
    document = models.ForeignKey(Document, null=True, on_delete=models.SET_NULL, related_name="+")
    declined_because = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    objects = FaqOfferQuerySet.as_manager()

    class Meta:
        ordering = ["-offered_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None) | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="faq_offer_decided_pairs",
            )
        ]
        indexes = [models.Index(fields=["-offered_at"], condition=Q(decided_at=None), name="faq_offer_waiting")]

    def __str__(self) -> str:
        return f"Offer of {self.consult_id}"

    def get_absolute_url(self) -> str:
        return f"/answers/{self.consult.number}/"


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


class RoutingPolicy(models.Model):
    """How a specialty's questions find their specialist; set by its section lead. Without one: the queue."""

    class Mode(models.TextChoices):
        QUEUE = "queue", "Managed queue: whoever is free takes the most urgent"
        ASSIGN = "assign", "Assigned by least expected lateness, what nobody has room for waits in the queue"

    specialty = models.OneToOneField(Specialty, on_delete=models.CASCADE, related_name="routing")
    mode = models.CharField(max_length=6, choices=Mode.choices, default=Mode.QUEUE)
    direct_allowed = models.BooleanField(default=True, help_text="Whether a question may name its specialist")

    class Meta:
        verbose_name_plural = "routing policies"

    def __str__(self) -> str:
        return f"{self.specialty}: {self.mode}"


class Availability(models.Model):
    """What a specialist says of the work they take. Weekly hours and absences are rows of their own."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="availability")
    cap = models.PositiveSmallIntegerField(null=True, blank=True, help_text="No more open questions than this")
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    tiers = ArrayField(models.CharField(max_length=10), default=list, blank=True, help_text="All, where empty")
    conflicts = models.ManyToManyField(Organization, blank=True, related_name="+")
    feed_digest = models.CharField(max_length=64, blank=True, help_text="Of the calendar feed's secret address")

    class Meta:
        verbose_name_plural = "availabilities"
        constraints = [
            models.CheckConstraint(condition=Q(cap=None) | Q(cap__range=(1, 99)), name="availability_cap_1_to_99"),
            models.UniqueConstraint(
                fields=["feed_digest"], condition=~Q(feed_digest=""), name="availability_feed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Availability of {self.person_id}"


class WeeklyHours(models.Model):
    """A part of a weekday, in the person's own time zone, in which they answer. Split shifts are several."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField(help_text="Monday is 0")
    start = models.TimeField()
    end = models.TimeField()

    class Meta:
        ordering = ["weekday", "start"]
        verbose_name_plural = "weekly hours"
        constraints = [
            models.UniqueConstraint(fields=["person", "weekday", "start"], name="weekly_hours_once"),
            models.CheckConstraint(
                condition=Q(weekday__lte=6) & (Q(end__gt=models.F("start")) | Q(end="00:00")),
                name="weekly_hours_in_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.weekday}, {self.start:%H:%M} to {self.end:%H:%M}"


class OnCallDay(models.Model):
    """Who is on call for a specialty on a day of the network's own time zone, and who stands in for them."""

    specialty = models.ForeignKey(Specialty, on_delete=models.CASCADE, related_name="on_call_days")
    day = models.DateField()
    primary = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="on_call_days")
    backup = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="backup_days")

    class Meta:
        ordering = ["day", "specialty"]
        constraints = [
            models.UniqueConstraint(fields=["specialty", "day"], name="on_call_day_once"),
            models.CheckConstraint(
                condition=Q(backup=None) | ~Q(backup=models.F("primary")), name="on_call_backup_is_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.specialty_id} on {self.day}: {self.primary_id}"


class SecondOpinion(models.Model):
    """A colleague asked into the thread of a consult: they read it, and answer in it beside whoever has it."""

    consult = models.ForeignKey(Consult, on_delete=models.CASCADE, related_name="opinions")
    specialist = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="opinions")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True, help_text="When they first answered")

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [models.UniqueConstraint(fields=["consult", "specialist"], name="second_opinion_once")]

    def __str__(self) -> str:
        return f"{self.specialist_id} in {self.consult_id}"


class LearnedSpecialty(models.Model):
    """What past routing says of a specialty: how often it was the right one, and what a word unknown to it weighs."""

    specialty = models.OneToOneField(Specialty, on_delete=models.CASCADE, related_name="learned")
    consults = models.PositiveIntegerField()
    prior = models.FloatField(help_text="Logarithm of its share")
    unseen = models.FloatField(help_text="Logarithm of the share of a word it has not seen")
    trained_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "learned specialties"

    def __str__(self) -> str:
        return f"{self.specialty_id} from {self.consults}"


class LearnedWord(models.Model):
    """What a word weighs for a specialty. No word from fewer than eleven consults, and no text of any."""

    specialty = models.ForeignKey(LearnedSpecialty, on_delete=models.CASCADE, related_name="words")
    word = models.CharField(max_length=40)
    shown = models.CharField(max_length=40, help_text="As it is most often written")
    weight = models.FloatField(help_text="Logarithm of its share of the specialty's words")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["specialty", "word"], name="learned_word_once")]
        indexes = [models.Index(fields=["word"], name="learned_word")]

    def __str__(self) -> str:
        return f"{self.word} for {self.specialty_id}"
