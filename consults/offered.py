"""What a form for a question offers and asks, in one query: it is put together at every pause in typing."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.db import connection

from consults import gate
from consults.colleagues import ANSWERED
from consults.models import GateVersion
from portal.common.planned import planned
from portal.common.rows import Taken, columns
from portal.members.models import Specialty

_SQL = """
SELECT {gates},
       (SELECT json_agg(json_build_array(s.id, s.slug, s.name) ORDER BY s.name)
          FROM members_specialty s WHERE {answered}),
       (SELECT json_agg(DISTINCT urgency) FROM consults_promise WHERE ended_at IS NULL)
  FROM (SELECT 1) AS one
  LEFT JOIN LATERAL (SELECT v.* FROM consults_gateversion v JOIN members_specialty s ON s.id = v.specialty_id
                      WHERE s.slug = %s ORDER BY v.number DESC LIMIT 1) AS g ON true
"""


@dataclass(frozen=True)
class Offered:
    specialties: Sequence[Specialty]
    """Those for which someone answers, by name."""
    promised: Sequence[str]
    """The urgencies that something is promised for."""
    gate: gate.Gate
    """What the section chosen asks of a question."""


def offered(slug: str) -> Offered:
    """What there is, and what the specialty of this identifier asks; an empty one is none."""
    with planned() as cursor:
        cursor.execute(_statement(), [slug])
        beside = Taken(cursor.fetchone())
    version = beside.row(GateVersion)
    specialties, promised = beside.rest()
    return Offered(
        specialties=[Specialty.from_db(connection.alias, ["id", "slug", "name"], row) for row in specialties or ()],
        promised=promised or (),
        gate=version.gate if version else gate.NETWORK,
    )


@cache
def _statement() -> str:
    return _SQL.format(gates=columns(GateVersion, "g"), answered=ANSWERED.format(specialty="s.id"))
