from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0007_origin")]
    operations = [
        migrations.RemoveIndex(model_name="document", name="document_unindexed"),
        migrations.RemoveField(model_name="document", name="indexed_version"),
    ]
