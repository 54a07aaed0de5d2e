"""What a specialist does next, and what the editor of answers finds for them."""

from dataclasses import dataclass

from django.db.models import Q

from consults.models import Consult, ConsultQuerySet, Piece
from knowledge import search
from portal.members.models import Person

MOST_PIECES = 5
State = Consult.State


def to_do(person: Person) -> ConsultQuerySet:
    """What this person could answer now, the most urgent first: what they have, and what nobody has of their
    specialties. Not what waits for its requester, nor what they asked themselves."""
    rows = Consult.objects.visible_to(person).filter(specialty_id__in=person.actor.specialist_in)
    theirs = Q(state=State.ASSIGNED, assignee=person) | Q(state=State.QUEUED)
    return rows.filter(theirs).exclude(requester=person).most_urgent_first()


def next_after(person: Person, seen: Consult | None) -> Consult | None:
    """The most urgent of them; the one after ``seen`` in that order, as long as that is still to do, and the first
    again after the last. None where nothing else is to do."""
    rows = to_do(person)
    if seen is None or not rows.filter(pk=seen.pk).exists():
        return rows.first()
    no_moment = Q(due_at=None)
    if seen.due_at is None:
        later = no_moment & Q(pk__gt=seen.pk)
    else:
        later = Q(due_at__gt=seen.due_at) | Q(due_at=seen.due_at, pk__gt=seen.pk) | no_moment
    return rows.filter(later).first() or rows.exclude(pk=seen.pk).first()


@dataclass(frozen=True)
class Offered:
    """Something to insert into an answer: its words in the list, and what is written. A document has a slug too."""

    title: str
    detail: str
    text: str
    slug: str = ""


def offered(person: Person, consult: Consult, typed: str) -> list[Offered]:
    """One's own pieces and those of the consult's section whose name or text holds what is typed, then documents that
    match it. Where nothing is typed, pieces alone."""
    theirs = Q(owner=person) | Q(specialty_id=consult.specialty_id)
    pieces = Piece.objects.visible_to(person).filter(theirs).select_related("specialty")
    if typed:
        pieces = pieces.filter(Q(title__icontains=typed) | Q(text__icontains=typed))
    found = [
        Offered(piece.title, f"{piece.specialty.name}’s piece" if piece.specialty else "My piece", piece.text)
        for piece in pieces[:MOST_PIECES]
    ]
    for hit in search.matching_documents(typed, person=person) if typed else []:
        revision = hit.document.current_revision
        if revision:
            detail = f"Document, revision {revision.number}"
            found.append(Offered(revision.title, detail, f"({revision.title})", hit.document.slug))
    return found
