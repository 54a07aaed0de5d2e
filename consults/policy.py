"""Who may do what with a consult, and in which state. Pure: the consult as values, the person as an Actor.

Whether someone may *see* a consult is ``Consult.objects.visible_to``; these rules are asked after that.
"""

from dataclasses import dataclass
from enum import Enum

from consults.models import Consult
from portal.members.policy import Actor, Allowed, Decision, Denied

State = Consult.State


class Action(Enum):
    SEND = "send"
    CLAIM = "claim"
    ASK = "ask"
    REPLY = "reply"
    ANSWER = "answer"
    HANDOVER = "handover"
    TRANSFER = "transfer"
    SECOND = "second-opinion"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    CLOSE = "close"
    RETARGET = "retarget"


IN_STATES: dict[Action, frozenset[str]] = {
    Action.SEND: frozenset({State.DRAFT}),
    Action.CLAIM: frozenset({State.QUEUED}),
    Action.ASK: frozenset({State.ASSIGNED}),
    Action.REPLY: frozenset({State.QUEUED, State.ASSIGNED, State.WAITING, State.ANSWERED, State.LAPSED}),
    Action.ANSWER: frozenset({State.ASSIGNED, State.WAITING}),
    Action.HANDOVER: frozenset({State.QUEUED, State.ASSIGNED, State.WAITING}),
    Action.TRANSFER: frozenset({State.QUEUED, State.ASSIGNED}),
    Action.SECOND: frozenset({State.ASSIGNED, State.WAITING}),
    Action.DECLINE: frozenset({State.QUEUED, State.ASSIGNED, State.WAITING}),
    Action.WITHDRAW: frozenset({State.QUEUED, State.ASSIGNED, State.WAITING}),
    Action.CLOSE: frozenset({State.ANSWERED}),
    Action.RETARGET: frozenset({State.QUEUED, State.ASSIGNED, State.WAITING}),
}


IN_QUEUE = frozenset({Action.DECLINE, Action.TRANSFER})
"""What any specialist of the specialty does with a question that nobody has."""


@dataclass(frozen=True)
class Facts:
    """A consult as far as these rules are concerned."""

    state: str
    requester_id: int
    organization_id: int
    specialty_id: int | None
    assignee_id: int | None

    @classmethod
    def of(cls, consult: Consult) -> "Facts":
        return cls(
            consult.state,
            consult.requester_id,
            consult.organization_id,
            consult.specialty_id,
            consult.assignee_id,
        )


def who_may(actor: Actor, action: Action, facts: Facts) -> Decision:
    """Whether this person could ever do this with this consult; the state is another question."""
    if action in (Action.SEND, Action.REPLY, Action.WITHDRAW, Action.CLOSE):
        return _requester(actor, facts)
    is_specialist = facts.specialty_id in actor.specialist_in
    leads = facts.specialty_id in actor.leads
    is_assignee = facts.assignee_id == actor.person_id
    if action is Action.CLAIM:
        if actor.person_id == facts.requester_id:
            return Denied("You asked this question, so someone else answers it.")
        return Allowed() if is_specialist else Denied("Only specialists of this specialty take its questions.")
    if action in (Action.ASK, Action.ANSWER):
        return (
            Allowed()
            if is_assignee and is_specialist
            else Denied("Only the specialist who has this question does that. Take it first.")
        )
    if action is Action.RETARGET:
        return Allowed() if leads else Denied("Only the section lead changes how urgent a question is.")
    if is_assignee or leads or (facts.state == State.QUEUED and is_specialist and action in IN_QUEUE):
        return Allowed()
    return Denied("Only the specialist who has this question, or the section lead, does that.")


def _requester(actor: Actor, facts: Facts) -> Decision:
    if actor.person_id != facts.requester_id:
        return Denied("Only the clinician who asked does that.")
    if facts.organization_id not in actor.clinician_in:
        return Denied("You are no longer a clinician of the organization this question was asked for.")
    return Allowed()


def state_allows(action: Action, state: str) -> Decision:
    """Whether the state lets anyone do this now; the reason is the answer 409 gives."""
    if state in IN_STATES[action]:
        return Allowed()
    name = State(state).label.lower()
    return Denied(
        f"This consult is {name if state != State.DRAFT else 'still a draft'}: “{action.value}” is not possible now."
    )


def may_now(actor: Actor, facts: Facts) -> frozenset[Action]:
    """The actions to offer this person on the consult's page."""
    return frozenset(action for action in Action if is_offered(action, actor, facts))


def is_offered(action: Action, actor: Actor, facts: Facts) -> bool:
    """Whether this is one of them."""
    return facts.state in IN_STATES[action] and bool(who_may(actor, action, facts))


def may_set_hours(actor: Actor, person_id: int) -> Decision:
    """Whose weekly hours, limits and calendar one sets: one's own, as someone who answers questions."""
    if not actor.specialist_in:
        return Denied("Only those who answer questions have hours of answering.")
    return Allowed() if actor.person_id == person_id else Denied("Everyone sets their own hours.")


def may_set_absence(actor: Actor, of: Actor) -> Decision:
    """Whose absences one sets: one's own, and as section lead those of the specialty's colleagues."""
    if not of.specialist_in:
        return Denied("Only those who answer questions have absences here.")
    if actor.person_id == of.person_id or actor.leads & of.specialist_in:
        return Allowed()
    return Denied("Only they themselves, or the section lead of their specialty, say when someone is away.")


def may_set_gate(actor: Actor, specialty_id: int) -> Decision:
    """Who says what a section asks of a question."""
    if specialty_id in actor.leads or actor.is_network_administrator:
        return Allowed()
    return Denied("Only the section lead of this specialty, and administrators of the network, do that.")


def may_see_reading(actor: Actor, specialty_id: int) -> Decision:
    """Who sees which documents answered questions of a specialty before they were asked."""
    if actor.is_editor or may_set_gate(actor, specialty_id):
        return Allowed()
    return Denied("Only the section lead of this specialty, editors and administrators of the network see that.")


def may_lead(actor: Actor, specialty_id: int) -> Decision:
    """Who decides on a specialty's rota and routing."""
    return Allowed() if specialty_id in actor.leads else Denied("Only the section lead of this specialty does that.")


def may_keep_piece(actor: Actor, owner_id: int | None, specialty_id: int | None) -> Decision:
    """Who writes a saved piece of answers: its owner, as long as they answer questions; a section's, its lead."""
    if specialty_id is not None:
        return may_lead(actor, specialty_id)
    if owner_id == actor.person_id and actor.specialist_in:
        return Allowed()
    return Denied("Only those who answer questions keep pieces of answers, each their own.")
