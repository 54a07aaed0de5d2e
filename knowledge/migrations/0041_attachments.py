"""Pictures and PDFs of documents: what a name stands for never changes, and what a frozen revision shows stays."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import knowledge.models.attachments

FREEZE = """
CREATE FUNCTION knowledge_attachment_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    RAISE EXCEPTION 'attachment % never changes', OLD.name USING ERRCODE = 'restrict_violation';
  ELSIF EXISTS (SELECT 1 FROM knowledge_revision r WHERE r.document_id = OLD.document_id AND r.state <> 'draft'
                AND position('](attachment:' || OLD.name || ')' IN r.body) > 0) THEN
    RAISE EXCEPTION 'attachment % is shown by a revision that is frozen', OLD.name USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER attachment_frozen BEFORE UPDATE OR DELETE ON knowledge_documentattachment
  FOR EACH ROW EXECUTE FUNCTION knowledge_attachment_frozen();
"""
THAW = """
DROP TRIGGER attachment_frozen ON knowledge_documentattachment;
DROP FUNCTION knowledge_attachment_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0040_writing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DocumentAttachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(help_text="As the text names it, after attachment:", max_length=100)),
                ("content_type", models.CharField(max_length=60)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("width", models.PositiveIntegerField(help_text="Of a picture, in pixels", null=True)),
                ("height", models.PositiveIntegerField(null=True)),
                ("file", models.FileField(upload_to=knowledge.models.attachments.attachment_path)),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attachments", to="knowledge.document"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(fields=("document", "name"), name="document_attachment_name_once"),
                ],
            },
        ),
        migrations.RunSQL(FREEZE, THAW),
    ]
