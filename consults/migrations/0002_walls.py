"""Row-level security on everything that belongs to an organization, append-only logs, and consult numbers.

FORCE makes the rule hold for the tables' owner too. ``portal.common.tenancy`` sets what a transaction may see.
"""

from django.db import migrations

from portal.common.grants import append_only

PARTS = (
    "attachment",
    "message",
    "assignment",
    "clockevent",
    "milestone",
    "timelineentry",
    "closeout",
    "consult_documents",
)
LOGS = ("clockevent", "milestone", "timelineentry", "message", "citation")

SEES = """
CREATE FUNCTION consilium_sees_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT coalesce(current_setting('consilium.organizations', true), '') = '*' $$;
CREATE FUNCTION consilium_organizations() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT CASE WHEN coalesce(current_setting('consilium.organizations', true), '') IN ('', '*') THEN '{}'::bigint[]
            ELSE string_to_array(current_setting('consilium.organizations', true), ',')::bigint[] END $$;
CREATE SEQUENCE consults_number START 1001;
"""
UNSEES = """
DROP SEQUENCE consults_number;
DROP FUNCTION consilium_organizations();
DROP FUNCTION consilium_sees_all();
"""


def wall(table: str, rule: str) -> migrations.RunSQL:
    """Rows of ``table`` exist only where ``rule`` holds, for reading and for writing."""
    everything = "(SELECT consilium_sees_all())"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f"CREATE POLICY organization ON {table} USING ({everything} OR {rule}) WITH CHECK ({everything} OR {rule});",
        f"DROP POLICY organization ON {table}; ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


def part_of_a_consult(table: str) -> migrations.RunSQL:
    return wall(table, f"EXISTS (SELECT 1 FROM consults_consult c WHERE c.id = {table}.consult_id)")


class Migration(migrations.Migration):
    dependencies = [("consults", "0001_initial"), ("common", "0002_grants_and_cache")]
    operations = [
        migrations.RunSQL(SEES, UNSEES),
        wall("consults_consult", "organization_id = ANY ((SELECT consilium_organizations())::bigint[])"),
        *(part_of_a_consult(f"consults_{name}") for name in PARTS),
        wall(
            "consults_citation",
            "EXISTS (SELECT 1 FROM consults_message m WHERE m.id = consults_citation.message_id)",
        ),
        append_only(*(f"consults_{name}" for name in LOGS)),
    ]
