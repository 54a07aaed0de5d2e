"""Answers, questions back and second opinions half written: kept at every pause in typing, for their author alone."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from consults.models import AnswerDraft, Consult, SecondOpinion
from consults.policy import Action
from consults.services import base
from knowledge.models import Document
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person

Kind = AnswerDraft.Kind
MOST_DOCUMENTS = 50
ELSEWHERE = "You wrote on elsewhere since. Copy this text, then load the page again."


@transaction.atomic
def keep(
    consult: Consult,
    *,
    by: Person,
    text: str,
    documents: Iterable[Document] = (),
    minutes: int | None = None,
    at: datetime,
    seen: datetime | None = None,
    kind: str = Kind.ANSWER,
) -> AnswerDraft | None:
    """Keep what the form holds now; nothing where it is empty. ``seen`` is when that was kept which the page goes on
    from, and None on a page that began with nothing.

    Raises Refused and Conflict as sending it does, Conflict also where it was kept later elsewhere (on a phone, in
    another tab), Invalid for a text too long to be sent.
    """
    row = _lock(consult, kind=kind, by=by)
    text = text.replace("\x00", "")
    if len(text) > base.MAX_TEXT:
        raise Invalid(text=f"Use at most {base.MAX_TEXT:,} characters; this has {len(text):,}.")
    before = AnswerDraft.objects.select_for_update().filter(consult=row, author=by, kind=kind).first()
    if before and before.saved_at != seen:
        raise Conflict(ELSEWHERE)
    slugs = [document.slug for document in documents][:MOST_DOCUMENTS]
    if not text.strip() and not slugs and not minutes:
        AnswerDraft.objects.filter(consult=row, author=by, kind=kind).delete()
        return None
    draft, _ = AnswerDraft.objects.update_or_create(
        consult=row,
        author=by,
        kind=kind,
        defaults={"text": text, "documents": slugs, "minutes": minutes, "saved_at": at},
    )
    return draft


def _lock(consult: Consult, *, kind: str, by: Person) -> Consult:
    if kind != Kind.OPINION:
        return base.lock(consult, action=Action.ASK if kind == Kind.ASK else Action.ANSWER, by=by)
    row = Consult.objects.select_for_update(of=("self",)).get(pk=consult.pk)
    check_opinion(row, by=by)
    return row


def check_opinion(row: Consult, *, by: Person) -> SecondOpinion:
    """Raises Refused for anyone not asked for a second opinion, Conflict once the consult was answered or ended."""
    asked = SecondOpinion.objects.filter(consult=row, specialist=by).first()
    if asked is None or not by.actor.specialist_in:
        raise Refused("Only a specialist who was asked for a second opinion gives one.")
    if row.state not in Consult.OPEN_STATES:
        raise Conflict(f"{row.number} is {row.get_state_display().lower()}: a second opinion comes too late.")
    return asked


def discard(consult: Consult, *, by: Person, kind: str = Kind.ANSWER) -> None:
    """Throw away what one has half written; nothing happens where there is none."""
    AnswerDraft.objects.filter(consult=consult, author=by, kind=kind).delete()


def mine(consult: Consult, *, person: Person, kind: str = Kind.ANSWER) -> AnswerDraft | None:
    """What this person has half written there."""
    return AnswerDraft.objects.visible_to(person).filter(consult=consult, kind=kind).first()
