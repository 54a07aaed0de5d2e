"""Who may do what, as pure rules over values: no database, no request.

``can(actor, action, …)`` answers Allowed or Denied(reason); the reason is a sentence for the person refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from portal.members.doors import House, house_of_row


@dataclass(frozen=True)
class Allowed:
    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True)
class Denied:
    reason: str

    def __bool__(self) -> bool:
        return False


Decision = Allowed | Denied


@dataclass(frozen=True)
class Actor:
    """A person as their roles make them. Identifiers are of organizations and specialties."""

    person_id: int
    clinician_in: frozenset[int] = frozenset()
    administrator_of: frozenset[int] = frozenset()
    local_editor_of: frozenset[int] = frozenset()
    specialist_in: frozenset[int] = frozenset()
    leads: frozenset[int] = frozenset()
    is_editor: bool = False
    is_network_administrator: bool = False
    is_auditor: bool = False
    houses: tuple[House, ...] = ()
    """The person's organizations, by name."""
    acting_for: int | None = None
    """The organization chosen for this session, where there are several."""

    @classmethod
    def from_roles(
        cls, person_id: int, roles: Iterable[tuple[str, int | None, int | None]], houses: Iterable[House] = ()
    ) -> "Actor":
        """Built from (role name, organization id, specialty id) rows."""
        rows = list(roles)

        def places(name: str) -> frozenset[int]:
            return frozenset(organization or specialty or 0 for role, organization, specialty in rows if role == name)

        names = {row[0] for row in rows}
        return cls(
            person_id=person_id,
            clinician_in=places("clinician"),
            administrator_of=places("organization-administrator"),
            local_editor_of=places("local-editor"),
            specialist_in=places("specialist") | places("section-lead"),
            leads=places("section-lead"),
            is_editor="editor" in names,
            is_network_administrator="network-administrator" in names,
            is_auditor="auditor" in names,
            houses=tuple(sorted(houses, key=lambda house: (house.name, house.pk))),
        )

    @classmethod
    def from_rows(cls, person_id: int, rows: Iterable[tuple[Any, ...]]) -> "Actor":
        """Built from rows of (role name, specialty id, and ``doors.COLUMNS`` of the organization)."""
        held = list(rows)
        houses = {row[2]: house_of_row(row[2:]) for row in held if row[2]}
        return cls.from_roles(person_id, [(row[0], row[2], row[1]) for row in held], houses.values())

    def without(self, organizations: Iterable[int]) -> "Actor":
        """The same person as if they had no role in these organizations."""
        gone = frozenset(organizations)
        return replace(
            self,
            clinician_in=self.clinician_in - gone,
            administrator_of=self.administrator_of - gone,
            local_editor_of=self.local_editor_of - gone,
            houses=tuple(house for house in self.houses if house.pk not in gone),
        )

    def as_narrow_as(self, powers: Iterable[str]) -> "Actor":
        """The same person without roles in organizations that ``powers`` do not name."""
        parts = (power.partition(":") for power in powers)
        named = {int(place) for name, _, place in parts if name in ORGANIZATION_ROLES}
        return self.without(self.organizations - named)

    def acts_for(self, organization_id: int | None) -> "Actor":
        """The same person acting for this organization of theirs; any other changes nothing."""
        return replace(self, acting_for=organization_id) if organization_id in self.organizations else self

    @property
    def house(self) -> House | None:
        """The organization the person acts for: the one chosen, else the first by name."""
        chosen = (house for house in self.houses if house.pk == self.acting_for)
        return next(chosen, self.houses[0] if self.houses else None)

    @property
    def clinician_for(self) -> int | None:
        """The organization for which what the person asks is asked, unless they say another."""
        return self.acting_for if self.acting_for in self.clinician_in else min(self.clinician_in, default=None)

    @property
    def organizations(self) -> frozenset[int]:
        return self.clinician_in | self.administrator_of | self.local_editor_of

    @property
    def annotates(self) -> frozenset[int]:
        """The organizations whose notes on documents this person writes."""
        return self.administrator_of | self.local_editor_of

    @property
    def is_network_staff(self) -> bool:
        return bool(self.specialist_in) or self.is_editor or self.is_network_administrator or self.is_auditor

    @property
    def has_any_role(self) -> bool:
        return bool(self.organizations) or self.is_network_staff

    @property
    def scope(self) -> frozenset[int] | None:
        """The organizations whose rows the database shows this person: None is all (network staff)."""
        return None if self.is_network_staff else self.organizations

    @property
    def kinds(self) -> str:
        """Which roles the person has, wherever they have them: the links of a page depend on no more."""
        return "".join("x" if held else "-" for held in self._held)

    @property
    def _held(self) -> tuple[object, ...]:
        return (
            self.clinician_in,
            self.administrator_of,
            self.local_editor_of,
            self.specialist_in,
            self.leads,
            self.is_editor,
            self.is_network_administrator,
            self.is_auditor,
        )

    @property
    def powers(self) -> frozenset[str]:
        """All that the person is, each a role with its organization or specialty: what a file for them rests on."""
        places = {
            "clinician": self.clinician_in,
            "organization-administrator": self.administrator_of,
            "local-editor": self.local_editor_of,
            "specialist": self.specialist_in,
            "section-lead": self.leads,
            "editor": [0] * self.is_editor,
            "network-administrator": [0] * self.is_network_administrator,
            "auditor": [0] * self.is_auditor,
        }
        return frozenset(f"{name}:{place}" for name, held in places.items() for place in held)


