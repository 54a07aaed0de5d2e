"""The application's role may read and write rows, but not the past; and the table behind the shared cache."""

from django.db import migrations

from portal.common.grants import append_only, grant_everything_to_application, of_a_person, wall

CACHE = """
CREATE TABLE common_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX common_cache_expires ON common_cache (expires);
"""


class Migration(migrations.Migration):
    replaces = [("common", "0002_grants_and_cache")]
    dependencies = [
        # 0001_tables by its last old name: where a part alone of what it stands for was applied, Django says so.
        ("common", "0007_exports"),
        ("members", "0002_tables"),
    ]
    operations = [
        migrations.RunSQL(CACHE, "DROP TABLE common_cache"),
        grant_everything_to_application(),
        append_only("common_auditevent", "common_auditcheckpoint"),
        wall("common_export", of_a_person("common_export")),
    ]
