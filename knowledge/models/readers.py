"""What one reader does with documents: reads, follows and annotates them for themselves."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from knowledge.models.documents import Document, Revision
from portal.members.models import Person, Specialty


class ReadingQuerySet(models.QuerySet["Reading"]):
    """Who read what, as the reader sees it."""

    def listed(self, person: Person) -> "ReadingQuerySet":
        """A person's own list: what they have not cleared, of documents they may still read."""
        documents = Document.objects.visible_to(person).exclude(current_revision=None)
        return self.filter(person=person, cleared_at=None, document__in=documents)


class Reading(models.Model):
    """The last time one person read one document, and which revision it was."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="readings")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="readings")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    cleared_at = models.DateTimeField(null=True, help_text="Taken out of the person's own list; they are still told")
    objects = ReadingQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["person", "document"], name="reading_once")]
        indexes = [models.Index(fields=["person", "-at"], name="reading_recent")]

    def __str__(self) -> str:
        return f"{self.person} read {self.document}"


class Follow(models.Model):
    """A person is told when this document, or any document of this specialty, is published or retired."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="follows")
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.CASCADE, related_name="follows")
    specialty = models.ForeignKey(Specialty, null=True, blank=True, on_delete=models.CASCADE, related_name="follows")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "document"], name="follow_document_once"),
            models.UniqueConstraint(fields=["person", "specialty"], name="follow_specialty_once"),
            models.CheckConstraint(
                condition=Q(document__isnull=True) ^ Q(specialty__isnull=True), name="follow_one_thing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} follows {self.document or self.specialty}"


class Note(models.Model):
    """What a person wrote beside a document for themselves alone."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="document_notes")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField()
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-changed_at"]
        constraints = [models.UniqueConstraint(fields=["person", "document"], name="note_once")]

    def __str__(self) -> str:
        return f"Note {self.pk}"
