"""Row-level security on everything that belongs to an organization.

FORCE makes the rule hold for the tables' owner too. ``portal.common.tenancy`` sets what a transaction may see.
"""

from django.db import migrations

from portal.common.grants import part_of, wall

SEES = """
CREATE FUNCTION consilium_sees_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT coalesce(current_setting('consilium.organizations', true), '') = '*' $$;
CREATE FUNCTION consilium_organizations() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT CASE WHEN coalesce(current_setting('consilium.organizations', true), '') IN ('', '*') THEN '{}'::bigint[]
            ELSE string_to_array(current_setting('consilium.organizations', true), ',')::bigint[] END $$;
"""
UNSEES = """
DROP FUNCTION consilium_organizations();
DROP FUNCTION consilium_sees_all();
"""
EVERYTHING = "(SELECT consilium_sees_all())"
OWN = "organization_id = ANY ((SELECT consilium_organizations())::bigint[])"
OF_ORGANIZATIONS = ("consult", "call", "engagement", "outcome", "preparationpolicy")
OF_CONSULTS = (
    "attachment",
    "message",
    "assignment",
    "clockevent",
    "milestone",
    "timelineentry",
    "closeout",
    "consult_documents",
    "faqoffer",
    "secondopinion",
    "statement",
    "watcher",
    "onbehalf",
    "billingdecision",
    "peerreview",
    "agendaitem",
    "preparation",
)
OF_OTHERS = (
    ("citation", "message", "m"),
    ("conclusion", "message", "m"),
    ("callevent", "call", "c"),
    ("callnote", "call", "c"),
    ("engagementperson", "engagement", "w"),
    ("engagementmilestone", "engagement", "w"),
    ("engagementhours", "engagement", "w"),
    ("measure", "engagement", "w"),
    ("engagement_documents", "engagement", "w"),
    ("measurepoint", "measure", "w"),
)
# The network's own: no organization's people see a row, whoever's consult it belongs to. So are conferences, and why a
# specialist mended their minutes.
NETWORKS_OWN = ("answerdraft", "piece", "conference", "conferenceinvitation", "minutesmend")
ASKED_IT = (
    "EXISTS (SELECT 1 FROM consults_consult c WHERE c.id = consults_preparation.consult_id "
    "AND c.requester_id = consults_preparation.person_id)"
)


def behind(name: str, rule: str = "") -> migrations.RunSQL:
    return wall(f"consults_{name}", rule, everything=EVERYTHING)


def of(name: str, whole: str, alias: str) -> migrations.RunSQL:
    return behind(name, part_of(f"consults_{name}", f"consults_{whole}", f"{whole}_id", alias=alias))


def written_where(table: str, rule: str, insert: str, update: str) -> migrations.RunSQL:
    """The rule holds of each new row, and still of a changed one, whoever writes it."""
    return migrations.RunSQL(
        f"CREATE POLICY {insert} ON {table} AS RESTRICTIVE FOR INSERT WITH CHECK ({rule});"
        f"CREATE POLICY {update} ON {table} AS RESTRICTIVE FOR UPDATE WITH CHECK ({rule});",
        f"DROP POLICY {insert} ON {table}; DROP POLICY {update} ON {table};",
    )


def same_house(name: str, person: str) -> migrations.RunSQL:
    """Nobody but a clinician of the consult's organization is ever named here, whoever writes the row."""
    table = f"consults_{name}"
    rule = (
        "EXISTS (SELECT 1 FROM consults_consult c JOIN members_role r ON r.organization_id = c.organization_id "
        f"WHERE c.id = {table}.consult_id AND r.person_id = {table}.{person} AND r.name = 'clinician')"
    )
    return written_where(table, rule, "same_house", "same_house_still")


class Migration(migrations.Migration):
    replaces = [("consults", "0002_walls")]
    dependencies = [("consults", "0002_numbers")]
    operations = [
        migrations.RunSQL(SEES, UNSEES),
        *(behind(name, OWN) for name in OF_ORGANIZATIONS),
        *(of(name, "consult", "c") for name in OF_CONSULTS),
        *(of(name, whole, alias) for name, whole, alias in OF_OTHERS),
        *(behind(name) for name in NETWORKS_OWN),
        same_house("watcher", "person_id"),
        same_house("onbehalf", "colleague_id"),
        # Nobody but who asks it prepares a question.
        written_where("consults_preparation", ASKED_IT, "asked_it", "asks_it_still"),
    ]
