"""Answers half written: kept on the server at every pause in typing, for their author alone."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from consults.models import AnswerDraft, Consult
from consults.policy import Action
from consults.services import base
from knowledge.models import Document
from portal.common.refusals import Conflict, Invalid
from portal.members.models import Person

MOST_DOCUMENTS = 50
ELSEWHERE = "You wrote on elsewhere since. Copy this text, then load the page again."


@transaction.atomic
def keep(
    consult: Consult,
    *,
    by: Person,
    text: str,
    documents: Iterable[Document],
    minutes: int | None,
    at: datetime,
    seen: datetime | None = None,
) -> AnswerDraft | None:
    """Keep what the form holds now; nothing where it is empty. ``seen`` is when that was kept which the page goes on
    from, and None on a page that began with nothing.

    Raises Refused and Conflict as answering does, Conflict also where it was kept later elsewhere (on a phone, in
    another tab), Invalid for a text too long to be sent.
    """
    row = base.lock(consult, action=Action.ANSWER, by=by)
    text = text.replace("\x00", "")
    if len(text) > base.MAX_TEXT:
        raise Invalid(text=f"Use at most {base.MAX_TEXT:,} characters; this has {len(text):,}.")
    before = AnswerDraft.objects.select_for_update().filter(consult=row, author=by).first()
    if before and before.saved_at != seen:
        raise Conflict(ELSEWHERE)
    slugs = [document.slug for document in documents][:MOST_DOCUMENTS]
    if not text.strip() and not slugs and not minutes:
        AnswerDraft.objects.filter(consult=row, author=by).delete()
        return None
    draft, _ = AnswerDraft.objects.update_or_create(
        consult=row, author=by, defaults={"text": text, "documents": slugs, "minutes": minutes, "saved_at": at}
    )
    return draft


def discard(consult: Consult, *, by: Person) -> None:
    """Throw away what one has half written; nothing happens where there is none."""
    AnswerDraft.objects.filter(consult=consult, author=by).delete()


def mine(consult: Consult, *, person: Person) -> AnswerDraft | None:
    """What this person has half written there."""
    return AnswerDraft.objects.visible_to(person).filter(consult=consult).first()
