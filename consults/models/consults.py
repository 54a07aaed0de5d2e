"""A question to the network, what was said of it, and who had it."""

import uuid
from collections.abc import Sequence

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from consults.languages import name_of
from consults.models.people import OnBehalf, Watcher
from knowledge.models import Document, Revision
from knowledge.words import words_of
from portal.members.models import Facility, Organization, Person, Specialty


def address_of(number: str) -> str:
    """The page of the consult of this number."""
    return f"/consults/{number}/"


class ConsultQuerySet(models.QuerySet["Consult"]):
    def visible_to(self, person: Person) -> "ConsultQuerySet":
        """What this person may read: their own questions, without drafts that reading ended; those of their
        specialties, those they were asked a second opinion on, and those on the agenda of a case conference they are
        invited to; all, for administrators of the network and auditors. A draft is its author's alone. Colleagues of
        the requester see those they follow, or that were written for them."""
        actor = person.actor
        seen = Q(specialty_id__in=actor.specialist_in) | Q(assignee=person)
        if actor.specialist_in:
            seen |= Q(pk__in=SecondOpinion.objects.filter(specialist=person).values("consult"))
            seen |= Q(pk__in=self.model.objects.on_agendas_of(person).values("pk"))
        if actor.is_network_administrator or actor.is_auditor:
            seen = Q()
        if actor.clinician_in and seen:
            beside = Q(pk__in=Watcher.objects.filter(person=person).values("consult"))
            beside |= Q(pk__in=OnBehalf.objects.filter(colleague=person).values("consult"))
            seen |= Q(organization_id__in=actor.clinician_in) & beside
        return self.filter(Q(requester=person, set_aside_at=None) | seen & ~Q(state="draft"))

    def on_agendas_of(self, person: Person) -> "ConsultQuerySet":
        """On the agenda of a case conference the person is invited to, as long as they are and it is not cancelled."""
        return self.filter(
            agenda_items__conference__cancelled_at=None,
            agenda_items__conference__invitations__person=person,
            agenda_items__conference__invitations__removed_at=None,
        )

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
        LAPSED = "lapsed", "Closed without a reply"

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
    language = models.CharField(
        max_length=8, blank=True, default="", db_default="", help_text="In which the answer is wanted; empty is any"
    )
    question = models.CharField(max_length=300, blank=True)
    summary = models.TextField(blank=True)
    tried = models.TextField(blank=True, default="", db_default="", help_text="What was read or tried already")
    results = models.TextField(blank=True, default="", db_default="", help_text="Relevant results")
    medicines = models.TextField(blank=True, default="", db_default="", help_text="Medicines and allergies")
    gate = models.ForeignKey(
        "GateVersion",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="What it met when it was sent; empty: what the network asks",
    )
    set_aside_at = models.DateTimeField(null=True, help_text="When reading a document ended the draft")
    read_instead = models.ForeignKey(
        "ReadInstead", null=True, on_delete=models.SET_NULL, related_name="+", help_text="Its count, to take it back"
    )
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
                condition=Q(set_aside_at=None, read_instead=None) | Q(state="draft", set_aside_at__isnull=False),
                name="consult_set_aside_is_draft",
            ),
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
                condition=Q(state__in=["closed", "withdrawn", "declined", "lapsed"], ended_at__isnull=False)
                | ~Q(state__in=["closed", "withdrawn", "declined", "lapsed"]) & Q(ended_at=None),
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
        return address_of(self.number)

    @property
    def language_name(self) -> str:
        return name_of(self.language)


class Message(models.Model):
    """Something said in a consult. Never edited, but for its minutes, by a MinutesMend."""

    class Kind(models.TextChoices):
        ASK_BACK = "ask-back", "Question back"
        REPLY = "reply", "Reply"
        ANSWER = "answer", "Answer"
        FOLLOW_UP = "follow-up", "Follow-up"
        NOTE = "note", "Addition"
        OPINION = "opinion", "Second opinion"
        CALL = "call", "Note of a call"
        CONCLUSION = "conclusion", "Conclusion of a case conference"
        ADDENDUM = "addendum", "Addendum to a conclusion"

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
    comment = models.CharField(max_length=500, blank=True, help_text="For whoever answered")
    seconds = models.PositiveSmallIntegerField(null=True, help_text="From the first answer ticked to sending")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(value__range=(1, 5)), name="close_out_value_1_to_5")]

    def __str__(self) -> str:
        return f"Close-out of {self.consult_id}"
