"""The small things a document's page shows, and what one reader has to do with the document: in one query."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from knowledge.models import Document, ReadingList, Recommendation, Reference, Revision
from portal.common.planned import planned
from portal.members.models import Person, Specialty

RELATED = 5
_LINKED = re.compile(r"\]\(document:([^)\s]+)\)")
# Rows of the reader's own, and of a document that they were allowed to open. ``asked``, ``answered`` and ``noted``
# only say whether it is worth looking: who may see what stands with each model. ``related`` are published documents,
# which everyone who may open one may read (DocumentQuerySet.visible_to).
_SQL = """
SELECT (SELECT json_agg(json_build_array(s.id, s.slug, s.name) ORDER BY s.name)
          FROM knowledge_document_specialties d JOIN members_specialty s ON s.id = d.specialty_id
         WHERE d.document_id = %(document)s) AS specialties,
       (SELECT json_agg(json_build_array(key, text, strength, grade, verified_on, verified_by, due_on)
                 ORDER BY position) FROM knowledge_recommendation WHERE revision_id = %(revision)s) AS advice,
       (SELECT json_agg(json_build_array(citation, year, identifier, url) ORDER BY position)
          FROM knowledge_reference WHERE revision_id = %(revision)s) AS sources,
       (SELECT json_agg(json_build_array(l.id, l.name, l.is_default, EXISTS (
                 SELECT FROM knowledge_listentry e WHERE e.reading_list_id = l.id AND e.document_id = %(document)s))
                 ORDER BY l.is_default DESC, lower(l.name), l.id)
          FROM knowledge_readinglist l WHERE l.person_id = %(person)s) AS lists,
       (SELECT r.number FROM knowledge_reading g JOIN knowledge_revision r ON r.id = g.revision_id
         WHERE g.document_id = %(document)s AND g.person_id = %(person)s) AS last_read,
       (SELECT text FROM knowledge_note WHERE document_id = %(document)s AND person_id = %(person)s) AS note,
       EXISTS (SELECT FROM knowledge_follow WHERE document_id = %(document)s AND person_id = %(person)s) AS follows,
       EXISTS (SELECT FROM knowledge_acknowledgement WHERE document_id = %(document)s AND person_id = %(person)s
                  AND acknowledged_at IS NULL AND superseded_at IS NULL) AS asked,
       EXISTS (SELECT FROM knowledge_feedback WHERE document_id = %(document)s AND person_id = %(person)s) AS answered,
       EXISTS (SELECT FROM knowledge_overlay WHERE document_id = %(document)s) AS noted,
       (SELECT json_agg(json_build_array(near.slug, near.kind, near.tool_type, near.title)) FROM (
                SELECT d.slug, d.kind, d.tool_type, r.title
                  FROM knowledge_document d JOIN knowledge_revision r ON r.id = d.current_revision_id
                 WHERE d.retired_at IS NULL AND d.id <> %(document)s
                   AND r.id IN (SELECT current_revision_id FROM knowledge_document WHERE slug = ANY (%(linked)s)
                                UNION ALL SELECT id FROM knowledge_revision WHERE codes && %(codes)s)
                 ORDER BY d.slug <> ALL (%(linked)s), d.slug LIMIT %(related)s) near) AS related
"""


@dataclass(frozen=True)
class AtHand:
    """``last_read`` is the number of the revision last read; ``kept_in`` are those of ``lists`` that hold it.

    Where ``is_asked``, ``has_answered`` or ``has_notes`` is false there is no acknowledgement, feedback or note of an
    organization to show. Of ``recommendations`` there is what a page shows of them. ``related`` are published documents
    that this one links to, then those that share an ICD-10-CM code with it.
    """

    specialties: list[Specialty]
    recommendations: list[Recommendation]
    references: list[Reference]
    lists: list[ReadingList]
    kept_in: list[ReadingList]
    last_read: int | None
    note: str | None
    follows: bool
    is_asked: bool
    has_answered: bool
    has_notes: bool
    related: list[Document]


def at_hand(document: Document, revision: Revision, *, person: Person) -> AtHand:
    """All of it for one revision of a document that ``person`` may read."""
    row = _row(document, revision, person)
    lists = [
        (ReadingList(pk=pk, name=name, is_default=is_default, person=person), holds)
        for pk, name, is_default, holds in row["lists"] or ()
    ]
    return AtHand(
        specialties=[Specialty(pk=pk, slug=slug, name=name) for pk, slug, name in row["specialties"] or ()],
        recommendations=[_advice(*values) for values in row["advice"] or ()],
        references=[
            Reference(citation=citation, year=year, identifier=identifier, url=url)
            for citation, year, identifier, url in row["sources"] or ()
        ],
        lists=[one for one, _ in lists],
        kept_in=[one for one, holds in lists if holds],
        last_read=row["last_read"],
        note=row["note"],
        follows=row["follows"],
        is_asked=row["asked"],
        has_answered=row["answered"],
        has_notes=row["noted"],
        related=[_titled(*values) for values in row["related"] or ()],
    )


def _advice(
    key: str, text: str, strength: str, grade: str, verified_on: str | None, verified_by: str, due_on: str | None
) -> Recommendation:
    verified, due = (date.fromisoformat(day) if day else None for day in (verified_on, due_on))
    return Recommendation(
        key=key,
        text=text,
        strength=strength,
        grade=grade,
        verified_on=verified,
        verified_by=verified_by,
        due_on=due,
    )


def _titled(slug: str, kind: str, tool_type: str, title: str) -> Document:
    return Document(slug=slug, kind=kind, tool_type=tool_type, current_revision=Revision(title=title))


def _row(document: Document, revision: Revision, person: Person) -> dict[str, Any]:
    linked = _LINKED.findall(revision.body)
    values = {"document": document.pk, "revision": revision.pk, "person": person.pk, "related": RELATED}
    with planned() as cursor:
        cursor.execute(_SQL, values | {"linked": linked, "codes": revision.codes})
        return dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))
