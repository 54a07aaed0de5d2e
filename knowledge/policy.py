"""Who may keep a document true besides its editors: pure rules over values."""

from collections.abc import Iterable

from portal.members.policy import Action, Actor, Allowed, Decision, Denied, can


def may_verify(actor: Actor, *, owner: int | None, specialties: Iterable[int]) -> Decision:
    """Whether ``actor`` may confirm that recommendations of a document still hold: editors, the document's owner, and
    the specialists and section leads of its specialties.
    """
    if can(actor, Action.EDIT_DOCUMENTS) or (owner == actor.person_id and actor.has_any_role):
        return Allowed()
    if actor.specialist_in & frozenset(specialties):
        return Allowed()
    return Denied("Only editors, this document's owner and the specialists of its specialties verify it.")


def may_own(actor: Actor) -> bool:
    """Whether a person can be made the owner of a document: the network's own, who can write and judge it."""
    return actor.is_editor or bool(actor.specialist_in)
