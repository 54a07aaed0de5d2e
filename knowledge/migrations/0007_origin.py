from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0006_editorial_rules")]
    operations = [
        migrations.AddField(
            model_name="document",
            name="origin",
            field=models.CharField(
                blank=True,
                help_text="Page of this site that it grew from; editors alone are shown it",
                max_length=200,
            ),
        ),
    ]
