"""What every feature stands on: the audit trail, notices, the mail outbox, heartbeats, idempotent requests."""

import uuid
from typing import Protocol

from django.conf import settings
from django.db import models
from django.utils import timezone


class Roles(Protocol):
    @property
    def is_auditor(self) -> bool: ...


class Reader(Protocol):
    """A person, as far as reading the audit trail is concerned."""

    @property
    def actor(self) -> Roles: ...


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def visible_to(self, person: Reader) -> "AuditEventQuerySet":
        """All for auditors, nothing for anyone else."""
        return self if person.actor.is_auditor else self.none()


class AuditEvent(models.Model):
    """Who did or read what, when. Insert-only for the application's role; holds no clinical text.

    It has no foreign keys, so that it never hinders and never follows a change of live data.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    actor = models.CharField(max_length=254, help_text="E-mail address at the time, or the command that acted")
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=60)
    organization_id = models.BigIntegerField(null=True, db_index=True)
    detail = models.JSONField(default=dict)
    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.object_type} {self.object_id}"


class Notice(models.Model):
    """One thing told to one person inside the site. ``key`` makes telling it twice impossible."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    text = models.CharField(max_length=300, help_text="No clinical text: number, event, what is asked")
    path = models.CharField(max_length=200)
    key = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="notice_told_once")]
        indexes = [models.Index(fields=["person", "read_at"], name="notice_unread")]

    def __str__(self) -> str:
        return self.text


class Mail(models.Model):
    """One message on its way out, written in the transaction of the change it tells of.

    The sender claims it with a lease, commits, sends it with a stable Message-ID and marks it sent: none is lost,
    and a duplicate (same Message-ID) is possible only when the sender dies between the two.
    """

    key = models.CharField(max_length=160, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField(help_text="Emptied once sent")
    headers = models.JSONField(default=dict, blank=True, help_text="Sent besides the usual ones")
    calendar = models.TextField(blank=True, help_text="An invitation (.ics) to attach. Emptied once sent")
    message_id = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(default=timezone.now, help_text="Due, or the end of the lease")
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["next_try_at"], condition=models.Q(sent_at__isnull=True), name="mail_unsent")]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"


class Heartbeat(models.Model):
    """When a recurring duty last ran; readiness is judged by its age."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"


class IdempotentRequest(models.Model):
    """The answer given to a REST write that carried an Idempotency-Key; kept for a day."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body")
    status = models.PositiveSmallIntegerField(null=True, help_text="Empty while the first request is running")
    body = models.JSONField(null=True)
    location = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key
