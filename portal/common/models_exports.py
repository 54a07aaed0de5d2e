"""A file that somebody asked for, of any kind there is: made in the background, for one person and one day."""

import uuid
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Somebody(Protocol):
    pk: int


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, person: Somebody) -> "ExportQuerySet":
        """Only one's own, whoever one is."""
        return self.filter(person_id=person.pk)

    def waiting(self) -> "ExportQuerySet":
        """Those neither made nor given up."""
        return self.filter(done_at=None, failed_at=None)


class Export(models.Model):
    """What was asked for, how far it is, and where the file lies."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        JSON = "json", "JSON"
        LINES = "jsonl", "JSON Lines"

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports")
    kind = models.CharField(max_length=40, help_text="As registered with portal.common.exports")
    format = models.CharField(max_length=5, choices=Format.choices)
    asked = models.JSONField(default=dict, help_text="What it is narrowed to, as the kind reads it")
    asked_at = models.DateTimeField(default=timezone.now)
    powers = models.JSONField(default=list, help_text="What the person was when asking, then when it was made")
    tries = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, help_text="Until then it is in a worker's hands")
    done = models.PositiveIntegerField(default=0, help_text="Rows written so far")
    total = models.PositiveIntegerField(null=True)
    is_cut_short = models.BooleanField(default=False, help_text="There were more rows than one file holds")
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    why_failed = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField(null=True)
    file = models.FileField(upload_to="exports", max_length=200, blank=True)
    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["tries", "id"], condition=Q(done_at=None, failed_at=None), name="export_waiting"),
            models.Index(fields=["person", "-asked_at"], name="export_person"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(done_at=None) | Q(failed_at=None), name="export_made_or_failed"),
            models.CheckConstraint(
                condition=Q(done_at=None, expires_at=None) | Q(done_at__isnull=False, expires_at__isnull=False),
                name="export_made_expires",
            ),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"

    @property
    def is_waiting(self) -> bool:
        return self.done_at is None and self.failed_at is None

    def state(self, now: datetime) -> str:
        """``waiting``, ``made`` while the file is there, ``gone`` after its day, ``failed``."""
        if self.is_waiting:
            return "waiting"
        if self.done_at is None or self.expires_at is None:
            return "failed"
        return "made" if self.file and self.expires_at > now else "gone"