class Action(Enum):
    """What the pages outside consults ask leave for."""

    SEE_ORGANIZATIONS = "see the list of organizations"
    MANAGE_ORGANIZATION = "change an organization"
    MANAGE_PEOPLE = "invite and deactivate people of an organization"
    KEEP_HOUSE = "keep an organization's facilities, contacts and signed documents"
    MANAGE_NETWORK_STAFF = "invite and deactivate network staff"
    EDIT_DOCUMENTS = "publish and retire documents"
    READ_AUDIT = "read the audit trail"
    ANNOTATE = "write an organization's notes on documents"
    STAND_IN = "look at the site as somebody else"
    SET_PROMISES = "say what the network promises"
    SEE_INVOICES = "see what an organization is billed and has paid"
    SEE_FEES = "see plans, and what every organization owes"
    KEEP_FEES = "keep plans, agreements, invoices and payments"


def _sees(actor: Actor, action: Action) -> bool:
    """Lists that administrators of an organization see their part of; what is billed, auditors too."""
    if action in (Action.SEE_INVOICES, Action.SEE_FEES) and actor.is_auditor:
        return True
    return action in (Action.SEE_ORGANIZATIONS, Action.SEE_INVOICES) and bool(actor.administrator_of)


def can(actor: Actor, action: Action, organization_id: int | None = None) -> Decision:
    """Whether ``actor`` may do ``action``, where it matters in the organization given."""
    if action is Action.EDIT_DOCUMENTS:
        return Allowed() if actor.is_editor else Denied("Only editors of the network publish and retire documents.")
    if action is Action.READ_AUDIT:
        reads = actor.is_auditor or bool(actor.administrator_of)
        return (
            Allowed() if reads else Denied("Only auditors and administrators of an organization read the audit trail.")
        )
    if action is Action.ANNOTATE:
        mine = organization_id in actor.annotates if organization_id else bool(actor.annotates)
        return (
            Allowed() if mine else Denied("Only administrators and local editors of an organization write its notes.")
        )
    if action in (Action.MANAGE_PEOPLE, Action.KEEP_HOUSE) and organization_id in actor.administrator_of:
        return Allowed()
    if actor.is_network_administrator or _sees(actor, action):
        return Allowed()
    if action is Action.MANAGE_PEOPLE:
        return Denied("Only administrators of this organization, or of the network, manage its people.")
    if action is Action.KEEP_HOUSE:
        return Denied("Only administrators of this organization, or of the network, do this.")
    return Denied("Only administrators of the network do this.")


ORGANIZATION_ROLES = frozenset({"clinician", "organization-administrator", "local-editor"})
NETWORK_WIDE_ROLES = frozenset({"editor", "network-administrator", "auditor"})


def can_give(actor: Actor, role: str, organization_id: int | None) -> Decision:
    """Whether ``actor`` may give ``role``, or take it away, in the organization given.

    Nobody gives what reaches beyond themselves: administrators of an organization give its own three roles, and network
    administrators alone make network staff.
    """
    if role not in ORGANIZATION_ROLES:
        return can(actor, Action.MANAGE_NETWORK_STAFF)
    return can(actor, Action.MANAGE_PEOPLE, organization_id)


def can_deactivate(actor: Actor, other: Actor) -> Decision:
    """Whether ``actor`` may deactivate, or reactivate, the person ``other``."""
    if actor.person_id == other.person_id:
        return Denied("You cannot deactivate yourself. Ask another administrator.")
    if actor.is_network_administrator:
        return Allowed()
    if not other.organizations & actor.administrator_of:
        return Denied("Only administrators of this person's organization, or of the network, do this.")
    if other.is_network_staff or other.organizations - actor.administrator_of:
        return Denied(
            "This person also works for the network or another organization. Remove their role here, "
            "or ask an administrator of the network to deactivate them."
        )
    return Allowed()


def shared(actor: Actor, other: Actor) -> frozenset[int]:
    """The organizations of ``other`` that ``actor`` administers."""
    return other.organizations & actor.administrator_of


def can_keep_facts(actor: Actor, other: Actor) -> Decision:
    """Whether ``actor`` may say where ``other`` works, in which field, and under which NPI."""
    if actor.is_network_administrator or shared(actor, other):
        return Allowed()
    return Denied("Only administrators of this person's organization, or of the network, do this.")


def can_stand_in(actor: Actor, other: Actor) -> Decision:
    """Whether ``actor`` may look at the site as ``other``: for a reason and a time, and only look."""
    if not actor.is_network_administrator:
        return Denied("Only administrators of the network look at the site as somebody else.")
    if actor.person_id == other.person_id:
        return Denied("That is you.")
    if other.is_network_administrator or other.is_auditor:
        return Denied("Nobody looks at the site as an administrator or an auditor of the network.")
    if not other.has_any_role:
        return Denied("This person has no role, and cannot sign in.")
    return Allowed()
