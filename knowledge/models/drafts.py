"""What is kept while a draft is being written; all of it goes when the draft is sent to review or published."""

from django.db import models
from django.utils import timezone

from knowledge.models.documents import Revision
from portal.members.models import Person


class DraftSave(models.Model):
    """What a draft said at one edition, as it was typed: what someone else may have begun from."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="saves")
    edition = models.PositiveIntegerField()
    content = models.JSONField()
    tab = models.CharField(max_length=40, blank=True, help_text="The open page it came from")
    sent = models.JSONField(null=True, help_text="What that page held, where the save merged it with others' changes")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["edition"]
        constraints = [models.UniqueConstraint(fields=["revision", "edition"], name="draft_save_once")]

    def __str__(self) -> str:
        return f"{self.revision_id}, edition {self.edition}"


class DraftDesk(models.Model):
    """One person at one draft: when they were last there, and what they typed that waits for a choice."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="desks")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)
    saved_at = models.DateTimeField(null=True)
    aside = models.JSONField(null=True, help_text="Typed where someone else had changed the same; not in the draft yet")
    aside_edition = models.IntegerField(null=True, help_text="The edition it was begun from")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["revision", "person"], name="draft_desk_once")]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.revision_id}"
