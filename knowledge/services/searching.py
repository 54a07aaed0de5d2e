"""Remembering what was searched for and what was opened, so that editors learn what is missing."""

import re
from datetime import datetime, timedelta

from django.conf import settings

from knowledge.models import Document, SearchLog
from portal.common import circumstances, identifiers, tenancy
from portal.common.planned import planned
from portal.common.trouble import can_be_missed
from portal.members.models import Person

AGAIN = timedelta(minutes=10)
"""Within so long the same words of the same person are the same search: a further page, a filter, the way back."""
CLICKABLE = timedelta(days=1)
MASK = "[…]"
_LONGEST = 200
# Whatever it is, so many figures in a row are no dose and no code.
_FIGURES = re.compile(r"\d(?:[ ./-]?\d){4,}")


def record_search(
    *, query: str, count: int, corrected: bool, degraded: bool, is_first: bool, by: Person, at: datetime
) -> int | None:
    """Remember a search; its number. None for one that is not remembered.

    ``is_first`` says that it is the first page without filters, which alone makes a new row.
    """
    if circumstances.is_stand_in():
        return None
    actor = by.actor
    asked = masked(query)
    words = " ".join(re.findall(r"\w+", asked.lower()))[:_LONGEST]
    if not words and MASK not in asked:
        return None
    found = _same(by, words, at - AGAIN)
    if found or not is_first or not actor.has_any_role:
        return found
    log = SearchLog(
        at=at,
        query=asked,
        words=words,
        count=count,
        corrected=corrected,
        degraded=degraded,
        person=by,
        organization_id=None if actor.is_network_staff else min(actor.organizations),
    )
    with can_be_missed():
        log.save()
    return log.pk


def _same(person: Person, words: str, since: datetime) -> int | None:
    """The latest search of the person for these words, written out: every page of results asks for it."""
    with planned() as cursor:
        cursor.execute(
            "SELECT id FROM knowledge_searchlog WHERE person_id = %s AND words = %s AND at > %s"
            " ORDER BY at DESC LIMIT 1",
            [person.pk, words, since],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def record_click(*, search: int, document: Document, position: int, by: Person, at: datetime) -> None:
    """Remember which result the person opened first; another's search, or an old one, stays as it is."""
    if circumstances.is_stand_in():
        return
    mine = SearchLog.objects.filter(pk=search, person=by, document=None, at__gt=at - CLICKABLE)
    with can_be_missed():
        mine.update(document=document, position=position, clicked_at=at)


def forget(*, now: datetime) -> None:
    """Take person and organization off searches older than SEARCH_LOG_DAYS; those past SEARCH_LOG_KEEP_DAYS go."""
    with tenancy.everything():
        named = SearchLog.objects.filter(at__lte=now - timedelta(days=settings.SEARCH_LOG_DAYS))
        named.exclude(person=None, organization=None).update(person=None, organization=None)
        SearchLog.objects.filter(at__lte=now - timedelta(days=settings.SEARCH_LOG_KEEP_DAYS)).delete()


def masked(query: str) -> str:
    """The query with what looks like an identifier of a person taken out, cut to what is kept."""
    text, at = "", 0
    for finding in identifiers.find(query):
        text += f"{query[at : finding.start]}{MASK}"
        at = finding.end
    return " ".join(_FIGURES.sub(MASK, text + query[at:]).split())[:_LONGEST]
