"""Whether a document answered its readers, and what they said to its editors."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from knowledge.models.documents import Document, Revision
from portal.members.models import Person


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    """Answers of readers, by who may see them."""

    def visible_to(self, person: Person) -> "FeedbackQuerySet":
        """All for editors, who reply; else the person's own. Nobody is shown them by organization."""
        if not person.can_sign_in:
            return self.none()
        return self if person.actor.is_editor else self.filter(person=person)

    def with_comment(self) -> "FeedbackQuerySet":
        return self.exclude(comment="")

    def open(self) -> "FeedbackQuerySet":
        """Comments that wait for a reply."""
        return self.with_comment().filter(answered_at=None)


class Feedback(models.Model):
    """One reader's answer to “Was this answered?” for one revision. They may change it; the last one counts."""

    class Answer(models.TextChoices):
        YES = "yes", "Yes"
        PARTLY = "partly", "Partly"
        NO = "no", "No"

    class Reason(models.TextChoices):
        OUT_OF_DATE = "out-of-date", "It is out of date"
        UNCLEAR = "unclear", "It is unclear"
        MISSING_CASE = "missing-case", "My case is missing"
        WRONG = "wrong", "Something is wrong"
        HARD_TO_FIND = "hard-to-find", "It was hard to find"
        OTHER = "other", "Something else"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="feedback")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="feedback")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="feedback")
    answer = models.CharField(max_length=6, choices=Answer.choices)
    reason = models.CharField(max_length=15, choices=Reason.choices, blank=True)
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, help_text="When the comment, as it stands, was replied to")
    objects = FeedbackQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-pk"]
        verbose_name_plural = "feedback"
        constraints = [
            models.UniqueConstraint(fields=["person", "document", "revision"], name="feedback_once"),
            models.CheckConstraint(
                condition=Q(answer="yes", reason="") | ~Q(answer="yes") & ~Q(reason=""), name="feedback_reason_pairs"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | ~Q(comment=""), name="feedback_answered_has_comment"
            ),
        ]
        indexes = [
            models.Index(
                fields=["changed_at"], condition=Q(answered_at=None) & ~Q(comment=""), name="feedback_waiting"
            ),
            models.Index(fields=["document", "answer"], name="feedback_of_document"),
        ]

    def __str__(self) -> str:
        return f"{self.get_answer_display()} on {self.document}"

    def get_absolute_url(self) -> str:
        """Where an editor replies."""
        return f"/comments/{self.pk}/"


class FeedbackReply(models.Model):
    """What an editor wrote back, with the comment as it was then. Kept when the reader's comment changes."""

    feedback = models.ForeignKey(Feedback, on_delete=models.CASCADE, related_name="replies")
    comment = models.TextField()
    text = models.TextField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name_plural = "feedback replies"

    def __str__(self) -> str:
        return f"Reply {self.pk} by {self.by}"
