"""What makes answering quick: pieces of text kept for another time, and answers half written."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from consults.models.consults import Consult
from portal.members.models import Person, Specialty


class PieceQuerySet(models.QuerySet["Piece"]):
    def visible_to(self, person: Person) -> "PieceQuerySet":
        """One's own, and those of the sections one answers for. No role sees another person's."""
        specialties = person.actor.specialist_in
        return self.filter(Q(owner=person) | Q(specialty_id__in=specialties)) if specialties else self.none()


class Piece(models.Model):
    """A saved piece of an answer: a specialist's own, or a section's, kept by its lead. Of no patient's."""

    owner = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="pieces")
    specialty = models.ForeignKey(Specialty, null=True, on_delete=models.CASCADE, related_name="pieces")
    title = models.CharField(max_length=80, help_text="What it is found by")
    text = models.TextField()
    changed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    objects = PieceQuerySet.as_manager()

    class Meta:
        ordering = ["title", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner=None, specialty__isnull=False) | Q(owner__isnull=False, specialty=None),
                name="piece_of_one_or_of_a_section",
            ),
            models.UniqueConstraint("owner", Lower("title"), name="piece_title_once_mine"),
            models.UniqueConstraint("specialty", Lower("title"), name="piece_title_once_section"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/pieces/{self.pk}/"


class AnswerDraftQuerySet(models.QuerySet["AnswerDraft"]):
    def visible_to(self, person: Person) -> "AnswerDraftQuerySet":
        """One's own alone, of consults one may still see: nobody reads what a colleague has not sent."""
        return self.filter(author=person, consult__in=Consult.objects.visible_to(person))


class AnswerDraft(models.Model):
    """An answer half written, or a question back or a second opinion. Kept at every pause in typing, its author's
    alone; gone once it is sent, or the consult has ended."""

    class Kind(models.TextChoices):
        ANSWER = "answer", "Answer"
        ASK = "ask", "Question back to the requester"
        OPINION = "opinion", "Second opinion"

    consult = models.ForeignKey(Consult, on_delete=models.CASCADE, related_name="answer_drafts")
    author = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.ANSWER, db_default="answer")
    text = models.TextField(blank=True)
    documents = ArrayField(models.CharField(max_length=200), default=list, blank=True, help_text="Their slugs")
    minutes = models.PositiveSmallIntegerField(null=True)
    saved_at = models.DateTimeField()

    objects = AnswerDraftQuerySet.as_manager()

    class Meta:
        ordering = ["-saved_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["consult", "author", "kind"], name="answer_draft_once")]

    def __str__(self) -> str:
        return f"Answer to {self.consult_id} by {self.author_id}"
