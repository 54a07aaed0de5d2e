"""Rows of an organization, and of its people, exist for its people and for network staff alone."""

from django.db import migrations

from portal.common.grants import append_only, may_update, of_a_person, part_of, wall

OF_ORGANIZATIONS = (
    "roster",
    "joinrequest",
    "identityprovider",
    "provisioningtoken",
    "directoryperson",
    "directorygroup",
    "membershipperiod",
    "contact",
    "signeddocument",
)
OF_PARTS = (
    ("members_rosterline", "members_roster", "roster_id", "r"),
    ("members_directorygroup_members", "members_directorygroup", "directorygroup_id", "g"),
    ("members_applicationcheck", "members_application", "application_id", "a"),
    ("members_applicationnote", "members_application", "application_id", "a"),
)


class Migration(migrations.Migration):
    replaces = [("members", "0008_roster")]
    dependencies = [("members", "0002_tables"), ("common", "0002_rights")]
    operations = [
        *(wall(f"members_{name}") for name in OF_ORGANIZATIONS),
        *(wall(table, part_of(table, whole, column, alias=alias)) for table, whole, column, alias in OF_PARTS),
        wall("members_standin", of_a_person("members_standin")),
        # Nobody's organization yet, or no business of its people: administrators of the network see everything.
        wall("members_application", "false"),
        append_only("members_applicationcheck", "members_applicationnote", "members_membershipperiod"),
        may_update("members_membershipperiod", "ends_at"),
        append_only("members_signeddocument"),
        may_update("members_signeddocument", "removed_at", "removed_by_id"),
    ]
