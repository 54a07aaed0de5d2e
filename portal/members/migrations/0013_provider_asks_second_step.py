from django.db import migrations, models

WORDS = "Its word for a second step counts here"


class Migration(migrations.Migration):
    """Providers that are set up already keep what they had: their word counts."""

    dependencies = [("members", "0012_audit_exports_moved")]

    operations = [
        migrations.AddField(
            "identityprovider", "asks_second_step", models.BooleanField(default=True, db_default=True, help_text=WORDS)
        ),
        migrations.AlterField(
            "identityprovider",
            "asks_second_step",
            models.BooleanField(default=False, db_default=False, help_text=WORDS),
        ),
    ]
