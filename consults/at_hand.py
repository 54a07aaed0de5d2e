"""What a consult's page shows beside its question, in one query."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consults import clock
from consults.models import Attachment, CloseOut, Consult
from consults.services import logs
from consults.thread import HAPPENED, SAID, Happened, Said, happened, said
from knowledge.models import Document
from portal.common.planned import planned
from portal.members.models import Person

_SQL = f"""
SELECT (SELECT json_agg(json_build_array(d.slug, r.title) ORDER BY d.slug)
          FROM consults_consult_documents l JOIN knowledge_document d ON d.id = l.document_id
          LEFT JOIN knowledge_revision r ON r.id = d.current_revision_id WHERE l.consult_id = %(consult)s),
       (SELECT json_agg(json_build_array(key, name, size) ORDER BY id)
          FROM consults_attachment WHERE consult_id = %(consult)s),
       (SELECT json_agg(json_build_array(o.specialist_id, p.name, o.given_at IS NOT NULL) ORDER BY o.asked_at, o.id)
          FROM consults_secondopinion o JOIN members_person p ON p.id = o.specialist_id
         WHERE o.consult_id = %(consult)s),
       (SELECT json_agg(kind) FROM consults_answerdraft WHERE consult_id = %(consult)s AND author_id = %(person)s),
       ({SAID}), ({HAPPENED}),
       (SELECT json_build_array(course, referral, value, comment)
          FROM consults_closeout WHERE consult_id = %(consult)s),
       (SELECT json_build_array(w.name, f.name) FROM consults_onbehalf b JOIN members_person w ON w.id = b.written_by_id
          JOIN members_person f ON f.id = b.colleague_id WHERE b.consult_id = %(consult)s),
       (SELECT bills FROM consults_preparationpolicy WHERE organization_id = %(organization)s),
       (SELECT json_agg(json_build_array(kind, at, promised_seconds, promise_id, ladder_id) ORDER BY at, id)
          FROM consults_clockevent WHERE consult_id = %(consult)s AND cycle = %(cycle)s)
"""  # noqa: S608 - of our own words


@dataclass(frozen=True)
class Read:
    """A document that the requester had read."""

    title: str
    address: str


@dataclass(frozen=True)
class Opinion:
    """A colleague who was asked for a second opinion."""

    specialist_id: int
    name: str
    is_given: bool


@dataclass(frozen=True)
class Behalf:
    """Who wrote the question, and for whom, by name."""

    written_by: str
    colleague: str


@dataclass(frozen=True)
class AtHand:
    documents: list[Read]
    attachments: list[Attachment]
    opinions: list[Opinion]
    drafts: frozenset[str]
    """The kinds of what the person began to write: an answer, a question back, an opinion."""
    thread: list[Said]
    timeline: list[Happened]
    close_out: CloseOut | None
    behalf: Behalf | None
    bills_preparation: bool
    """Whether the organization bills for preparing questions."""
    log: list[clock.Event]
    """The clock's, of the present cycle."""


def at_hand(consult: Consult, *, person: Person) -> AtHand:
    """What stands beside a consult that ``person`` was allowed to open, and what they began to write in it."""
    keys = {
        "consult": consult.pk,
        "person": person.pk,
        "cycle": consult.cycle,
        "organization": consult.organization_id,
    }
    with planned() as cursor:
        cursor.execute(_SQL, keys)
        documents, attachments, opinions, drafts, thread, timeline, ended, behalf, bills, log = cursor.fetchone()
    return AtHand(
        documents=[Read(title or slug, Document(slug=slug).get_absolute_url()) for slug, title in documents or ()],
        attachments=[
            Attachment(consult=consult, key=uuid.UUID(key), name=name, size=size)
            for key, name, size in attachments or ()
        ],
        opinions=[Opinion(*row) for row in opinions or ()],
        drafts=frozenset(drafts or ()),
        thread=said(thread),
        timeline=happened(timeline),
        close_out=_close_out(consult, ended) if ended else None,
        behalf=Behalf(*behalf) if behalf else None,
        bills_preparation=bool(bills),
        log=logs.events([(kind, datetime.fromisoformat(at), *rest) for kind, at, *rest in log or ()]),
    )


def _close_out(consult: Consult, told: list[Any]) -> CloseOut:
    course, referral, value, comment = told
    return CloseOut(consult=consult, course=course, referral=referral, value=value, comment=comment)
