"""Absences as rows with a beginning: who is away now and who will be. They take the place of a column on the person."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

KEEP = """
INSERT INTO members_absence (person_id, start_at, end_at, event, created_at)
SELECT id, now(), away_until, '', now() FROM members_person WHERE away_until > now();
"""
GIVE_BACK = """
UPDATE members_person p SET away_until = (SELECT max(end_at) FROM members_absence a
 WHERE a.person_id = p.id AND a.start_at <= now() AND a.end_at > now());
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0004_specialist_profiles")]
    operations = [
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start_at", models.DateTimeField()),
                ("end_at", models.DateTimeField()),
                (
                    "event",
                    models.CharField(blank=True, help_text="Of the calendar it came from", max_length=200),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["start_at", "end_at", "id"],
                "indexes": [models.Index(fields=["person", "end_at"], name="absence_person")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("end_at__gt", models.F("start_at"))), name="absence_ends_later"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("event", ""), _negated=True),
                        fields=("person", "event"),
                        name="absence_once_from_a_calendar",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEEP, GIVE_BACK),
        migrations.RemoveField(model_name="person", name="away_until"),
    ]
