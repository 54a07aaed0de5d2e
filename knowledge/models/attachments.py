"""Pictures and PDFs of documents."""

import uuid

from django.db import models
from django.utils import timezone

from knowledge.models.documents import Document
from portal.members.models import Person


def attachment_path(attachment: "DocumentAttachment", name: str) -> str:
    """Where the file lies: nothing a user chose is in the path."""
    return f"documents/{attachment.key}"


class DocumentAttachment(models.Model):
    """A file of a document. What a name stands for never changes, so that frozen revisions keep their pictures."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="attachments")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100, help_text="As the text names it, after attachment:")
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True, help_text="Of a picture, in pixels")
    height = models.PositiveIntegerField(null=True)
    file = models.FileField(upload_to=attachment_path)
    added_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["document", "name"], name="document_attachment_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def markdown(self) -> str:
        """What shows it, or links to it, in a text."""
        words = self.name.rpartition(".")[0].replace("-", " ").replace("_", " ")
        return f"{'!' if self.is_picture else ''}[{words}](attachment:{self.name})"
