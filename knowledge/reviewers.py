"""Who may review a revision, as a pure rule: editors, and those who answer for one of its specialties."""

from collections.abc import Collection

from portal.members.policy import Actor, Allowed, Decision, Denied


def may_review(actor: Actor, specialties: Collection[int], *, wrote_it: bool) -> Decision:
    """Whether the person may be named to review, as a reviewer or as a deputy, and may decide once named."""
    if wrote_it:
        return Denied("Whoever wrote any of it cannot review it.")
    if actor.is_editor or not actor.specialist_in.isdisjoint(specialties):
        return Allowed()
    return Denied("Only editors, and specialists of one of the document's specialties, review it.")


def may_act(person: int, *, reviewer: int, deputy: int | None, is_reviewer_away: bool) -> Decision:
    """Whether this person decides a review now: the reviewer at any time, the deputy while the reviewer is away."""
    if person == reviewer or (person == deputy and is_reviewer_away):
        return Allowed()
    if person == deputy:
        return Denied("A deputy decides only while the reviewer is away.")
    return Denied("Only its reviewer, or while they are away their deputy, decides a review.")
