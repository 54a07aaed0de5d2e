"""From the database back to what an import gave."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from knowledge.models import Document, DocumentAttachment, Recommendation, Reference
from knowledge.sources.document import SourceDocument, SourceFile, SourceRecommendation, SourceReference

Part = TypeVar("Part", SourceRecommendation, SourceReference)


def stored(documents: Sequence[Document]) -> list[SourceDocument]:
    """What each document's current revision says, in four queries; ``current_revision`` should be selected.

    A document that was never published is left out. Specialties stand in the order they were given in.
    """
    here = [document for document in documents if document.current_revision is not None]
    revisions = [document.current_revision_id for document in here]
    specialties: dict[int, list[str]] = {}
    places = Document.specialties.through.objects.filter(document__in=here).order_by("pk")
    for document, slug in places.values_list("document_id", "specialty__slug"):
        specialties.setdefault(document, []).append(slug)
    recommendations: dict[int, list[Recommendation]] = {}
    for recommendation in Recommendation.objects.filter(revision__in=revisions).order_by("position", "pk"):
        recommendations.setdefault(recommendation.revision_id, []).append(recommendation)
    references: dict[int, list[Reference]] = {}
    for reference in Reference.objects.filter(revision__in=revisions).order_by("position", "pk"):
        references.setdefault(reference.revision_id, []).append(reference)
    files: dict[int, list[DocumentAttachment]] = {}
    for attachment in DocumentAttachment.objects.filter(document__in=here).order_by("name"):
        files.setdefault(attachment.document_id, []).append(attachment)
    return [
        _source(
            document,
            files.get(document.pk, []),
            specialties.get(document.pk, []),
            recommendations.get(document.current_revision_id or 0, []),
            references.get(document.current_revision_id or 0, []),
        )
        for document in here
    ]


def _source(
    document: Document,
    files: list[DocumentAttachment],
    specialties: list[str],
    recommendations: list[Recommendation],
    references: list[Reference],
) -> SourceDocument:
    revision = document.current_revision
    assert revision is not None
    source = SourceDocument(
        where=document.slug,
        id=document.slug,
        kind=document.kind,
        tool_type=document.tool_type,
        title=revision.title,
        summary=revision.summary,
        body=revision.body,
        specialties=tuple(specialties),
        codes=tuple(revision.codes),
        keywords=tuple(revision.keywords),
        recommendations=tuple(_part(SourceRecommendation, row) for row in recommendations),
        references=tuple(_part(SourceReference, row) for row in references),
        review_due=revision.review_due,
        source=revision.source,
        calculator=revision.calculator,
        retired_at=document.retired_at,
    )
    named = set(source.file_names)
    shown = tuple(
        SourceFile(file.name, file.content_type, file.sha256, kept=str(file.file.name))
        for file in files
        if file.name in named
    )
    return replace(source, files=shown) if shown else source


def _part(shape: type[Part], row: Any) -> Part:
    return shape(**{field.name: getattr(row, field.name) for field in fields(shape)})
