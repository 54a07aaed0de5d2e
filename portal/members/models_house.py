"""Whom to reach at an organization, and what it has signed."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from portal.members.models import Organization


class Contact(models.Model):
    """Somebody at an organization, for one kind of matter. They need not sign in."""

    class Kind(models.TextChoices):
        MAIN = "main", "First contact"
        CLINICAL = "clinical", "Clinical"
        BILLING = "billing", "Billing"
        IT = "it", "IT"
        SIGNING = "signing", "Signs for the organization"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=120)
    email = models.EmailField()
    phone = models.CharField(max_length=30, blank=True)

    class Meta:
        ordering = ["kind", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind", "email"], name="contact_once_for_a_kind")
        ]

    def __str__(self) -> str:
        return self.name


def signed_path(document: "SignedDocument", name: str) -> str:
    """Where the file lies; nothing of its own name."""
    return f"signed/{uuid.uuid4().hex}"


class SignedDocument(models.Model):
    """A signed paper, as PDF, under a random name. Never changed; the network takes a wrong one away, which stays on
    record without the file.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="signed_documents")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=120)
    signed_on = models.DateField()
    signed_by = models.CharField(max_length=200, help_text="Names, as on the paper")
    name = models.CharField(max_length=120, help_text="Of the file")
    size = models.PositiveIntegerField()
    file = models.FileField(upload_to=signed_path)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-signed_on", "-id"]

    def __str__(self) -> str:
        return self.title
