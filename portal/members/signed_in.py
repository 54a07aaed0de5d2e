"""The person of a session with what every page needs to know of them, in one query."""

from functools import cache

from portal.common.beside import Beside
from portal.common.planned import planned
from portal.common.rows import Taken
from portal.members import doors
from portal.members.models import Person
from portal.members.policy import Actor

# Written out, because every request begins with it: Django takes as long to put it together as PostgreSQL to answer.
_SQL = """
SELECT {columns},
       (SELECT json_agg(json_build_array(r.name, r.specialty_id, r.{houses})) FROM members_role r
          LEFT JOIN members_organization o ON o.id = r.organization_id
         WHERE r.person_id = t0.id AND (r.organization_id IS NULL OR o.deactivated_at IS NULL)),
       (SELECT count(*) FROM common_notice n WHERE n.person_id = t0.id AND n.read_at IS NULL)
  FROM {tables} WHERE t0.id = %s
"""


def find(pk: int) -> Person | None:
    """The person with their facility and its organization, their ``actor``, and ``unread``: notices not yet opened."""
    people, sql = _statement()
    with planned() as cursor:
        cursor.execute(sql, [pk])
        row = cursor.fetchone()
    if row is None:
        return None
    taken = Taken(row)
    person = people.take(taken)
    held, unread = taken.rest()
    # As the property ``actor`` finds them (Role.in_force); it looks itself once this value is taken away.
    person.actor = Actor.from_rows(person.pk, [tuple(role) for role in held or ()])
    person.unread = unread
    return person


@cache
def _statement() -> tuple[Beside[Person], str]:
    people = Beside(Person, "facility", "facility__organization")
    houses = ", ".join(doors.COLUMNS).replace("organization__", "o.")
    return people, _SQL.format(columns=people.columns, tables=people.tables, houses=houses)
