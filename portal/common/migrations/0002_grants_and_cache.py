"""The application's role may read and write rows, but not the past; and the table behind the shared cache."""

from django.db import migrations

from portal.common.grants import append_only, grant_everything_to_application

CACHE = """
CREATE TABLE common_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX common_cache_expires ON common_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("common", "0001_initial")]
    operations = [
        migrations.RunSQL(CACHE, "DROP TABLE common_cache"),
        grant_everything_to_application(),
        append_only("common_auditevent"),
    ]
