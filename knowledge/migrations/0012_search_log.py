"""What was searched for, behind the wall of everything that belongs to an organization (decision 2).

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
ALTER TABLE knowledge_searchlog ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge_searchlog FORCE ROW LEVEL SECURITY;
CREATE POLICY organization ON knowledge_searchlog USING ({RULE}) WITH CHECK ({RULE});
"""
NO_WALL = """
DROP POLICY organization ON knowledge_searchlog;
ALTER TABLE knowledge_searchlog NO FORCE ROW LEVEL SECURITY;
ALTER TABLE knowledge_searchlog DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0011_an_index_on_every_host"),
        ("members", "0002_specialties"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                ("position", models.PositiveSmallIntegerField(help_text="Where it stood, from 1", null=True)),
                ("clicked_at", models.DateTimeField(null=True)),
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
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
                "indexes": [models.Index(fields=["person", "-at"], name="search_log_person")],
            },
        ),
        migrations.RunSQL(WALL, NO_WALL),
    ]
