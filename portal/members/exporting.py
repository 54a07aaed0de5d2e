"""The audit trail as a file; and what other kinds of files can be narrowed to: an organization and days."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from portal.common import exports
from portal.common.models import AuditEventQuerySet
from portal.common.refusals import Invalid
from portal.members import trail
from portal.members.forms import AuditForm
from portal.members.models import Organization, Person
from portal.members.policy import Action, Denied, can

EVENT = (
    "id",
    "at",
    "actor",
    "on_behalf_of",
    "action",
    "object_type",
    "object_id",
    "organization",
    "address",
    "request_id",
    "detail",
    "sequence",
    "digest",
)
NARROWING = frozenset({"organization", "since", "until"})


def needs(action: Action) -> Any:
    """``why_not`` of a kind that is for who may do ``action`` somewhere."""

    def why_not(person: Person) -> str:
        decision = can(person.actor, action)
        return decision.reason if isinstance(decision, Denied) else ""

    return why_not


def narrowed(person: Person, given: Mapping[str, str]) -> exports.Asked:
    """An organization of the person's by its slug, and days. Raises Invalid."""
    slug = given.get("organization", "")
    if slug and not places_of(person).filter(slug=slug).exists():
        raise Invalid(organization="No such organization, or not yours.")
    for name in given.keys() & {"since", "until"}:
        day_of(given, name)
    return dict(given)


def day_of(given: Mapping[str, Any], name: str) -> date | None:
    """A day that was given. Raises Invalid for nonsense."""
    try:
        return date.fromisoformat(given[name]) if given.get(name) else None
    except ValueError:
        raise Invalid(**{name: "Write a day as 2026-01-31."}) from None


def places_of(person: Person) -> Any:
    """Organizations that files of the person's may be narrowed to."""
    rows, actor = Organization.objects.all(), person.actor
    if actor.is_network_staff:
        return rows
    return rows.filter(pk__in=actor.administrator_of)


def _read_audit(person: Person, given: Mapping[str, str]) -> exports.Asked:
    """As the form of the page reads it; the organization by its key or its slug."""
    places, values = trail.organizations(person), dict(given)
    values["organization"] = next(
        (str(one.pk) for one in places if one.slug == values.get("organization")), values.get("organization", "")
    )
    form = AuditForm(values, organizations=places)
    if not form.is_valid():
        raise Invalid(**{name: " ".join(map(str, errors)) for name, errors in form.errors.items()})
    return form.asked.as_json()


def _said_of_audit(asked: exports.Asked) -> list[str]:
    values = dict(asked)
    if number := values.pop("organization"):
        values["organization"] = Organization.objects.filter(pk=number).values_list("name", flat=True).first()
    return [f"{name.replace('_', ' ')} {value}" for name, value in values.items() if value]


class Trail:
    """The events a person may see, the newest first, up to the moment of asking."""

    def __init__(self, person: Person, asked: exports.Asked, until: datetime) -> None:
        self.person = person
        self.rows: AuditEventQuerySet = trail.found(person, trail.Asked.from_json(asked)).filter(at__lte=until)

    def count(self, most: int) -> int:
        return self.rows.order_by()[:most].count()

    def part(self, after: str, size: int) -> exports.Part:
        found = trail.part(self.rows, self.person, before=after, size=size)
        return exports.Part(found.events, found.older)


AUDIT = exports.Kind(
    key="audit",
    name="Audit trail",
    holds="Who did what, when and from where: an event in each row, the newest first.",
    columns=EVENT,
    why_not=needs(Action.READ_AUDIT),
    source=Trail,
    takes=frozenset(trail.Asked.__dataclass_fields__),
    read=_read_audit,
    said=_said_of_audit,
)
