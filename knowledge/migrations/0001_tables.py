"""The tables of documents and their editorial life."""

import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import knowledge.models.attachments
from portal.common.tables import AtOnce


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("knowledge", "0001_initial"),
        ("knowledge", "0002_frozen_revisions"),
        ("knowledge", "0003_search_and_drawings"),
        ("knowledge", "0004_following_and_notes"),
        ("knowledge", "0005_editorial_life"),
        ("knowledge", "0007_origin"),
        ("knowledge", "0012_search_log"),
        ("knowledge", "0014_feedback"),
        ("knowledge", "0015_lists"),
        ("knowledge", "0016_digest"),
        ("knowledge", "0017_education"),
        ("knowledge", "0030_recall_and_freshness"),
        ("knowledge", "0041_attachments"),
    ]
    dependencies = [
        ("members", "0002_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        AtOnce(
            migrations.CreateModel(
                name="Document",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "slug",
                        models.CharField(
                            help_text="Identifier in addresses and in imports", max_length=100, unique=True
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("protocol", "Protocol"),
                                ("topic", "Topic"),
                                ("faq", "FAQ"),
                                ("tool", "Tool"),
                                ("handout", "Patient handout"),
                                ("notice", "Notice"),
                            ],
                            max_length=10,
                        ),
                    ),
                    (
                        "tool_type",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("calculator", "Calculator"),
                                ("order-set", "Order set"),
                                ("checklist", "Checklist"),
                            ],
                            max_length=10,
                        ),
                    ),
                    (
                        "current_revision",
                        models.OneToOneField(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="knowledge.revision",
                        ),
                    ),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "changed_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, help_text="Last publication or retirement"
                        ),
                    ),
                    ("retired_at", models.DateTimeField(blank=True, null=True)),
                    (
                        "retired_because",
                        models.CharField(blank=True, help_text="Why, in a sentence for the reader", max_length=300),
                    ),
                    (
                        "owner",
                        models.ForeignKey(
                            blank=True,
                            help_text="Keeps it current: told before something falls due",
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="owned_documents",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "origin",
                        models.CharField(
                            blank=True,
                            help_text="Page of this site that it grew from; editors alone are shown it",
                            max_length=200,
                        ),
                    ),
                    (
                        "withdraw_after_days",
                        models.PositiveSmallIntegerField(
                            blank=True,
                            help_text="Retired by itself when overdue by so many days; empty: never",
                            null=True,
                        ),
                    ),
                    (
                        "version",
                        models.PositiveIntegerField(default=0, help_text="Raised at each publication or retirement"),
                    ),
                    (
                        "specialties",
                        models.ManyToManyField(blank=True, related_name="documents", to="members.specialty"),
                    ),
                ],
                options={
                    "ordering": ["slug"],
                    "indexes": [models.Index(fields=["-changed_at"], name="document_changed")],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("kind", "tool"), models.Q(("tool_type", ""), _negated=True)),
                                models.Q(models.Q(("kind", "tool"), _negated=True), ("tool_type", "")),
                                _connector="OR",
                            ),
                            name="document_tool_type_pairs",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Revision",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="revisions",
                            to="knowledge.document",
                        ),
                    ),
                    ("number", models.PositiveIntegerField()),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("draft", "Draft"),
                                ("in-review", "In review"),
                                ("returned", "Changes asked for"),
                                ("approved", "Approved"),
                                ("scheduled", "Scheduled"),
                                ("published", "Published"),
                                ("superseded", "Superseded"),
                                ("retired", "Retired"),
                            ],
                            default="draft",
                            max_length=10,
                        ),
                    ),
                    ("title", models.CharField(max_length=300)),
                    ("summary", models.TextField(blank=True)),
                    ("body", models.TextField(help_text="Markdown")),
                    (
                        "keywords",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=120), blank=True, default=list, size=None
                        ),
                    ),
                    (
                        "codes",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=10),
                            blank=True,
                            default=list,
                            help_text="ICD-10-CM",
                            size=None,
                        ),
                    ),
                    ("source", models.CharField(blank=True, max_length=300)),
                    (
                        "calculator",
                        models.JSONField(blank=True, help_text="Items and bands of an additive score", null=True),
                    ),
                    ("review_due", models.DateField(blank=True, null=True)),
                    (
                        "content_hash",
                        models.CharField(help_text="SHA-256 of everything an import can change", max_length=64),
                    ),
                    (
                        "author",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="revisions",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "based_on",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="knowledge.revision",
                        ),
                    ),
                    (
                        "specialty_slugs",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=50),
                            blank=True,
                            default=list,
                            help_text="What the document's become at publication",
                            size=None,
                        ),
                    ),
                    ("edition", models.PositiveIntegerField(default=0, help_text="Raised at each save of the draft")),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "changed_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("submitted_at", models.DateTimeField(null=True)),
                    (
                        "submitted_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "approvals_needed",
                        models.PositiveSmallIntegerField(default=0, help_text="Set when submitted, by the kind"),
                    ),
                    ("scheduled_for", models.DateTimeField(help_text="When it is published by itself", null=True)),
                    (
                        "scheduled_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("published_at", models.DateTimeField(null=True)),
                    (
                        "published_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "contributors",
                        models.ManyToManyField(
                            blank=True,
                            help_text="Everyone besides the author who changed the draft",
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "ordering": ["-number"],
                    "indexes": [
                        django.contrib.postgres.indexes.GinIndex(fields=["codes"], name="revision_codes"),
                        models.Index(
                            condition=models.Q(("state", "scheduled")),
                            fields=["scheduled_for"],
                            name="revision_scheduled",
                        ),
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("document", "number"), name="revision_number_once"),
                        models.UniqueConstraint(
                            condition=models.Q(("state", "published")),
                            fields=("document",),
                            name="revision_one_published",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("state__in", ["draft", "in-review", "approved", "scheduled"])),
                            fields=("document",),
                            name="revision_one_open",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("published_at__isnull", False),
                                    ("state__in", ["published", "superseded", "retired"]),
                                ),
                                models.Q(
                                    ("published_at", None),
                                    ("state__in", ["draft", "in-review", "returned", "approved", "scheduled"]),
                                ),
                                _connector="OR",
                            ),
                            name="revision_published_at_pairs",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("scheduled_for__isnull", False), ("state", "scheduled")),
                                models.Q(
                                    ("state__in", ["draft", "in-review", "returned", "approved", "scheduled"]),
                                    _negated=True,
                                ),
                                models.Q(models.Q(("state", "scheduled"), _negated=True), ("scheduled_for", None)),
                                _connector="OR",
                            ),
                            name="revision_scheduled_for_pairs",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Reference",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "revision",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="references",
                            to="knowledge.revision",
                        ),
                    ),
                    ("position", models.PositiveSmallIntegerField()),
                    ("citation", models.TextField()),
                    ("year", models.PositiveSmallIntegerField(null=True)),
                    ("identifier", models.CharField(blank=True, help_text="doi:…, pmid:… or nice:…", max_length=120)),
                    ("url", models.URLField(blank=True, max_length=300)),
                ],
                options={
                    "ordering": ["position"],
                },
            ),
            migrations.CreateModel(
                name="Recommendation",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "revision",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="recommendations",
                            to="knowledge.revision",
                        ),
                    ),
                    ("position", models.PositiveSmallIntegerField()),
                    ("key", models.SlugField(help_text="Stays the same from revision to revision", max_length=80)),
                    ("text", models.TextField()),
                    (
                        "strength",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("strong", "Strong"),
                                ("conditional", "Conditional"),
                                ("good-practice", "Good practice"),
                            ],
                            help_text="Empty: not graded",
                            max_length=15,
                        ),
                    ),
                    (
                        "grade",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("high", "High certainty"),
                                ("moderate", "Moderate certainty"),
                                ("low", "Low certainty"),
                                ("very-low", "Very low certainty"),
                            ],
                            max_length=10,
                        ),
                    ),
                    ("evidence", models.TextField(blank=True, help_text="What it rests on, in a sentence or two")),
                    ("verified_on", models.DateField(null=True)),
                    ("verified_by", models.CharField(blank=True, max_length=120)),
                    ("due_on", models.DateField(null=True)),
                ],
                options={
                    "ordering": ["position"],
                    "constraints": [
                        models.UniqueConstraint(fields=("revision", "key"), name="recommendation_key_once"),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("due_on", None),
                                ("verified_on", None),
                                ("due_on__gte", models.F("verified_on")),
                                _connector="OR",
                            ),
                            name="recommendation_due_after_verified",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Reading",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="readings",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="readings",
                            to="knowledge.document",
                        ),
                    ),
                    (
                        "revision",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="+", to="knowledge.revision"
                        ),
                    ),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "cleared_at",
                        models.DateTimeField(
                            help_text="Taken out of the person's own list; they are still told", null=True
                        ),
                    ),
                ],
                options={
                    "ordering": ["-at"],
                    "indexes": [models.Index(fields=["person", "-at"], name="reading_recent")],
                    "constraints": [models.UniqueConstraint(fields=("person", "document"), name="reading_once")],
                },
            ),
            migrations.CreateModel(
                name="FlowDrawing",
                fields=[
                    ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                    ("svg", models.TextField()),
                    ("drawn_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
            ),
            migrations.CreateModel(
                name="Follow",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="follows",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="follows",
                            to="knowledge.document",
                        ),
                    ),
                    (
                        "specialty",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="follows",
                            to="members.specialty",
                        ),
                    ),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["-created_at", "-id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("person", "document"), name="follow_document_once"),
                        models.UniqueConstraint(fields=("person", "specialty"), name="follow_specialty_once"),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("document__isnull", True), ("specialty__isnull", True), _connector="XOR"
                            ),
                            name="follow_one_thing",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Note",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="document_notes",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="knowledge.document"
                        ),
                    ),
                    ("text", models.TextField()),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["-changed_at"],
                    "constraints": [models.UniqueConstraint(fields=("person", "document"), name="note_once")],
                },
            ),
            migrations.CreateModel(
                name="Acknowledgement",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "revision",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="acknowledgements",
                            to="knowledge.revision",
                        ),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="acknowledgements",
                            to="knowledge.document",
                        ),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="acknowledgements",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "why",
                        models.CharField(
                            choices=[
                                ("read", "Read the document in the last year"),
                                ("follows", "Follows it"),
                                ("answer", "Received an answer citing it"),
                            ],
                            max_length=10,
                        ),
                    ),
                    ("told_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("reminded_at", models.DateTimeField(blank=True, null=True)),
                    ("reminders", models.PositiveSmallIntegerField(default=0)),
                    ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                    (
                        "superseded_at",
                        models.DateTimeField(
                            blank=True,
                            help_text="When a newer change of practice took its place, unconfirmed",
                            null=True,
                        ),
                    ),
                ],
                options={
                    "ordering": ["-told_at", "-id"],
                    "indexes": [
                        models.Index(
                            condition=models.Q(("acknowledged_at", None), ("superseded_at", None)),
                            fields=["person"],
                            name="acknowledgement_open",
                        )
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("revision", "person"), name="acknowledgement_once"),
                        models.CheckConstraint(
                            condition=models.Q(("acknowledged_at", None), ("superseded_at", None), _connector="OR"),
                            name="acknowledgement_one_end",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="DeclaredChange",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "revision",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="declared_changes",
                            to="knowledge.revision",
                        ),
                    ),
                    (
                        "key",
                        models.SlugField(
                            help_text="The recommendation's key; one that was removed has its old one", max_length=80
                        ),
                    ),
                    (
                        "significance",
                        models.CharField(
                            choices=[
                                ("editorial", "Editorial: the meaning is the same"),
                                ("minor", "Minor: nobody needs to act differently"),
                                ("practice", "Changes practice"),
                            ],
                            max_length=10,
                        ),
                    ),
                    (
                        "sentence",
                        models.CharField(blank=True, help_text="What is different, for the reader", max_length=400),
                    ),
                    (
                        "declared_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("declared_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("revision", "key"), name="declared_change_once"),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("significance", "practice"), _negated=True),
                                models.Q(("sentence", ""), _negated=True),
                                _connector="OR",
                            ),
                            name="declared_change_has_a_sentence",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Remark",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "revision",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="remarks", to="knowledge.revision"
                        ),
                    ),
                    (
                        "parent",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="replies",
                            to="knowledge.remark",
                        ),
                    ),
                    (
                        "place",
                        models.CharField(
                            blank=True,
                            help_text="title, summary, body, or recommendation: and its key; empty: the whole",
                            max_length=100,
                        ),
                    ),
                    ("quote", models.TextField(blank=True, help_text="The words spoken of, as they stand there")),
                    ("text", models.TextField()),
                    (
                        "author",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("resolved_at", models.DateTimeField(blank=True, null=True)),
                    (
                        "resolved_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "ordering": ["id"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("resolved_at", None), ("resolved_by", None)),
                                models.Q(("resolved_at__isnull", False), ("resolved_by__isnull", False)),
                                _connector="OR",
                            ),
                            name="remark_resolved_pairs",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Review",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "revision",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="reviews", to="knowledge.revision"
                        ),
                    ),
                    (
                        "reviewer",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="reviews",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "deputy",
                        models.ForeignKey(
                            blank=True,
                            help_text="Decides while away",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "asked_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("due_on", models.DateField()),
                    (
                        "decision",
                        models.CharField(
                            blank=True,
                            choices=[("approved", "Approved"), ("changes", "Changes asked for")],
                            help_text="Empty: still waited for",
                            max_length=10,
                        ),
                    ),
                    ("reason", models.TextField(blank=True)),
                    (
                        "decided_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("decided_at", models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    "ordering": ["due_on", "id"],
                    "indexes": [
                        models.Index(condition=models.Q(("decision", "")), fields=["due_on"], name="review_waiting")
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("revision", "reviewer"), name="review_once"),
                        models.UniqueConstraint(fields=("revision", "decided_by"), name="review_one_decision_each"),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("decided_at", None), ("decided_by", None), ("decision", "")),
                                models.Q(
                                    models.Q(("decision", ""), _negated=True),
                                    ("decided_at__isnull", False),
                                    ("decided_by__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="review_decided_pairs",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("decision", "changes"), _negated=True),
                                models.Q(("reason", ""), _negated=True),
                                _connector="OR",
                            ),
                            name="review_changes_have_a_reason",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("deputy", None),
                                models.Q(("deputy", models.F("reviewer")), _negated=True),
                                _connector="OR",
                            ),
                            name="review_deputy_is_another",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Verification",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "recommendation",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="verifications",
                            to="knowledge.recommendation",
                        ),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("verified_on", models.DateField()),
                    ("due_on", models.DateField(null=True)),
                    ("remark", models.CharField(blank=True, help_text="What was looked at", max_length=400)),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["-at", "-id"],
                },
            ),
            migrations.CreateModel(
                name="SearchEntry",
                fields=[
                    (
                        "document",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            primary_key=True,
                            related_name="+",
                            serialize=False,
                            to="knowledge.document",
                        ),
                    ),
                    (
                        "words",
                        django.contrib.postgres.search.SearchVectorField(
                            help_text="Stems: A title and key words, B summary and recommendations, C places, D text"
                        ),
                    ),
                    (
                        "surface",
                        django.contrib.postgres.search.SearchVectorField(help_text="Whole words, for the dictionary"),
                    ),
                    (
                        "codes",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=10),
                            help_text="ICD-10-CM, with the codes above them",
                            size=None,
                        ),
                    ),
                ],
                options={
                    "indexes": [
                        django.contrib.postgres.indexes.GinIndex(fields=["words"], name="search_entry_words"),
                        django.contrib.postgres.indexes.GinIndex(fields=["codes"], name="search_entry_codes"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SearchWord",
                fields=[
                    ("word", models.CharField(max_length=80, primary_key=True, serialize=False)),
                    ("stem", models.CharField(db_index=True, max_length=80)),
                    ("documents", models.PositiveIntegerField()),
                ],
            ),
            migrations.CreateModel(
                name="SearchLog",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                    ("query", models.CharField(help_text="As typed, identifiers masked", max_length=200)),
                    (
                        "words",
                        models.CharField(
                            help_text="In small letters, without signs: what figures group by", max_length=200
                        ),
                    ),
                    ("count", models.PositiveIntegerField(help_text="Documents found")),
                    ("corrected", models.BooleanField(default=False)),
                    ("degraded", models.BooleanField(default=False)),
                    (
                        "person",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="members.organization",
                        ),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            help_text="Opened",
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="knowledge.document",
                        ),
                    ),
                    ("position", models.PositiveSmallIntegerField(help_text="Where it stood, from 1", null=True)),
                    ("clicked_at", models.DateTimeField(null=True)),
                ],
                options={
                    "ordering": ["-at"],
                    "indexes": [models.Index(fields=["person", "-at"], name="search_log_person")],
                },
            ),
            migrations.CreateModel(
                name="Overlay",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="overlays",
                            to="members.organization",
                        ),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="overlays",
                            to="knowledge.document",
                        ),
                    ),
                    (
                        "revision",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="+", to="knowledge.revision"
                        ),
                    ),
                    (
                        "place",
                        models.CharField(
                            choices=[
                                ("summary", "Summary"),
                                ("recommendation", "Recommendation"),
                                ("flow", "Decision flow"),
                                ("text", "Text"),
                            ],
                            max_length=15,
                        ),
                    ),
                    ("key", models.CharField(blank=True, help_text="The recommendation's own", max_length=80)),
                    ("number", models.PositiveIntegerField(help_text="Which passage of the revision it was")),
                    ("quote", models.TextField(help_text="The passage's words")),
                    ("quote_hash", models.CharField(help_text="SHA-256 of the quote", max_length=64)),
                    ("text", models.TextField(help_text="What the organization says; a little Markdown")),
                    (
                        "author",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="overlays",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "changed_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("version", models.PositiveIntegerField(default=1, help_text="Raised at each change by a person")),
                    (
                        "flagged_at",
                        models.DateTimeField(help_text="Since when the passage says something else", null=True),
                    ),
                ],
                options={
                    "ordering": ["document", "number", "pk"],
                    "indexes": [models.Index(fields=["organization", "document"], name="overlay_beside")],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("place", "recommendation"), models.Q(("key", ""), _negated=True)),
                                models.Q(models.Q(("place", "recommendation"), _negated=True), ("key", "")),
                                _connector="OR",
                            ),
                            name="overlay_key_pairs",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("text", ""), _negated=True), models.Q(("quote", ""), _negated=True)
                            ),
                            name="overlay_says_something",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Feedback",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="feedback",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="feedback",
                            to="knowledge.document",
                        ),
                    ),
                    (
                        "revision",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="feedback",
                            to="knowledge.revision",
                        ),
                    ),
                    (
                        "answer",
                        models.CharField(choices=[("yes", "Yes"), ("partly", "Partly"), ("no", "No")], max_length=6),
                    ),
                    (
                        "reason",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("out-of-date", "It is out of date"),
                                ("unclear", "It is unclear"),
                                ("missing-case", "My case is missing"),
                                ("wrong", "Something is wrong"),
                                ("hard-to-find", "It was hard to find"),
                                ("other", "Something else"),
                            ],
                            max_length=15,
                        ),
                    ),
                    ("comment", models.TextField(blank=True)),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "answered_at",
                        models.DateTimeField(help_text="When the comment, as it stands, was replied to", null=True),
                    ),
                ],
                options={
                    "verbose_name_plural": "feedback",
                    "ordering": ["-changed_at", "-pk"],
                    "indexes": [
                        models.Index(
                            condition=models.Q(("answered_at", None), models.Q(("comment", ""), _negated=True)),
                            fields=["changed_at"],
                            name="feedback_waiting",
                        ),
                        models.Index(fields=["document", "answer"], name="feedback_of_document"),
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("person", "document", "revision"), name="feedback_once"),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("answer", "yes"), ("reason", "")),
                                models.Q(
                                    models.Q(("answer", "yes"), _negated=True), models.Q(("reason", ""), _negated=True)
                                ),
                                _connector="OR",
                            ),
                            name="feedback_reason_pairs",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("answered_at", None), models.Q(("comment", ""), _negated=True), _connector="OR"
                            ),
                            name="feedback_answered_has_comment",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="FeedbackReply",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "feedback",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="replies", to="knowledge.feedback"
                        ),
                    ),
                    ("comment", models.TextField()),
                    ("text", models.TextField()),
                    (
                        "by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "verbose_name_plural": "feedback replies",
                    "ordering": ["at", "pk"],
                },
            ),
            migrations.CreateModel(
                name="ReadingList",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="reading_lists",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("name", models.CharField(max_length=80)),
                    ("is_default", models.BooleanField(default=False)),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["-is_default", django.db.models.functions.text.Lower("name"), "id"],
                    "constraints": [
                        models.UniqueConstraint(
                            models.F("person"),
                            django.db.models.functions.text.Lower("name"),
                            name="reading_list_name_once",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("is_default", True)),
                            fields=("person",),
                            name="reading_list_one_default",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ListEntry",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "reading_list",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="entries",
                            to="knowledge.readinglist",
                        ),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="list_entries",
                            to="knowledge.document",
                        ),
                    ),
                    ("place", models.IntegerField()),
                    ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["place", "id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("reading_list", "document"), name="list_entry_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="DigestChoice",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "person",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="digest_choice",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "frequency",
                        models.CharField(
                            choices=[("weekly", "Weekly, on Monday morning"), ("off", "Off")],
                            default="weekly",
                            max_length=6,
                        ),
                    ),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
            ),
            migrations.CreateModel(
                name="Digest",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="digests",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("week", models.DateField(help_text="The Monday on which it was due, in the person's time zone")),
                    ("until", models.DateTimeField(help_text="Changes before this moment are in it")),
                    ("titles", models.PositiveIntegerField()),
                    ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["-week"],
                    "constraints": [models.UniqueConstraint(fields=("person", "week"), name="digest_once")],
                },
            ),
            migrations.CreateModel(
                name="EducationEntry",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="education_entries",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("on", models.DateField(help_text="The day of learning")),
                    ("question", models.CharField(max_length=500)),
                    (
                        "effect",
                        models.CharField(
                            choices=[
                                ("confirmed", "Confirmed what I was doing"),
                                ("changed-care", "Changed the care of a patient"),
                                ("changes-practice", "Changes how I practice from now on"),
                                ("referred", "Led me to ask or to refer"),
                                ("none", "No effect on my practice"),
                            ],
                            max_length=20,
                        ),
                    ),
                    ("effect_text", models.TextField(blank=True)),
                    (
                        "attested_at",
                        models.DateTimeField(
                            blank=True,
                            help_text="When the person said that what looks like an identifier is none",
                            null=True,
                        ),
                    ),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "verbose_name_plural": "education entries",
                    "ordering": ["-on", "-id"],
                    "indexes": [models.Index(fields=["person", "-on"], name="education_of_person")],
                },
            ),
            migrations.CreateModel(
                name="EducationSource",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "entry",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="sources",
                            to="knowledge.educationentry",
                        ),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to="knowledge.document"
                        ),
                    ),
                    (
                        "revision",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to="knowledge.revision"
                        ),
                    ),
                ],
                options={
                    "ordering": ["id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("entry", "document"), name="education_source_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="DueMilestone",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="due_milestones",
                            to="knowledge.document",
                        ),
                    ),
                    ("due_on", models.DateField()),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("month", "Due within 30 days"),
                                ("week", "Due within 7 days"),
                                ("overdue", "Overdue"),
                            ],
                            max_length=7,
                        ),
                    ),
                    ("told_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["-told_at", "-id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("document", "due_on", "kind"), name="due_milestone_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="Code",
                fields=[
                    ("code", models.CharField(max_length=10, primary_key=True, serialize=False)),
                    ("title", models.CharField(max_length=300)),
                    (
                        "is_leaf",
                        models.BooleanField(help_text="Whether it is billed as it is, having no codes below it"),
                    ),
                ],
                options={
                    "ordering": ["code"],
                    "indexes": [
                        django.contrib.postgres.indexes.GinIndex(
                            django.contrib.postgres.search.SearchVector("title", config="english"), name="code_words"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="DraftDesk",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "revision",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="desks", to="knowledge.revision"
                        ),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("saved_at", models.DateTimeField(null=True)),
                    (
                        "aside",
                        models.JSONField(
                            help_text="Typed where someone else had changed the same; not in the draft yet", null=True
                        ),
                    ),
                    ("aside_edition", models.IntegerField(help_text="The edition it was begun from", null=True)),
                ],
                options={
                    "ordering": ["id"],
                    "constraints": [models.UniqueConstraint(fields=("revision", "person"), name="draft_desk_once")],
                },
            ),
            migrations.CreateModel(
                name="DraftSave",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "revision",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="saves", to="knowledge.revision"
                        ),
                    ),
                    ("edition", models.PositiveIntegerField()),
                    ("content", models.JSONField()),
                    ("tab", models.CharField(blank=True, help_text="The open page it came from", max_length=40)),
                    (
                        "sent",
                        models.JSONField(
                            help_text="What that page held, where the save merged it with others' changes", null=True
                        ),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["edition"],
                    "constraints": [models.UniqueConstraint(fields=("revision", "edition"), name="draft_save_once")],
                },
            ),
            migrations.CreateModel(
                name="DocumentAttachment",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="attachments",
                            to="knowledge.document",
                        ),
                    ),
                    ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ("name", models.CharField(help_text="As the text names it, after attachment:", max_length=100)),
                    ("content_type", models.CharField(max_length=60)),
                    ("size", models.PositiveIntegerField()),
                    ("sha256", models.CharField(max_length=64)),
                    ("width", models.PositiveIntegerField(help_text="Of a picture, in pixels", null=True)),
                    ("height", models.PositiveIntegerField(null=True)),
                    ("file", models.FileField(upload_to=knowledge.models.attachments.attachment_path)),
                    (
                        "added_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["name"],
                    "constraints": [
                        models.UniqueConstraint(fields=("document", "name"), name="document_attachment_name_once")
                    ],
                },
            ),
        )
    ]
