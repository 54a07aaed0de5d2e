"""What every feature stands on: the audit trail, notices, the mail outbox, heartbeats, idempotent requests."""

import uuid
from typing import Protocol

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone


class Roles(Protocol):
    @property
    def is_auditor(self) -> bool: ...

    @property
    def administrator_of(self) -> frozenset[int]: ...


class Reader(Protocol):
    """A person, as far as reading the audit trail is concerned."""

    @property
    def actor(self) -> Roles: ...


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def visible_to(self, person: Reader) -> "AuditEventQuerySet":
        """All for auditors; what concerns an organization or was done by its people, for its administrators.

        What one of its people did for another organization they belong to is that other organization's.
        """
        if person.actor.is_auditor:
            return self
        mine = sorted(person.actor.administrator_of)
        if not mine:
            return self.none()
        theirs = models.Q(organization_id=None, of_organizations__overlap=mine)
        return self.filter(models.Q(organization_id__in=mine) | theirs)

    def unsealed(self) -> "AuditEventQuerySet":
        return self.filter(sequence=None)


class AuditEvent(models.Model):
    """Who did or read what, when, from where, on whose behalf. Holds no clinical text.

    Insert-only for the application's role, but for ``sequence``, ``previous`` and ``digest``, which are filled in once,
    by the task that seals (see portal.common.sealing). It has no foreign keys, so that it never hinders and never
    follows a change of live data.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    actor = models.CharField(max_length=254, help_text="E-mail address at the time, or the command that acted")
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=60)
    organization_id = models.BigIntegerField(null=True, db_index=True)
    detail = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True, help_text="Of the client; empty for tasks and commands")
    request_id = models.CharField(max_length=64, blank=True)
    for_id = models.BigIntegerField(null=True, help_text="On whose behalf")
    for_person = models.CharField(max_length=254, blank=True, help_text="Their e-mail address at the time")
    of_organizations = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        help_text="Those the actor (or on whose behalf it was) belonged to at the time",
    )
    sequence = models.BigIntegerField(null=True, unique=True, help_text="Its place in the chain; empty until sealed")
    previous = models.CharField(max_length=64, blank=True, help_text="Digest of the event before")
    digest = models.CharField(max_length=64, blank=True, help_text="HMAC-SHA256 over ``previous`` and the event")
    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="audit_object"),
            models.Index(fields=["action", "at"], name="audit_action"),
            models.Index(fields=["id"], condition=models.Q(sequence__isnull=True), name="audit_unsealed"),
            GinIndex(fields=["of_organizations"], name="audit_of_organizations"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.object_type} {self.object_id}"


class AuditCheckpoint(models.Model):
    """A signed note that the chain of audit events stood at ``sequence`` with ``digest``.

    Written every night, so that a trail cut short at its end is noticed; and, as a cut, before old events go, so that
    what stays still has its beginning. Insert-only.
    """

    made_at = models.DateTimeField(default=timezone.now)
    sequence = models.BigIntegerField(db_index=True)
    digest = models.CharField(max_length=64)
    is_cut = models.BooleanField(default=False, help_text="Events up to this one may have been deleted, by policy")
    signature = models.CharField(max_length=64)

    class Meta:
        ordering = ["-sequence", "-id"]

    def __str__(self) -> str:
        return f"{self.sequence}:{self.digest}"


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


# Django looks for models here.
from portal.common.models_exports import Export as Export  # noqa: E402
