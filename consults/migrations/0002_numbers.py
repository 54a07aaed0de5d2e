"""The numbers of consults."""

from django.db import migrations


class Migration(migrations.Migration):
    replaces = [("consults", "0003_files_added_later")]
    dependencies = [
        # 0001_tables by its last old name: where a part alone of what it stands for was applied, Django says so.
        ("consults", "0035_minutes"),
        ("common", "0002_rights"),
    ]
    operations = [migrations.RunSQL("CREATE SEQUENCE consults_number START 1001", "DROP SEQUENCE consults_number")]
