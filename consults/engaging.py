"""Who may do what with an improvement engagement, and in which state. Pure."""

from collections.abc import Set
from dataclasses import dataclass
from enum import Enum

from portal.members.policy import Actor, Allowed, Decision, Denied


class Act(Enum):
    AGREE = "agree"
    DECLINE = "decline"
    ALLOW = "allow"
    BEGIN = "begin"
    CLOSE = "close"
    LOG = "log"
    PLAN = "plan"
    MEASURE = "measure"
    NAME = "name"
    NAME_CONSULTANT = "name-consultant"


OPEN = frozenset({"asked", "agreed", "under-way"})
IN_STATES: dict[Act, frozenset[str]] = {
    Act.AGREE: frozenset({"asked"}),
    Act.DECLINE: frozenset({"asked"}),
    Act.ALLOW: frozenset({"agreed", "under-way"}),
    Act.BEGIN: frozenset({"agreed"}),
    Act.CLOSE: frozenset({"under-way"}),
    Act.LOG: frozenset({"agreed", "under-way"}),
    Act.PLAN: OPEN,
    Act.MEASURE: OPEN,
    Act.NAME: OPEN,
    Act.NAME_CONSULTANT: OPEN,
}


@dataclass(frozen=True)
class Facts:
    """An engagement as far as these rules are concerned."""

    organization_id: int
    state: str
    people: Set[int]
    consultants: Set[int]


def may_ask(actor: Actor, organization_id: int) -> Decision:
    """Who asks for one: an administrator of the organization."""
    if organization_id in actor.administrator_of:
        return Allowed()
    return Denied("Only administrators of an organization ask for an engagement.")


def who_may(actor: Actor, act: Act, facts: Facts) -> Decision:
    """Whether this person could ever do this; the state is another question."""
    administers = facts.organization_id in actor.administrator_of
    if act in (Act.AGREE, Act.DECLINE, Act.ALLOW, Act.NAME_CONSULTANT):
        allowed = actor.is_network_administrator
        return Allowed() if allowed else Denied("Only administrators of the network do this.")
    if act is Act.NAME:
        return Allowed() if administers else Denied("Only administrators of the organization name its people.")
    consults = actor.is_network_staff and actor.person_id in facts.consultants
    if actor.is_network_administrator or consults:
        return Allowed()
    if act in (Act.BEGIN, Act.CLOSE, Act.LOG):
        return Denied("Only the network's consultants named on it do this.")
    named = actor.person_id in facts.people and facts.organization_id in actor.organizations
    return Allowed() if administers or named else Denied("Only those named on the engagement do this.")


def state_allows(act: Act, state: str) -> Decision:
    """Whether the state lets anyone do this now."""
    return Allowed() if state in IN_STATES[act] else Denied(f"This is not possible while it is {state}.")


def may_now(actor: Actor, facts: Facts) -> frozenset[Act]:
    """What to offer this person on its page."""
    return frozenset(act for act in Act if state_allows(act, facts.state) and who_may(actor, act, facts))
