"""What was said in a consult and what happened to it, as its pages show it: rows of JSON, without the models."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consults.models import Consult, Message, TimelineEntry
from knowledge.models import Document
from portal.common.planned import planned

SAID = """
SELECT json_agg(json_build_array(m.id, m.kind, m.author_id, p.name, m.text, m.minutes, m.created_at, (
       SELECT json_agg(json_build_array(d.slug, r.number, r.title) ORDER BY x.id) FROM consults_citation x
         JOIN knowledge_document d ON d.id = x.document_id JOIN knowledge_revision r ON r.id = x.revision_id
        WHERE x.message_id = m.id AND m.kind = 'answer')) ORDER BY m.created_at, m.id)
  FROM consults_message m JOIN members_person p ON p.id = m.author_id WHERE m.consult_id = %(consult)s
"""
"""For ``said``: the messages of a consult, the answers with what they cite."""
HAPPENED = """
SELECT json_agg(json_build_array(t.kind, t.at, p.name, t.detail) ORDER BY t.at, t.id)
  FROM consults_timelineentry t LEFT JOIN members_person p ON p.id = t.actor_id WHERE t.consult_id = %(consult)s
"""
"""For ``happened``."""
_KINDS = dict(Message.Kind.choices)
_EVENTS = dict(TimelineEntry.Kind.choices)


@dataclass(frozen=True)
class Named:
    """Somebody, of whom only the name is shown."""

    name: str


@dataclass(frozen=True)
class Cited:
    """A document an answer rests on, at the revision that was current then."""

    address: str
    number: int
    title: str


@dataclass(frozen=True)
class Said:
    pk: int
    kind: str
    author_id: int
    author: Named
    text: str
    minutes: int | None
    created_at: datetime
    citations: list[Cited]

    @property
    def get_kind_display(self) -> str:
        """As a model says it."""
        return _KINDS.get(self.kind, self.kind)


@dataclass(frozen=True)
class Happened:
    kind: str
    at: datetime
    actor: Named | None
    detail: str

    @property
    def get_kind_display(self) -> str:
        """As a model says it."""
        return _EVENTS.get(self.kind, self.kind)


def said(rows: Iterable[Any] | None) -> list[Said]:
    """Of what ``SAID`` finds, which is nothing where nothing was said."""
    return [
        Said(pk, kind, author, Named(name), text, minutes, datetime.fromisoformat(at), _cited(citations or ()))
        for pk, kind, author, name, text, minutes, at, citations in rows or ()
    ]


def _cited(rows: Iterable[Any]) -> list[Cited]:
    return [Cited(Document(slug=slug).revision_address(number), number, title) for slug, number, title in rows]


def happened(rows: Iterable[Any] | None) -> list[Happened]:
    """Of what ``HAPPENED`` finds."""
    return [
        Happened(kind, datetime.fromisoformat(at), Named(name) if name is not None else None, detail)
        for kind, at, name, detail in rows or ()
    ]


def thread_of(consult: Consult) -> list[Said]:
    """What was said in a consult that the reader was allowed to open."""
    with planned() as cursor:
        cursor.execute(SAID, {"consult": consult.pk})
        return said(cursor.fetchone()[0])
