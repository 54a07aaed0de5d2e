"""The clock's log and its marks, and what happened for both sides to read."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from consults.models.consults import Consult
from portal.members.models import Person


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
    ladder = models.ForeignKey(
        "LadderVersion", null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the standard one"
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
                | ~Q(kind__in=["start", "retarget"]) & Q(promised_seconds=None, promise=None, ladder=None),
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
        TO_ASSIGNEE = "to-assignee", "Whoever has it is told"
        TO_BACKUP = "to-backup", "The backup on call is told"
        TO_LEAD = "to-lead", "The section lead is told"
        TO_DIRECTOR = "to-director", "The medical director is told"
        REMIND_1 = "remind-1", "The requester is reminded"
        REMIND_2 = "remind-2", "The requester is reminded again"
        CLOSING = "closing", "The requester is told that it will close"

    consult = models.ForeignKey(Consult, on_delete=models.CASCADE, related_name="milestones")
    cycle = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=11, choices=Kind.choices)
    part = models.PositiveSmallIntegerField(default=0, help_text="Which pause a reminder belongs to, from 1")
    due_at = models.DateTimeField(help_text="When the mark was passed")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [models.UniqueConstraint(fields=["consult", "cycle", "kind", "part"], name="milestone_once")]

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
        CALL = "call", "A call was noted"
        BOARD = "board", "On the agenda of a case conference; the clock runs on"
        BOARD_MOVED = "board-moved", "The case conference has another time"
        BOARD_LEFT = "board-left", "No longer on the agenda of a case conference"
        CONCLUDED = "concluded", "Conclusion of a case conference"
        ATTESTED = "attested", "Said to identify nobody"
        CONSENTED = "consented", "Consent of the patient noted"
        TO_BACKUP = "to-backup", "The backup on call was told"
        TO_LEAD = "to-lead", "The section lead was told"
        TO_DIRECTOR = "to-director", "The network's medical director was told"
        REMINDED = "reminded", "The requester was reminded"
        CLOSING = "closing", "The requester was told that it will close without a reply"
        LAPSED = "lapsed", "Closed, as no reply came; a reply opens it again"
        REOPENED = "reopened", "Reply; open again, with a new clock"

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
