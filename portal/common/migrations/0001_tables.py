"""The tables of what every app shares."""

import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.common.tables import AtOnce


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("common", "0001_initial"),
        ("common", "0003_location_of_idempotent_answers"),
        ("common", "0004_mail_headers"),
        ("common", "0005_mail_calendar"),
        ("common", "0007_exports"),
    ]
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        AtOnce(
            migrations.CreateModel(
                name="Heartbeat",
                fields=[
                    ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                    ("at", models.DateTimeField()),
                ],
            ),
            migrations.CreateModel(
                name="AuditEvent",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                    ("actor_id", models.BigIntegerField(db_index=True, null=True)),
                    (
                        "actor",
                        models.CharField(
                            help_text="E-mail address at the time, or the command that acted", max_length=254
                        ),
                    ),
                    ("action", models.CharField(max_length=60)),
                    ("object_type", models.CharField(max_length=40)),
                    ("object_id", models.CharField(max_length=60)),
                    ("organization_id", models.BigIntegerField(db_index=True, null=True)),
                    ("detail", models.JSONField(default=dict)),
                    (
                        "address",
                        models.GenericIPAddressField(
                            help_text="Of the client; empty for tasks and commands", null=True
                        ),
                    ),
                    ("request_id", models.CharField(blank=True, max_length=64)),
                    ("for_id", models.BigIntegerField(help_text="On whose behalf", null=True)),
                    (
                        "for_person",
                        models.CharField(blank=True, help_text="Their e-mail address at the time", max_length=254),
                    ),
                    (
                        "of_organizations",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.BigIntegerField(),
                            blank=True,
                            default=list,
                            help_text="Those the actor (or on whose behalf it was) belonged to at the time",
                            size=None,
                        ),
                    ),
                    (
                        "sequence",
                        models.BigIntegerField(
                            help_text="Its place in the chain; empty until sealed", null=True, unique=True
                        ),
                    ),
                    ("previous", models.CharField(blank=True, help_text="Digest of the event before", max_length=64)),
                    (
                        "digest",
                        models.CharField(
                            blank=True, help_text="HMAC-SHA256 over ``previous`` and the event", max_length=64
                        ),
                    ),
                ],
                options={
                    "ordering": ["-at", "-id"],
                    "indexes": [
                        models.Index(fields=["object_type", "object_id"], name="audit_object"),
                        models.Index(fields=["action", "at"], name="audit_action"),
                        models.Index(
                            condition=models.Q(("sequence__isnull", True)), fields=["id"], name="audit_unsealed"
                        ),
                        django.contrib.postgres.indexes.GinIndex(
                            fields=["of_organizations"], name="audit_of_organizations"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Mail",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("key", models.CharField(max_length=160, unique=True)),
                    ("to", models.EmailField(max_length=254)),
                    ("subject", models.CharField(max_length=200)),
                    ("body", models.TextField(help_text="Emptied once sent")),
                    ("headers", models.JSONField(blank=True, default=dict, help_text="Sent besides the usual ones")),
                    (
                        "calendar",
                        models.TextField(blank=True, help_text="An invitation (.ics) to attach. Emptied once sent"),
                    ),
                    ("message_id", models.UUIDField(default=uuid.uuid4, editable=False)),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "next_try_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, help_text="Due, or the end of the lease"
                        ),
                    ),
                    ("attempts", models.PositiveIntegerField(default=0)),
                    ("last_error", models.CharField(blank=True, max_length=200)),
                    ("sent_at", models.DateTimeField(null=True)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            condition=models.Q(("sent_at__isnull", True)), fields=["next_try_at"], name="mail_unsent"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="IdempotentRequest",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "person",
                        models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL),
                    ),
                    ("key", models.CharField(max_length=200)),
                    ("fingerprint", models.CharField(help_text="SHA-256 of method, path and body", max_length=64)),
                    (
                        "status",
                        models.PositiveSmallIntegerField(
                            help_text="Empty while the first request is running", null=True
                        ),
                    ),
                    ("body", models.JSONField(null=True)),
                    ("location", models.CharField(blank=True, max_length=200)),
                    ("created_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("person", "key"), name="idempotency_key_once")],
                },
            ),
            migrations.CreateModel(
                name="Notice",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="notices",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("kind", models.CharField(max_length=40)),
                    (
                        "text",
                        models.CharField(help_text="No clinical text: number, event, what is asked", max_length=300),
                    ),
                    ("path", models.CharField(max_length=200)),
                    ("key", models.CharField(max_length=120)),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("read_at", models.DateTimeField(null=True)),
                ],
                options={
                    "ordering": ["-created_at", "-id"],
                    "indexes": [models.Index(fields=["person", "read_at"], name="notice_unread")],
                    "constraints": [models.UniqueConstraint(fields=("person", "key"), name="notice_told_once")],
                },
            ),
            migrations.CreateModel(
                name="AuditCheckpoint",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("sequence", models.BigIntegerField(db_index=True)),
                    ("digest", models.CharField(max_length=64)),
                    (
                        "is_cut",
                        models.BooleanField(
                            default=False, help_text="Events up to this one may have been deleted, by policy"
                        ),
                    ),
                    ("signature", models.CharField(max_length=64)),
                ],
                options={
                    "ordering": ["-sequence", "-id"],
                },
            ),
            migrations.CreateModel(
                name="Export",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="exports",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("kind", models.CharField(help_text="As registered with portal.common.exports", max_length=40)),
                    (
                        "format",
                        models.CharField(
                            choices=[("csv", "CSV"), ("json", "JSON"), ("jsonl", "JSON Lines")], max_length=5
                        ),
                    ),
                    ("asked", models.JSONField(default=dict, help_text="What it is narrowed to, as the kind reads it")),
                    ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "powers",
                        models.JSONField(
                            default=list, help_text="What the person was when asking, then when it was made"
                        ),
                    ),
                    ("tries", models.PositiveSmallIntegerField(default=0)),
                    ("leased_until", models.DateTimeField(help_text="Until then it is in a worker's hands", null=True)),
                    ("done", models.PositiveIntegerField(default=0, help_text="Rows written so far")),
                    ("total", models.PositiveIntegerField(null=True)),
                    (
                        "is_cut_short",
                        models.BooleanField(default=False, help_text="There were more rows than one file holds"),
                    ),
                    ("done_at", models.DateTimeField(null=True)),
                    ("failed_at", models.DateTimeField(null=True)),
                    ("why_failed", models.CharField(blank=True, max_length=200)),
                    ("expires_at", models.DateTimeField(null=True)),
                    ("file", models.FileField(blank=True, max_length=200, upload_to="exports")),
                ],
                options={
                    "ordering": ["-asked_at", "-id"],
                    "indexes": [
                        models.Index(
                            condition=models.Q(("done_at", None), ("failed_at", None)),
                            fields=["tries", "id"],
                            name="export_waiting",
                        ),
                        models.Index(fields=["person", "-asked_at"], name="export_person"),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("done_at", None), ("failed_at", None), _connector="OR"),
                            name="export_made_or_failed",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("done_at", None), ("expires_at", None)),
                                models.Q(("done_at__isnull", False), ("expires_at__isnull", False)),
                                _connector="OR",
                            ),
                            name="export_made_expires",
                        ),
                    ],
                },
            ),
        )
    ]
