"""What sending goes by: what a held draft has, and what its section asks and promises, in one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from consults.colleagues import ANSWERED
from consults.models import Consult, GateVersion, LadderVersion, Promise, RoutingPolicy
from consults.services.telling import ANSWERS_HERE
from portal.common.planned import planned
from portal.common.rows import Taken, columns
from portal.fees.services.standing import SUSPENDED

_SQL = """
SELECT {gates}, {ladders}, {policies},
       (SELECT count(*) FROM consults_consult_documents WHERE consult_id = %(consult)s),
       (SELECT count(*) FROM consults_attachment WHERE consult_id = %(consult)s),
       EXISTS (SELECT 1 FROM consults_onbehalf WHERE consult_id = %(consult)s),
       {answered}, {suspended},
       (SELECT json_agg(json_build_array(id, urgency, specialty_id, tier, organization_id))
          FROM consults_promise WHERE ended_at IS NULL),
       (SELECT json_agg(json_build_array(p.id, p.email, p.name) ORDER BY p.name, p.id) {here})
  FROM (SELECT 1) AS one
  LEFT JOIN LATERAL (SELECT * FROM consults_gateversion
                      WHERE specialty_id = %(specialty)s ORDER BY number DESC LIMIT 1) AS g ON true
  LEFT JOIN LATERAL (SELECT * FROM consults_ladderversion WHERE specialty_id = %(specialty)s OR specialty_id IS NULL
                      ORDER BY specialty_id NULLS LAST, number DESC LIMIT 1) AS l ON true
  LEFT JOIN consults_routingpolicy AS y ON y.specialty_id = %(specialty)s
"""


@dataclass
class Somebody:
    """Who is told, as far as telling needs to know them."""

    pk: int
    email: str
    name: str
    is_active: bool = True


@dataclass(frozen=True)
class Known:
    gate: GateVersion | None
    """The newest of the specialty."""
    ladder: LadderVersion | None
    """The newest of the specialty, else of the network."""
    policy: RoutingPolicy
    documents: int
    files: int
    is_for_colleague: bool
    is_answered_for: bool
    """Whether anybody answers for the specialty."""
    is_suspended: bool
    """Whether the organization's membership is."""
    promises: Sequence[Promise]
    """All that are kept now."""
    here: Sequence[Somebody]
    """Everyone who answers for the specialty and is not away."""


def known_of(row: Consult, *, now: datetime) -> Known:
    """All of it, after the (held) draft's row: what was added to it before it was held counts."""
    asked: dict[str, int | datetime] = {
        "consult": row.pk,
        "specialty": row.specialty_id or 0,
        "organization": row.organization_id,
        "now": now,
    }
    with planned() as cursor:
        cursor.execute(_statement(), asked)
        beside = Taken(cursor.fetchone())
    gate, ladder, policy = beside.row(GateVersion), beside.row(LadderVersion), beside.row(RoutingPolicy)
    documents, files, is_for_colleague, is_answered_for, is_suspended, promises, here = beside.rest()
    names = ("id", "urgency", "specialty_id", "tier", "organization_id")
    return Known(
        gate=gate,
        ladder=ladder,
        policy=policy or RoutingPolicy(),
        documents=documents,
        files=files,
        is_for_colleague=is_for_colleague,
        is_answered_for=is_answered_for,
        is_suspended=is_suspended,
        promises=[Promise(**dict(zip(names, values, strict=True))) for values in promises or ()],
        here=[Somebody(*values) for values in here or ()],
    )


@cache
def _statement() -> str:
    return _SQL.format(
        gates=columns(GateVersion, "g"),
        ladders=columns(LadderVersion, "l"),
        policies=columns(RoutingPolicy, "y"),
        answered=ANSWERED.format(specialty="%(specialty)s"),
        suspended=SUSPENDED.format(organization="%(organization)s"),
        here=ANSWERS_HERE,
    )
