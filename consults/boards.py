"""Who may do what with a case conference. Pure: the conference as values, the person as an Actor."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.members.policy import Actor, Allowed, Decision, Denied


@dataclass(frozen=True)
class Board:
    """A conference as far as these rules are concerned."""

    specialty_id: int
    chair_id: int
    starts_at: datetime
    is_cancelled: bool


def may_schedule(actor: Actor, specialty_id: int, *, specialists_schedule: bool) -> Decision:
    """Who calls a conference of a specialty: its lead, and its specialists where the lead allows it."""
    if specialty_id in actor.leads or (specialists_schedule and specialty_id in actor.specialist_in):
        return Allowed()
    if specialty_id in actor.specialist_in:
        return Denied("The section lead calls the conferences of this specialty.")
    return Denied("Only the section of a specialty calls its conferences.")


def may_manage(actor: Actor, board: Board) -> Decision:
    """Who invites, moves and cancels it: its chair, and the lead of its specialty."""
    if board.is_cancelled:
        return Denied("This conference was cancelled.")
    if actor.person_id == board.chair_id or board.specialty_id in actor.leads:
        return Allowed()
    return Denied("Only the chair, or the section lead of its specialty, does that.")


def may_conclude(actor: Actor, board: Board, *, now: datetime) -> Decision:
    """Who signs conclusions and records who came: the chair, once it has begun."""
    if board.is_cancelled:
        return Denied("This conference was cancelled.")
    if actor.person_id != board.chair_id:
        return Denied("Only the chair of the conference does that.")
    return Allowed() if now >= board.starts_at else Denied("The conference has not begun.")


def may_put_on(actor: Actor, *, assignee_id: int | None, specialty_id: int | None) -> Decision:
    """Who puts a consult on an agenda: the specialist who has it, and the lead of its specialty."""
    if actor.person_id == assignee_id or specialty_id in actor.leads:
        return Allowed()
    return Denied("Only the specialist who has this question, or the section lead, puts it on an agenda.")


def running_order(starts_at: datetime, minutes: Iterable[int]) -> list[datetime]:
    """When each item of the agenda begins, one after the other."""
    moments, at = [], starts_at
    for length in minutes:
        moments.append(at)
        at += timedelta(minutes=length)
    return moments
