"""Notes of organizations, behind the same wall as everything else that belongs to one (decision 2).

The rule is written out: the functions of the consults' wall belong to an app above this one.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

SETTING = "coalesce(current_setting('consilium.organizations', true), '')"
RULE = f"""(SELECT {SETTING} = '*') OR organization_id = ANY ((
  SELECT CASE WHEN {SETTING} IN ('', '*') THEN '{{}}'::bigint[]
              ELSE string_to_array({SETTING}, ',')::bigint[] END)::bigint[])"""
WALL = f"""
ALTER TABLE knowledge_overlay ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge_overlay FORCE ROW LEVEL SECURITY;
CREATE POLICY organization ON knowledge_overlay USING ({RULE}) WITH CHECK ({RULE});
"""
NO_WALL = """
DROP POLICY organization ON knowledge_overlay;
ALTER TABLE knowledge_overlay NO FORCE ROW LEVEL SECURITY;
ALTER TABLE knowledge_overlay DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0012_search_log"),
        ("members", "0003_local_editor"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Overlay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("version", models.PositiveIntegerField(default=1, help_text="Raised at each change by a person")),
                ("flagged_at", models.DateTimeField(help_text="Since when the passage says something else", null=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="overlays",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="overlays", to="knowledge.document"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="overlays", to="members.organization"
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="knowledge.revision"
                    ),
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
        migrations.RunSQL(WALL, NO_WALL),
    ]
