"""The numbers of consults."""

from django.db import migrations


class Migration(migrations.Migration):
    replaces = [("consults", "0003_files_added_later")]
    dependencies = [
        ("consults", "0035_minutes"),  # that is 0001_tables: where only part was applied, Django says so
        ("common", "0002_rights"),
    ]
    operations = [migrations.RunSQL("CREATE SEQUENCE consults_number START 1001", "DROP SEQUENCE consults_number")]
