"""The tables of consults."""

import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import consults.models.consults
import portal.members.models
from portal.common.tables import AtOnce


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("consults", "0001_initial"),
        ("consults", "0004_faq_offers"),
        ("consults", "0005_promises"),
        ("consults", "0010_availability"),
        ("consults", "0020_words_of_answers"),
        ("consults", "0021_kinds_on_the_timeline"),
        ("consults", "0023_people"),
        ("consults", "0025_ladder"),
        ("consults", "0027_pieces_and_answer_drafts"),
        ("consults", "0028_calls"),
        ("consults", "0031_engagements"),
        ("consults", "0032_outcomes"),
        ("consults", "0033_languages_and_tries_of_calls"),
        ("consults", "0034_drafts_in_the_thread"),
        ("consults", "0035_minutes"),
    ]
    dependencies = [
        ("knowledge", "0004_searchable"),
        ("members", "0002_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        AtOnce(
            migrations.CreateModel(
                name="Consult",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("number", models.CharField(editable=False, max_length=12, unique=True)),
                    (
                        "organization",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="consults",
                            to="members.organization",
                        ),
                    ),
                    (
                        "facility",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="members.facility",
                        ),
                    ),
                    (
                        "requester",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="consults_asked",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "specialty",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="consults",
                            to="members.specialty",
                        ),
                    ),
                    (
                        "reason",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("diagnosis", "Diagnosis or interpreting a result"),
                                ("treatment", "Choice of treatment"),
                                ("dosing", "Dose or medicine safety"),
                                ("monitoring", "Follow-up or monitoring"),
                                ("referral", "Whether to refer or transfer"),
                                ("protocol", "What a protocol means"),
                                ("other", "Something else"),
                            ],
                            max_length=12,
                        ),
                    ),
                    (
                        "urgency",
                        models.CharField(
                            choices=[("standard", "Standard"), ("soon", "Soon"), ("urgent", "Urgent")],
                            default="standard",
                            max_length=10,
                        ),
                    ),
                    (
                        "language",
                        models.CharField(
                            blank=True,
                            db_default="",
                            default="",
                            help_text="In which the answer is wanted; empty is any",
                            max_length=8,
                        ),
                    ),
                    ("question", models.CharField(blank=True, max_length=300)),
                    ("summary", models.TextField(blank=True)),
                    (
                        "tried",
                        models.TextField(
                            blank=True, db_default="", default="", help_text="What was read or tried already"
                        ),
                    ),
                    ("results", models.TextField(blank=True, db_default="", default="", help_text="Relevant results")),
                    (
                        "medicines",
                        models.TextField(blank=True, db_default="", default="", help_text="Medicines and allergies"),
                    ),
                    (
                        "gate",
                        models.ForeignKey(
                            help_text="What it met when it was sent; empty: what the network asks",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="consults.gateversion",
                        ),
                    ),
                    (
                        "set_aside_at",
                        models.DateTimeField(help_text="When reading a document ended the draft", null=True),
                    ),
                    (
                        "read_instead",
                        models.ForeignKey(
                            help_text="Its count, to take it back",
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="consults.readinstead",
                        ),
                    ),
                    (
                        "named_specialist",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("draft", "Draft"),
                                ("queued", "Waiting for a specialist"),
                                ("assigned", "With a specialist"),
                                ("waiting", "Waiting for the requester"),
                                ("answered", "Answered"),
                                ("closed", "Closed"),
                                ("withdrawn", "Withdrawn"),
                                ("declined", "Declined"),
                                ("lapsed", "Closed without a reply"),
                            ],
                            default="draft",
                            max_length=10,
                        ),
                    ),
                    (
                        "assignee",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="consults_assigned",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "attested_at",
                        models.DateTimeField(
                            help_text="The author said no identifiers are left, after a warning", null=True
                        ),
                    ),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("submitted_at", models.DateTimeField(null=True)),
                    ("answered_at", models.DateTimeField(help_text="The first answer", null=True)),
                    ("ended_at", models.DateTimeField(null=True)),
                    ("cycle", models.PositiveSmallIntegerField(default=0)),
                    ("promised_seconds", models.PositiveIntegerField(default=0)),
                    (
                        "due_at",
                        models.DateTimeField(
                            help_text="Empty once stopped, and while paused unless late already", null=True
                        ),
                    ),
                    (
                        "response_due_at",
                        models.DateTimeField(
                            help_text="By when a specialist should have taken it; then empty", null=True
                        ),
                    ),
                    (
                        "next_milestone_at",
                        models.DateTimeField(help_text="When the sweep next has something to record", null=True),
                    ),
                    (
                        "words",
                        models.GeneratedField(
                            db_persist=True,
                            expression=django.contrib.postgres.search.SearchVector(
                                models.Func(
                                    models.F("question"), function="consilium_fold", output_field=models.TextField()
                                ),
                                models.Func(
                                    models.F("summary"), function="consilium_fold", output_field=models.TextField()
                                ),
                                config="english",
                            ),
                            output_field=django.contrib.postgres.search.SearchVectorField(),
                        ),
                    ),
                    (
                        "documents",
                        models.ManyToManyField(
                            blank=True, help_text="Already read", related_name="+", to="knowledge.document"
                        ),
                    ),
                ],
                options={
                    "ordering": ["-created_at"],
                    "indexes": [
                        models.Index(
                            condition=models.Q(("next_milestone_at__isnull", False)),
                            fields=["next_milestone_at"],
                            name="consult_sweep",
                        ),
                        models.Index(
                            condition=models.Q(("state__in", ["queued", "assigned", "waiting"])),
                            fields=["specialty", "due_at"],
                            name="consult_queue",
                        ),
                        models.Index(fields=["requester", "-created_at"], name="consult_requester"),
                        models.Index(fields=["assignee", "state"], name="consult_assignee"),
                        models.Index(fields=["organization", "-submitted_at"], name="consult_organization"),
                        models.Index(fields=["specialty", "-answered_at"], name="consult_answered"),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("read_instead", None), ("set_aside_at", None)),
                                models.Q(("set_aside_at__isnull", False), ("state", "draft")),
                                _connector="OR",
                            ),
                            name="consult_set_aside_is_draft",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state", "draft"), ("submitted_at", None)),
                                models.Q(
                                    models.Q(("state", "draft"), _negated=True),
                                    ("specialty__isnull", False),
                                    ("submitted_at__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="consult_submitted_at_pairs",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state", "queued"), _negated=True), ("assignee", None), _connector="OR"
                            ),
                            name="consult_queued_has_no_assignee",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state__in", ["assigned", "waiting"]), _negated=True),
                                ("assignee__isnull", False),
                                _connector="OR",
                            ),
                            name="consult_assigned_has_assignee",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("ended_at__isnull", False),
                                    ("state__in", ["closed", "withdrawn", "declined", "lapsed"]),
                                ),
                                models.Q(
                                    models.Q(
                                        ("state__in", ["closed", "withdrawn", "declined", "lapsed"]), _negated=True
                                    ),
                                    ("ended_at", None),
                                ),
                                _connector="OR",
                            ),
                            name="consult_ended_at_pairs",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="CloseOut",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE, related_name="close_out", to="consults.consult"
                        ),
                    ),
                    (
                        "course",
                        models.CharField(
                            choices=[
                                ("confirmed", "It confirmed what I had in mind"),
                                ("new", "It gave a new or additional course of action"),
                                ("not-useful", "It was not useful for this question"),
                            ],
                            max_length=12,
                        ),
                    ),
                    (
                        "referral",
                        models.CharField(
                            choices=[
                                ("avoided", "A referral was contemplated and is now avoided"),
                                ("still-needed", "A referral was contemplated and is still needed"),
                                ("newly-needed", "A referral was not contemplated and is now needed"),
                                ("never-contemplated", "A referral was not contemplated and is not needed"),
                            ],
                            max_length=20,
                        ),
                    ),
                    ("value", models.PositiveSmallIntegerField(help_text="From 1, minimal, to 5, excellent")),
                    ("comment", models.CharField(blank=True, help_text="For whoever answered", max_length=500)),
                    (
                        "seconds",
                        models.PositiveSmallIntegerField(
                            help_text="From the first answer ticked to sending", null=True
                        ),
                    ),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("value__range", (1, 5))), name="close_out_value_1_to_5"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="ClockEvent",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="clock_events",
                            to="consults.consult",
                        ),
                    ),
                    ("cycle", models.PositiveSmallIntegerField()),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("start", "Started"),
                                ("pause", "Paused"),
                                ("resume", "Resumed"),
                                ("retarget", "Promised anew"),
                                ("stop", "Stopped"),
                            ],
                            max_length=8,
                        ),
                    ),
                    ("at", models.DateTimeField()),
                    (
                        "promised_seconds",
                        models.PositiveIntegerField(help_text="What is promised from here on", null=True),
                    ),
                    (
                        "promise",
                        models.ForeignKey(
                            help_text="Empty: 48 elapsed hours",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="consults.promiseversion",
                        ),
                    ),
                    (
                        "ladder",
                        models.ForeignKey(
                            help_text="Empty: the standard one",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="consults.ladderversion",
                        ),
                    ),
                    ("why", models.CharField(max_length=40)),
                ],
                options={
                    "ordering": ["cycle", "at", "id"],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("kind__in", ["start", "stop"])),
                            fields=("consult", "cycle", "kind"),
                            name="clock_starts_and_stops_once",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("kind__in", ["start", "retarget"]), ("promised_seconds__isnull", False)),
                                models.Q(
                                    models.Q(("kind__in", ["start", "retarget"]), _negated=True),
                                    ("ladder", None),
                                    ("promise", None),
                                    ("promised_seconds", None),
                                ),
                                _connector="OR",
                            ),
                            name="clock_start_has_promise",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Attachment",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="attachments",
                            to="consults.consult",
                        ),
                    ),
                    ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ("name", models.CharField(max_length=120)),
                    ("content_type", models.CharField(max_length=60)),
                    ("size", models.PositiveIntegerField()),
                    ("file", models.FileField(upload_to=consults.models.consults.attachment_path)),
                    (
                        "added_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["id"],
                },
            ),
            migrations.CreateModel(
                name="Assignment",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="assignments",
                            to="consults.consult",
                        ),
                    ),
                    (
                        "specialist",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("started_at", models.DateTimeField()),
                    ("ended_at", models.DateTimeField(null=True)),
                ],
                options={
                    "ordering": ["started_at", "id"],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("ended_at", None)), fields=("consult",), name="assignment_one_at_a_time"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Message",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="messages", to="consults.consult"
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("ask-back", "Question back"),
                                ("reply", "Reply"),
                                ("answer", "Answer"),
                                ("follow-up", "Follow-up"),
                                ("note", "Addition"),
                                ("opinion", "Second opinion"),
                                ("call", "Note of a call"),
                                ("conclusion", "Conclusion of a case conference"),
                                ("addendum", "Addendum to a conclusion"),
                            ],
                            max_length=10,
                        ),
                    ),
                    (
                        "author",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("text", models.TextField()),
                    (
                        "minutes",
                        models.PositiveSmallIntegerField(help_text="The specialist's own, for an answer", null=True),
                    ),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "words",
                        models.GeneratedField(
                            db_persist=True,
                            expression=django.contrib.postgres.search.SearchVector(
                                models.Func(
                                    models.F("text"), function="consilium_fold", output_field=models.TextField()
                                ),
                                config="english",
                            ),
                            output_field=django.contrib.postgres.search.SearchVectorField(),
                        ),
                    ),
                ],
                options={
                    "ordering": ["created_at", "id"],
                },
            ),
            migrations.CreateModel(
                name="Citation",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "message",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="citations", to="consults.message"
                        ),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="citations",
                            to="knowledge.document",
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
                    "constraints": [models.UniqueConstraint(fields=("message", "document"), name="citation_once")],
                },
            ),
            migrations.CreateModel(
                name="Milestone",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="milestones",
                            to="consults.consult",
                        ),
                    ),
                    ("cycle", models.PositiveSmallIntegerField()),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("half", "Half of the time used"),
                                ("at-risk", "85 % of the time used"),
                                ("breach", "Late"),
                                ("not-taken", "Taken by nobody in the promised time"),
                                ("to-assignee", "Whoever has it is told"),
                                ("to-backup", "The backup on call is told"),
                                ("to-lead", "The section lead is told"),
                                ("to-director", "The medical director is told"),
                                ("remind-1", "The requester is reminded"),
                                ("remind-2", "The requester is reminded again"),
                                ("closing", "The requester is told that it will close"),
                            ],
                            max_length=11,
                        ),
                    ),
                    (
                        "part",
                        models.PositiveSmallIntegerField(
                            default=0, help_text="Which pause a reminder belongs to, from 1"
                        ),
                    ),
                    ("due_at", models.DateTimeField(help_text="When the mark was passed")),
                    ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["due_at", "id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("consult", "cycle", "kind", "part"), name="milestone_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="TimelineEntry",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="timeline", to="consults.consult"
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("submitted", "Sent"),
                                ("claimed", "Taken by a specialist"),
                                ("assigned", "Given to a specialist"),
                                ("asked-back", "Question back; the clock pauses"),
                                ("replied", "Reply; the clock runs on"),
                                ("note-added", "Addition by the requester"),
                                ("file-added", "File added by the requester"),
                                ("answered", "Answered"),
                                ("followed-up", "Follow-up question; a new clock starts"),
                                ("handed-over", "Handed over"),
                                ("released", "Back in the queue"),
                                ("transferred", "Moved to another specialty; the clock runs on"),
                                ("asked-second", "Second opinion asked for"),
                                ("opinion", "Second opinion given"),
                                ("declined", "Declined"),
                                ("withdrawn", "Withdrawn"),
                                ("closed", "Closed"),
                                ("half", "Half of the promised time used"),
                                ("at-risk", "85 % of the promised time used"),
                                ("breach", "Promised time passed"),
                                ("not-taken", "Nobody took it in the promised time"),
                                ("retargeted", "Promised anew"),
                                ("call", "A call was noted"),
                                ("board", "On the agenda of a case conference; the clock runs on"),
                                ("board-moved", "The case conference has another time"),
                                ("board-left", "No longer on the agenda of a case conference"),
                                ("concluded", "Conclusion of a case conference"),
                                ("attested", "Said to identify nobody"),
                                ("consented", "Consent of the patient noted"),
                                ("to-backup", "The backup on call was told"),
                                ("to-lead", "The section lead was told"),
                                ("to-director", "The network's medical director was told"),
                                ("reminded", "The requester was reminded"),
                                ("closing", "The requester was told that it will close without a reply"),
                                ("lapsed", "Closed, as no reply came; a reply opens it again"),
                                ("reopened", "Reply; open again, with a new clock"),
                            ],
                            max_length=12,
                        ),
                    ),
                    ("at", models.DateTimeField()),
                    (
                        "actor",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("detail", models.CharField(blank=True, max_length=500)),
                ],
                options={
                    "verbose_name_plural": "timeline entries",
                    "ordering": ["at", "id"],
                },
            ),
            migrations.CreateModel(
                name="FaqOffer",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE, related_name="faq_offer", to="consults.consult"
                        ),
                    ),
                    ("offered_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "document",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="knowledge.document",
                        ),
                    ),
                    ("declined_because", models.CharField(blank=True, max_length=300)),
                    (
                        "decided_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("decided_at", models.DateTimeField(null=True)),
                ],
                options={
                    "ordering": ["-offered_at", "-id"],
                    "indexes": [
                        models.Index(
                            condition=models.Q(("decided_at", None)), fields=["-offered_at"], name="faq_offer_waiting"
                        )
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("decided_at", None), ("decided_by", None)),
                                models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                                _connector="OR",
                            ),
                            name="faq_offer_decided_pairs",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Calendar",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("name", models.CharField(max_length=80, unique=True)),
                ],
                options={
                    "ordering": ["name"],
                },
            ),
            migrations.CreateModel(
                name="CalendarVersion",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "calendar",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="consults.calendar"
                        ),
                    ),
                    ("number", models.PositiveIntegerField()),
                    ("zone", models.CharField(max_length=60)),
                    ("week", models.JSONField(help_text="The shifts of seven days, Monday first, as pairs of times")),
                    ("closed", models.JSONField(default=dict, help_text="Days off and their names")),
                    ("short", models.JSONField(default=dict, help_text="Days with shifts of their own")),
                    (
                        "country",
                        models.CharField(
                            blank=True, help_text="Whose public holidays stand among the days off", max_length=2
                        ),
                    ),
                    ("region", models.CharField(blank=True, max_length=6)),
                    (
                        "made_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["calendar", "-number"],
                    "constraints": [
                        models.UniqueConstraint(fields=("calendar", "number"), name="calendar_version_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="Promise",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "urgency",
                        models.CharField(
                            choices=[("standard", "Standard"), ("soon", "Soon"), ("urgent", "Urgent")], max_length=10
                        ),
                    ),
                    (
                        "specialty",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="members.specialty",
                        ),
                    ),
                    (
                        "tier",
                        models.CharField(
                            blank=True,
                            choices=[("member", "Network member"), ("regional", "Regional provider of the centre")],
                            max_length=10,
                        ),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="members.organization",
                        ),
                    ),
                    ("ended_at", models.DateTimeField(help_text="From then on no new consult gets it", null=True)),
                ],
                options={
                    "ordering": ["urgency", "specialty", "tier", "organization"],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("urgency", "specialty", "tier", "organization"),
                            name="promise_once",
                            nulls_distinct=False,
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="PromiseVersion",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "promise",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="consults.promise"
                        ),
                    ),
                    ("number", models.PositiveIntegerField()),
                    ("answer_seconds", models.PositiveIntegerField(help_text="Until the answer, in time that counts")),
                    (
                        "response_seconds",
                        models.PositiveIntegerField(help_text="Until a specialist has taken it", null=True),
                    ),
                    (
                        "calendar",
                        models.ForeignKey(
                            help_text="Empty: every hour counts",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="consults.calendarversion",
                        ),
                    ),
                    (
                        "made_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["promise", "-number"],
                    "constraints": [
                        models.UniqueConstraint(fields=("promise", "number"), name="promise_version_once"),
                        models.CheckConstraint(
                            condition=models.Q(("answer_seconds__gte", 3600)), name="promise_of_an_hour_or_more"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="LearnedSpecialty",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "specialty",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE, related_name="learned", to="members.specialty"
                        ),
                    ),
                    ("consults", models.PositiveIntegerField()),
                    ("prior", models.FloatField(help_text="Logarithm of its share")),
                    ("unseen", models.FloatField(help_text="Logarithm of the share of a word it has not seen")),
                    ("trained_at", models.DateTimeField()),
                ],
                options={
                    "verbose_name_plural": "learned specialties",
                },
            ),
            migrations.CreateModel(
                name="RoutingPolicy",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "specialty",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE, related_name="routing", to="members.specialty"
                        ),
                    ),
                    (
                        "mode",
                        models.CharField(
                            choices=[
                                ("queue", "Managed queue: whoever is free takes the most urgent"),
                                (
                                    "assign",
                                    "Assigned by least expected lateness, what nobody has room for waits in the queue",
                                ),
                            ],
                            default="queue",
                            max_length=6,
                        ),
                    ),
                    (
                        "direct_allowed",
                        models.BooleanField(default=True, help_text="Whether a question may name its specialist"),
                    ),
                ],
                options={
                    "verbose_name_plural": "routing policies",
                },
            ),
            migrations.CreateModel(
                name="Availability",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "person",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="availability",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "cap",
                        models.PositiveSmallIntegerField(
                            blank=True, help_text="No more open questions than this", null=True
                        ),
                    ),
                    (
                        "languages",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=8), blank=True, default=list, size=None
                        ),
                    ),
                    (
                        "tiers",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=10),
                            blank=True,
                            default=list,
                            help_text="All, where empty",
                            size=None,
                        ),
                    ),
                    (
                        "feed_digest",
                        models.CharField(blank=True, help_text="Of the calendar feed's secret address", max_length=64),
                    ),
                    ("conflicts", models.ManyToManyField(blank=True, related_name="+", to="members.organization")),
                ],
                options={
                    "verbose_name_plural": "availabilities",
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("cap", None), ("cap__range", (1, 99)), _connector="OR"),
                            name="availability_cap_1_to_99",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("feed_digest", ""), _negated=True),
                            fields=("feed_digest",),
                            name="availability_feed_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="LearnedWord",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "specialty",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="words",
                            to="consults.learnedspecialty",
                        ),
                    ),
                    ("word", models.CharField(max_length=40)),
                    ("shown", models.CharField(help_text="As it is most often written", max_length=40)),
                    ("weight", models.FloatField(help_text="Logarithm of its share of the specialty's words")),
                ],
                options={
                    "indexes": [models.Index(fields=["word"], name="learned_word")],
                    "constraints": [models.UniqueConstraint(fields=("specialty", "word"), name="learned_word_once")],
                },
            ),
            migrations.CreateModel(
                name="OnCallDay",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "specialty",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="on_call_days",
                            to="members.specialty",
                        ),
                    ),
                    ("day", models.DateField()),
                    (
                        "primary",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="on_call_days",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "backup",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="backup_days",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "ordering": ["day", "specialty"],
                    "constraints": [
                        models.UniqueConstraint(fields=("specialty", "day"), name="on_call_day_once"),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("backup", None),
                                models.Q(("backup", models.F("primary")), _negated=True),
                                _connector="OR",
                            ),
                            name="on_call_backup_is_another",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SecondOpinion",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="opinions", to="consults.consult"
                        ),
                    ),
                    (
                        "specialist",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="opinions",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "asked_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("asked_at", models.DateTimeField()),
                    ("given_at", models.DateTimeField(help_text="When they first answered", null=True)),
                ],
                options={
                    "ordering": ["asked_at", "id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("consult", "specialist"), name="second_opinion_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="WeeklyHours",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="weekly_hours",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("weekday", models.PositiveSmallIntegerField(help_text="Monday is 0")),
                    ("start", models.TimeField()),
                    ("end", models.TimeField()),
                ],
                options={
                    "verbose_name_plural": "weekly hours",
                    "ordering": ["weekday", "start"],
                    "constraints": [
                        models.UniqueConstraint(fields=("person", "weekday", "start"), name="weekly_hours_once"),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("weekday__lte", 6),
                                models.Q(("end__gt", models.F("start")), ("end", "00:00"), _connector="OR"),
                            ),
                            name="weekly_hours_in_a_day",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Statement",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="statements",
                            to="consults.consult",
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[("attestation", "Attestation"), ("consent", "Consent of the patient")],
                            max_length=12,
                        ),
                    ),
                    ("wording", models.PositiveSmallIntegerField(help_text="The number of the sentence")),
                    ("sentence", models.CharField(max_length=300)),
                    (
                        "made_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("made_at", models.DateTimeField()),
                ],
                options={
                    "ordering": ["made_at", "id"],
                    "constraints": [models.UniqueConstraint(fields=("consult", "kind"), name="statement_once")],
                },
            ),
            migrations.CreateModel(
                name="GateVersion",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "specialty",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="gates", to="members.specialty"
                        ),
                    ),
                    ("number", models.PositiveIntegerField()),
                    ("rules", models.JSONField(help_text="By field: need, least characters, and why it matters")),
                    (
                        "consent",
                        models.CharField(
                            choices=[
                                ("off", "Not asked"),
                                ("asked", "Asked, and noted where it is given"),
                                ("required", "Required before a question is sent"),
                            ],
                            default="off",
                            max_length=8,
                        ),
                    ),
                    (
                        "made_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["specialty", "-number"],
                    "constraints": [models.UniqueConstraint(fields=("specialty", "number"), name="gate_version_once")],
                },
            ),
            migrations.CreateModel(
                name="ReadInstead",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="+", to="knowledge.document"
                        ),
                    ),
                    (
                        "specialty",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="members.specialty",
                        ),
                    ),
                    ("day", models.DateField()),
                ],
                options={
                    "verbose_name_plural": "read instead",
                    "ordering": ["-day", "-id"],
                    "indexes": [models.Index(fields=["specialty", "day"], name="read_instead")],
                },
            ),
            migrations.CreateModel(
                name="BillingDecision",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="billing", to="consults.consult"
                        ),
                    ),
                    (
                        "specialist",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    (
                        "minutes",
                        models.PositiveSmallIntegerField(
                            help_text="The specialist's own, over the whole consult, when decided"
                        ),
                    ),
                    (
                        "code",
                        models.CharField(
                            blank=True, help_text="Empty where the specialist refused the code", max_length=10
                        ),
                    ),
                    ("refused_because", models.CharField(blank=True, max_length=200)),
                    ("decided_at", models.DateTimeField()),
                ],
                options={
                    "ordering": ["decided_at", "id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("consult", "specialist"), name="billing_once"),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(models.Q(("code", ""), _negated=True), ("refused_because", "")),
                                models.Q(("code", ""), models.Q(("refused_because", ""), _negated=True)),
                                _connector="OR",
                            ),
                            name="billing_code_or_reason",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="OnBehalf",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE, related_name="on_behalf", to="consults.consult"
                        ),
                    ),
                    (
                        "colleague",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    (
                        "written_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                ],
                options={
                    "verbose_name_plural": "on behalf",
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("colleague", models.F("written_by")), _negated=True),
                            name="on_behalf_of_somebody_else",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="PeerReview",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="peer_review",
                            to="consults.consult",
                        ),
                    ),
                    (
                        "month",
                        models.DateField(
                            help_text="The first day of the month in which the consult was closed, network time"
                        ),
                    ),
                    (
                        "specialist",
                        models.ForeignKey(
                            help_text="Whose answer it is",
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "reviewer",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "scores",
                        models.JSONField(default=dict, help_text="From 1 to 5 by item; null where it does not apply"),
                    ),
                    ("note", models.TextField(blank=True)),
                    ("drawn_at", models.DateTimeField()),
                    ("done_at", models.DateTimeField(null=True)),
                ],
                options={
                    "ordering": ["-month", "id"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("reviewer", models.F("specialist")), _negated=True),
                            name="peer_review_never_ones_own",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("done_at", None), ("reviewer", None)),
                                models.Q(("done_at__isnull", False), ("reviewer__isnull", False)),
                                _connector="OR",
                            ),
                            name="peer_review_done_pairs",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ReviewShare",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "specialty",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="review_share",
                            to="members.specialty",
                        ),
                    ),
                    (
                        "percent",
                        models.PositiveSmallIntegerField(
                            validators=[
                                django.core.validators.MinValueValidator(0),
                                django.core.validators.MaxValueValidator(100),
                            ]
                        ),
                    ),
                    (
                        "set_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("set_at", models.DateTimeField()),
                ],
                options={
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("percent__range", (0, 100))), name="review_share_percent"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Thanks",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="thanks", to="knowledge.document"
                        ),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "verbose_name_plural": "thanks",
                    "constraints": [models.UniqueConstraint(fields=("document", "person"), name="thanks_once")],
                },
            ),
            migrations.CreateModel(
                name="Watcher",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="watchers", to="consults.consult"
                        ),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    (
                        "added_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["since", "id"],
                    "constraints": [models.UniqueConstraint(fields=("consult", "person"), name="watcher_once")],
                },
            ),
            migrations.CreateModel(
                name="LadderVersion",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "specialty",
                        models.ForeignKey(
                            help_text="Empty: for all without their own",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="members.specialty",
                        ),
                    ),
                    ("number", models.PositiveIntegerField()),
                    ("assignee_percent", models.PositiveSmallIntegerField(default=50)),
                    ("assignee_minutes", models.SmallIntegerField(default=0)),
                    ("backup_percent", models.PositiveSmallIntegerField(default=75)),
                    ("backup_minutes", models.SmallIntegerField(default=0)),
                    ("lead_percent", models.PositiveSmallIntegerField(default=85)),
                    ("lead_minutes", models.SmallIntegerField(default=0)),
                    ("director_percent", models.PositiveSmallIntegerField(default=100)),
                    ("director_minutes", models.SmallIntegerField(default=0)),
                    (
                        "first_reminder",
                        models.PositiveSmallIntegerField(default=2, help_text="Days after the requester was asked"),
                    ),
                    ("second_reminder", models.PositiveSmallIntegerField(default=5)),
                    (
                        "close_after",
                        models.PositiveSmallIntegerField(default=14, help_text="Days until it closes without a reply"),
                    ),
                    ("working_days", models.BooleanField(default=False, help_text="Count Monday to Friday only")),
                    (
                        "made_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["specialty", "-number"],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("specialty", "number"), name="ladder_version_once", nulls_distinct=False
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("first_reminder__gte", 1),
                                ("second_reminder__gt", models.F("first_reminder")),
                                (
                                    "close_after__gt",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("second_reminder"), "+", models.Value(3)
                                    ),
                                ),
                            ),
                            name="ladder_days_follow",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="MedicalDirector",
                fields=[
                    ("only", models.BooleanField(default=True, primary_key=True, serialize=False)),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.CheckConstraint(condition=models.Q(("only", True)), name="medical_director_is_one")
                    ],
                },
            ),
            migrations.CreateModel(
                name="AnswerDraft",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="answer_drafts",
                            to="consults.consult",
                        ),
                    ),
                    (
                        "author",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("answer", "Answer"),
                                ("ask", "Question back to the requester"),
                                ("opinion", "Second opinion"),
                            ],
                            db_default="answer",
                            default="answer",
                            max_length=8,
                        ),
                    ),
                    ("text", models.TextField(blank=True)),
                    (
                        "documents",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=200),
                            blank=True,
                            default=list,
                            help_text="Their slugs",
                            size=None,
                        ),
                    ),
                    ("minutes", models.PositiveSmallIntegerField(null=True)),
                    ("saved_at", models.DateTimeField()),
                ],
                options={
                    "ordering": ["-saved_at", "-id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("consult", "author", "kind"), name="answer_draft_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="Piece",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "owner",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="pieces",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "specialty",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="pieces",
                            to="members.specialty",
                        ),
                    ),
                    ("title", models.CharField(help_text="What it is found by", max_length=80)),
                    ("text", models.TextField()),
                    (
                        "changed_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["title", "id"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("owner", None), ("specialty__isnull", False)),
                                models.Q(("owner__isnull", False), ("specialty", None)),
                                _connector="OR",
                            ),
                            name="piece_of_one_or_of_a_section",
                        ),
                        models.UniqueConstraint(
                            models.F("owner"),
                            django.db.models.functions.text.Lower("title"),
                            name="piece_title_once_mine",
                        ),
                        models.UniqueConstraint(
                            models.F("specialty"),
                            django.db.models.functions.text.Lower("title"),
                            name="piece_title_once_section",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Call",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.organization"
                        ),
                    ),
                    (
                        "requester",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="calls_asked",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "specialty",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.specialty"
                        ),
                    ),
                    (
                        "consult",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="calls",
                            to="consults.consult",
                        ),
                    ),
                    ("topic", models.CharField(max_length=200)),
                    (
                        "language",
                        models.CharField(
                            blank=True,
                            db_default="",
                            default="",
                            help_text="In which to call; empty is any",
                            max_length=8,
                        ),
                    ),
                    (
                        "number",
                        models.CharField(
                            blank=True, help_text="Empty where they dialled, and once it is over", max_length=30
                        ),
                    ),
                    (
                        "windows",
                        models.JSONField(default=list, help_text="Pairs of moments; empty is as soon as possible"),
                    ),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("waiting", "Waiting for a call"),
                                ("taken", "Taken: needs its note"),
                                ("noted", "Noted"),
                                ("cancelled", "Cancelled"),
                            ],
                            default="waiting",
                            max_length=10,
                        ),
                    ),
                    (
                        "assignee",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="calls_assigned",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("promised_minutes", models.PositiveSmallIntegerField()),
                    ("requested_at", models.DateTimeField()),
                    (
                        "round",
                        models.PositiveSmallIntegerField(
                            db_default=0, default=0, help_text="How often it waits for another try"
                        ),
                    ),
                    (
                        "again_at",
                        models.DateTimeField(
                            help_text="When it is tried again: from then the promise counts anew", null=True
                        ),
                    ),
                    ("starts_at", models.DateTimeField(help_text="From when the promise counts")),
                    ("due_at", models.DateTimeField()),
                    ("taken_at", models.DateTimeField(null=True)),
                    ("ended_at", models.DateTimeField(null=True)),
                    (
                        "next_mark_at",
                        models.DateTimeField(help_text="When the sweep next has something to record", null=True),
                    ),
                ],
                options={
                    "ordering": ["due_at", "id"],
                    "indexes": [
                        models.Index(
                            condition=models.Q(("next_mark_at__isnull", False)),
                            fields=["next_mark_at"],
                            name="call_sweep",
                        ),
                        models.Index(fields=["specialty", "state", "due_at"], name="call_waiting"),
                        models.Index(fields=["requester", "-requested_at"], name="call_requester"),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("ended_at__isnull", False),
                                    ("next_mark_at", None),
                                    ("number", ""),
                                    ("state__in", ["noted", "cancelled"]),
                                ),
                                models.Q(("ended_at", None), ("state__in", ["waiting", "taken"])),
                                _connector="OR",
                            ),
                            name="call_ends_once",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state", "taken"), _negated=True),
                                models.Q(("assignee__isnull", False), ("taken_at__isnull", False)),
                                _connector="OR",
                            ),
                            name="call_taken_by_someone",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="CallEvent",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "call",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="events", to="consults.call"
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("requested", "Asked for"),
                                ("dialled", "They dialled themselves"),
                                ("begun", "The clock started"),
                                ("passed", "Offered to the backup"),
                                ("missed", "The promised time passed"),
                                ("taken", "Taken"),
                                ("tried", "No answer"),
                                ("again", "Waits to be tried again"),
                                ("note-due", "The note is missing"),
                                ("noted", "Note signed"),
                                ("added", "Addendum signed"),
                                ("cancelled", "Cancelled"),
                            ],
                            max_length=10,
                        ),
                    ),
                    (
                        "round",
                        models.PositiveSmallIntegerField(
                            db_default=0, default=0, help_text="Of the call, when it happened"
                        ),
                    ),
                    ("at", models.DateTimeField()),
                    (
                        "actor",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("detail", models.CharField(blank=True, max_length=300)),
                    ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["at", "id"],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("kind__in", ["tried", "added"]), _negated=True),
                            fields=("call", "kind", "round"),
                            name="call_event_once",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="CallNote",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "call",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="consults.call"
                        ),
                    ),
                    ("is_addendum", models.BooleanField(default=False)),
                    (
                        "outcome",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("advised", "Advice given"),
                                ("send-in", "Advised to refer or transfer"),
                                ("in-writing", "To be continued in writing"),
                                ("not-reached", "Not reached after trying"),
                                ("not-needed", "No longer needed"),
                            ],
                            max_length=12,
                        ),
                    ),
                    ("asked", models.TextField(blank=True)),
                    ("advised", models.TextField(help_text="Or what happened, where nobody spoke")),
                    (
                        "minutes",
                        models.PositiveSmallIntegerField(
                            help_text="The specialist's own, on the phone and writing", null=True
                        ),
                    ),
                    (
                        "signed_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("signed_as", models.CharField(help_text="Their name as it was", max_length=120)),
                    ("signed_at", models.DateTimeField()),
                ],
                options={
                    "ordering": ["signed_at", "id"],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("is_addendum", False)), fields=("call",), name="call_note_once"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("is_addendum", True), ("outcome", "")),
                                models.Q(("is_addendum", False), ("outcome__in", ["not-reached", "not-needed"])),
                                models.Q(
                                    ("is_addendum", False),
                                    ("minutes__gte", 1),
                                    ("outcome__in", ["advised", "send-in", "in-writing"]),
                                    models.Q(("asked", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                            name="call_note_whole",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="CallPolicy",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "specialty",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE, related_name="phone", to="members.specialty"
                        ),
                    ),
                    (
                        "minutes",
                        models.PositiveSmallIntegerField(
                            default=30, help_text="From the request, or from the window's start"
                        ),
                    ),
                    (
                        "dial",
                        models.CharField(
                            blank=True, help_text="The number of whoever is on call, to dial oneself", max_length=30
                        ),
                    ),
                ],
                options={
                    "verbose_name_plural": "call policies",
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("minutes__range", (10, 60))), name="call_promise_10_to_60"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Conference",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "uid",
                        models.UUIDField(
                            default=uuid.uuid4, editable=False, help_text="The same in every invitation", unique=True
                        ),
                    ),
                    (
                        "specialty",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="conferences",
                            to="members.specialty",
                        ),
                    ),
                    ("title", models.CharField(max_length=120)),
                    (
                        "chair",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="conferences_chaired",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("starts_at", models.DateTimeField()),
                    ("ends_at", models.DateTimeField()),
                    ("zone", models.CharField(max_length=60, validators=[portal.members.models.validate_time_zone])),
                    ("place", models.CharField(help_text="A room, or the address of a call", max_length=200)),
                    (
                        "sequence",
                        models.PositiveIntegerField(
                            default=0, help_text="Of the invitation: one more with each change"
                        ),
                    ),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("cancelled_at", models.DateTimeField(null=True)),
                ],
                options={
                    "ordering": ["-starts_at", "-id"],
                    "indexes": [models.Index(fields=["starts_at"], name="conference_start")],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="conference_ends_later"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="AgendaItem",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "conference",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="agenda", to="consults.conference"
                        ),
                    ),
                    (
                        "consult",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="agenda_items",
                            to="consults.consult",
                        ),
                    ),
                    ("position", models.PositiveSmallIntegerField()),
                    ("minutes", models.PositiveSmallIntegerField()),
                    (
                        "added_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("added_at", models.DateTimeField()),
                ],
                options={
                    "ordering": ["position", "id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("conference", "consult"), name="agenda_consult_once"),
                        models.CheckConstraint(
                            condition=models.Q(("minutes__range", (1, 240))), name="agenda_minutes_1_to_240"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ConferenceInvitation",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "conference",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="invitations",
                            to="consults.conference",
                        ),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="conference_invitations",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("invited_at", models.DateTimeField()),
                    ("removed_at", models.DateTimeField(null=True)),
                    (
                        "answer",
                        models.CharField(
                            blank=True, choices=[("yes", "Yes"), ("maybe", "Maybe"), ("no", "No")], max_length=5
                        ),
                    ),
                    ("answered_at", models.DateTimeField(null=True)),
                    ("attended", models.BooleanField(help_text="As the chair recorded it", null=True)),
                ],
                options={
                    "ordering": ["person__name", "id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("conference", "person"), name="conference_invitation_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="ConferencePolicy",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "specialty",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="conference_policy",
                            to="members.specialty",
                        ),
                    ),
                    ("specialists_schedule", models.BooleanField(default=False)),
                ],
                options={
                    "verbose_name_plural": "conference policies",
                },
            ),
            migrations.CreateModel(
                name="Conclusion",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "item",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="conclusions",
                            to="consults.agendaitem",
                        ),
                    ),
                    (
                        "message",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="conclusion",
                            to="consults.message",
                        ),
                    ),
                    ("is_addendum", models.BooleanField(default=False)),
                    (
                        "signed_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("signed_name", models.CharField(help_text="As the name was when it was signed", max_length=120)),
                    ("signed_at", models.DateTimeField()),
                ],
                options={
                    "ordering": ["signed_at", "id"],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("is_addendum", False)), fields=("item",), name="conclusion_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Engagement",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="engagements",
                            to="members.organization",
                        ),
                    ),
                    ("area", models.CharField(max_length=120)),
                    ("goal", models.TextField()),
                    ("scope", models.TextField()),
                    (
                        "sponsor",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="engagements_sponsored",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("asked", "Asked for"),
                                ("agreed", "Agreed"),
                                ("under-way", "Under way"),
                                ("closed", "Closed"),
                                ("declined", "Declined"),
                            ],
                            default="asked",
                            max_length=10,
                        ),
                    ),
                    ("hours_agreed", models.DecimalField(decimal_places=2, max_digits=6, null=True)),
                    (
                        "asked_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("ended_at", models.DateTimeField(null=True)),
                    ("declined_because", models.TextField(blank=True)),
                    ("summary", models.TextField(blank=True, help_text="What changed, written when it is closed")),
                    (
                        "documents",
                        models.ManyToManyField(
                            blank=True, help_text="Protocols it works with", related_name="+", to="knowledge.document"
                        ),
                    ),
                ],
                options={
                    "ordering": ["-asked_at", "-id"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state__in", ["agreed", "under-way", "closed"]), _negated=True),
                                ("hours_agreed__gt", 0),
                                _connector="OR",
                            ),
                            name="engagement_agreed_has_hours",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("ended_at__isnull", False), ("state__in", ["closed", "declined"])),
                                models.Q(
                                    models.Q(("state__in", ["closed", "declined"]), _negated=True), ("ended_at", None)
                                ),
                                _connector="OR",
                            ),
                            name="engagement_ended_at_pairs",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="EngagementHours",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "engagement",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="hours", to="consults.engagement"
                        ),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("day", models.DateField()),
                    ("hours", models.DecimalField(decimal_places=2, max_digits=5)),
                    ("what", models.CharField(max_length=200)),
                    ("entered_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "verbose_name_plural": "engagement hours",
                    "ordering": ["-day", "-id"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("hours__range", (-24, 24)), models.Q(("hours", 0), _negated=True)),
                            name="engagement_hours_of_a_day",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="EngagementMilestone",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "engagement",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="milestones",
                            to="consults.engagement",
                        ),
                    ),
                    ("name", models.CharField(max_length=160)),
                    ("due_on", models.DateField()),
                    ("done_at", models.DateTimeField(null=True)),
                ],
                options={
                    "ordering": ["due_on", "id"],
                },
            ),
            migrations.CreateModel(
                name="EngagementPerson",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "engagement",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="people", to="consults.engagement"
                        ),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="engagements",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("is_consultant", models.BooleanField(help_text="For the network")),
                    ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["is_consultant", "person__name", "id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("engagement", "person"), name="engagement_person_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="Measure",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "engagement",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="measures",
                            to="consults.engagement",
                        ),
                    ),
                    ("name", models.CharField(max_length=120)),
                    ("unit", models.CharField(max_length=40)),
                    ("definition", models.CharField(help_text="What is counted, among whom, and how", max_length=400)),
                    (
                        "better",
                        models.CharField(
                            choices=[("up", "Higher is better"), ("down", "Lower is better")], max_length=4
                        ),
                    ),
                ],
                options={
                    "ordering": ["id"],
                    "constraints": [models.UniqueConstraint(fields=("engagement", "name"), name="measure_name_once")],
                },
            ),
            migrations.CreateModel(
                name="MeasurePoint",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "measure",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="points", to="consults.measure"
                        ),
                    ),
                    ("day", models.DateField()),
                    ("value", models.FloatField()),
                    ("note", models.CharField(blank=True, help_text="What was changed then", max_length=120)),
                    (
                        "entered_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("entered_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["day", "id"],
                    "constraints": [models.UniqueConstraint(fields=("measure", "day"), name="measure_point_once")],
                },
            ),
            migrations.CreateModel(
                name="Outcome",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE, related_name="outcome", to="consults.consult"
                        ),
                    ),
                    (
                        "answer",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE, related_name="+", to="consults.message"
                        ),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.organization"
                        ),
                    ),
                    (
                        "specialty",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.specialty"
                        ),
                    ),
                    (
                        "specialist",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("answered_at", models.DateTimeField()),
                    (
                        "elapsed_seconds",
                        models.PositiveIntegerField(help_text="From sending to the answer, by the wall"),
                    ),
                    (
                        "counted_seconds",
                        models.PositiveIntegerField(help_text="Of that, what counted towards the promise"),
                    ),
                    (
                        "taken_seconds",
                        models.PositiveIntegerField(help_text="From sending until a specialist first had it"),
                    ),
                    ("is_late", models.BooleanField(help_text="The promised moment had passed")),
                    ("asked_back", models.BooleanField(help_text="The requester was asked for more before the answer")),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["answered_at"], name="outcome_answered"),
                        models.Index(fields=["specialty", "answered_at"], name="outcome_specialty"),
                        models.Index(fields=["specialist", "answered_at"], name="outcome_specialist"),
                        models.Index(fields=["organization", "answered_at"], name="outcome_organization"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PreparationPolicy",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "organization",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="preparation_policy",
                            to="members.organization",
                        ),
                    ),
                    ("bills", models.BooleanField()),
                    (
                        "set_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("set_at", models.DateTimeField()),
                ],
                options={
                    "verbose_name_plural": "preparation policies",
                },
            ),
            migrations.CreateModel(
                name="MinutesMend",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "message",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="mends", to="consults.message"
                        ),
                    ),
                    (
                        "by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("at", models.DateTimeField()),
                    ("before", models.PositiveSmallIntegerField(help_text="Empty where none were recorded", null=True)),
                    ("after", models.PositiveSmallIntegerField()),
                    ("reason", models.CharField(max_length=200)),
                ],
                options={
                    "ordering": ["at", "id"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("after__range", (1, 600))), name="minutes_mended_1_to_600"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("before", models.F("after")), _negated=True),
                            name="minutes_mended_differ",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("reason", ""), _negated=True), name="minutes_mended_with_reason"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Preparation",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "consult",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="preparations",
                            to="consults.consult",
                        ),
                    ),
                    (
                        "person",
                        models.ForeignKey(
                            help_text="The requester",
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("minutes", models.PositiveSmallIntegerField(help_text="The requester's own")),
                    (
                        "code",
                        models.CharField(blank=True, help_text="Empty where the requester bills none", max_length=10),
                    ),
                    ("refused_because", models.CharField(blank=True, max_length=200)),
                    ("decided_at", models.DateTimeField()),
                ],
                options={
                    "ordering": ["decided_at", "id"],
                    "indexes": [models.Index(fields=["person", "decided_at"], name="preparation_person")],
                    "constraints": [
                        models.UniqueConstraint(fields=("consult", "person"), name="preparation_once"),
                        models.CheckConstraint(
                            condition=models.Q(("minutes__range", (1, 600))), name="preparation_1_to_600"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(models.Q(("code", ""), _negated=True), ("refused_because", "")),
                                models.Q(("code", ""), models.Q(("refused_because", ""), _negated=True)),
                                _connector="OR",
                            ),
                            name="preparation_code_or_reason",
                        ),
                    ],
                },
            ),
        )
    ]
