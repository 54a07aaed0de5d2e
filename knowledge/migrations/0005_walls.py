"""What was searched for and the notes of organizations, behind the wall of everything that belongs to one (decision 2).

The rule is written out: the functions of the consults' wall belong to an app above this one.
"""

from django.db import migrations

from portal.common.grants import wall

SETTING = "coalesce(current_setting('consilium.organizations', true), '')"
EVERYTHING = f"(SELECT {SETTING} = '*')"
OWN = f"""organization_id = ANY ((
  SELECT CASE WHEN {SETTING} IN ('', '*') THEN '{{}}'::bigint[]
              ELSE string_to_array({SETTING}, ',')::bigint[] END)::bigint[])"""


class Migration(migrations.Migration):
    replaces = [("knowledge", "0013_overlays")]
    dependencies = [("knowledge", "0004_searchable")]
    operations = [
        wall("knowledge_searchlog", OWN, everything=EVERYTHING),
        wall("knowledge_overlay", OWN, everything=EVERYTHING),
    ]
