"""The members as rows of a file: one for each currency a member is billed in."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.utils import timezone

from portal.common import exports
from portal.common.refusals import Invalid
from portal.fees.pricing import USAGE
from portal.members.models import Person
from portal.overview.figures import figures, narrowed
from portal.overview.members import AGES, Member, Money, members

ONLY = "The members at a glance are for administrators and auditors of the network."
_OWED = {age: f"owed_{age.replace('-', '_to_').replace('+', '_and_over')}_cents" for age in AGES}
COLUMNS = (
    *("organization", "slug", "tier", "standing", "currency", "dues_a_year_cents", *_OWED.values(), "ends_on"),
    *(name for kind in USAGE for name in (f"{kind.value}_included", f"{kind.value}_used")),
    *("most_used_percent", "last_sign_in", "last_read", "last_question"),
)


def why_not(person: Person) -> str:
    return "" if person.actor.is_network_administrator or person.actor.is_auditor else ONLY


def lines(rows: Iterable[Member]) -> Iterator[exports.Row]:
    for row in rows:
        for held in row.money.values() or [Money("", 0)]:
            yield _line(row, held)


def _line(row: Member, held: Money) -> exports.Row:
    of_use = {}
    for kind in USAGE:
        one = row.used.get(kind)
        of_use[f"{kind.value}_included"] = one and one.included
        of_use[f"{kind.value}_used"] = one and one.used
    return {
        "organization": row.name,
        "slug": row.slug,
        "tier": row.tier,
        "standing": row.standing,
        "currency": held.currency,
        "dues_a_year_cents": held.dues,
        **{name: held.owed[age] for age, name in _OWED.items()},
        "ends_on": row.ends_on,
        **of_use,
        "most_used_percent": row.most_used,
        "last_sign_in": row.signed_in,
        "last_read": row.read,
        "last_question": row.asked,
    }


def _read(person: Person, given: Mapping[str, str]) -> exports.Asked:
    key = given.get("show", "")
    if key and key not in {figure.key for figure in figures(members(timezone.now()))}:
        raise Invalid(show="No such figure.")
    return dict(given)


def _source(person: Person, asked: exports.Asked, until: datetime) -> exports.Whole:
    return exports.Whole(lines(narrowed(members(until), asked.get("show", ""))))


MEMBERS = exports.Kind(
    key="members",
    name="Members at a glance",
    holds="A member in each row, for each currency: standing, dues, what is owed by age, its end, use, last activity.",
    columns=COLUMNS,
    why_not=why_not,
    source=_source,
    takes=frozenset({"show"}),
    read=_read,
)
