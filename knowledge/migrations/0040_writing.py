"""What is kept while a draft is written, and the codes of ICD-10-CM.

Saves and desks serve until the draft leaves that state, whoever moves it on: a trigger takes them away.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

PRUNE = """
CREATE FUNCTION knowledge_draft_is_done() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM knowledge_draftsave WHERE revision_id = NEW.id;
  DELETE FROM knowledge_draftdesk WHERE revision_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER draft_is_done AFTER UPDATE OF state ON knowledge_revision
  FOR EACH ROW WHEN (OLD.state = 'draft' AND NEW.state <> 'draft') EXECUTE FUNCTION knowledge_draft_is_done();
"""
KEEP = """
DROP TRIGGER draft_is_done ON knowledge_revision;
DROP FUNCTION knowledge_draft_is_done();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0030_recall_and_freshness"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Code",
            fields=[
                ("code", models.CharField(max_length=10, primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=300)),
                ("is_leaf", models.BooleanField(help_text="Whether it is billed as it is, having no codes below it")),
            ],
            options={
                "ordering": ["code"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.search.SearchVector("title", config="english"), name="code_words"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DraftDesk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("saved_at", models.DateTimeField(null=True)),
                (
                    "aside",
                    models.JSONField(
                        help_text="Typed where someone else had changed the same; not in the draft yet", null=True
                    ),
                ),
                ("aside_edition", models.IntegerField(help_text="The edition it was begun from", null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="desks", to="knowledge.revision"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("revision", "person"), name="draft_desk_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DraftSave",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("edition", models.PositiveIntegerField()),
                ("content", models.JSONField()),
                ("tab", models.CharField(blank=True, help_text="The open page it came from", max_length=40)),
                (
                    "sent",
                    models.JSONField(
                        help_text="What that page held, where the save merged it with others' changes", null=True
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="saves", to="knowledge.revision"
                    ),
                ),
            ],
            options={
                "ordering": ["edition"],
                "constraints": [
                    models.UniqueConstraint(fields=("revision", "edition"), name="draft_save_once"),
                ],
            },
        ),
        migrations.RunSQL(PRUNE, KEEP),
    ]
