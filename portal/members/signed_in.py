"""The person of a session with what every page needs to know of them, in one query."""

from functools import cache

from django.db import connection

from portal.common.rows import Beside, columns
from portal.members import doors
from portal.members.models import Facility, Organization, Person
from portal.members.policy import Actor

# Written out, because every request begins with it: Django takes as long to put it together as PostgreSQL to answer.
_SQL = """
SELECT {people}, {facilities}, {organizations},
       (SELECT json_agg(json_build_array(r.name, r.specialty_id, r.{houses})) FROM members_role r
          LEFT JOIN members_organization o ON o.id = r.organization_id
         WHERE r.person_id = p.id AND (r.organization_id IS NULL OR o.deactivated_at IS NULL)),
       (SELECT count(*) FROM common_notice n WHERE n.person_id = p.id AND n.read_at IS NULL)
  FROM members_person p LEFT JOIN members_facility f ON f.id = p.facility_id
  LEFT JOIN members_organization g ON g.id = f.organization_id
 WHERE p.id = %s
"""


def find(pk: int) -> Person | None:
    """The person with their facility and its organization, their ``actor``, and ``unread``: notices not yet opened."""
    with connection.cursor() as cursor:
        cursor.execute(_statement(), [pk])
        row = cursor.fetchone()
    if row is None:
        return None
    beside = Beside(row)
    person, facility, organization = beside.row(Person), beside.row(Facility), beside.row(Organization)
    held, unread = beside.rest()
    assert person is not None
    # As the property ``actor`` finds them (Role.in_force); it looks itself once this value is taken away.
    person.actor = Actor.from_rows(person.pk, [tuple(role) for role in held or ()])
    person.unread = unread
    person.facility = facility
    if facility is not None and organization is not None:
        facility.organization = organization
    return person


@cache
def _statement() -> str:
    houses = ", ".join(doors.COLUMNS).replace("organization__", "o.")
    return _SQL.format(
        people=columns(Person, "p"),
        facilities=columns(Facility, "f"),
        organizations=columns(Organization, "g"),
        houses=houses,
    )
