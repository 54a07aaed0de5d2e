"""Writing many documents at once: a few statements a batch instead of a few a document."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import F, Max
from django.utils import timezone

from knowledge import flows, search
from knowledge.models import Document, Recommendation, Reference, Revision
from knowledge.sources import SourceDocument
from portal.members.models import Person


@dataclass
class Change:
    """One document to write; ``document`` is the one in the database, None when it is new.

    ``only_retires``: the text is the same, and the file says that the document is retired.
    """

    source: SourceDocument
    content_hash: str
    document: Document | None
    only_retires: bool = False


def write(changes: list[Change], *, specialties: Mapping[str, int], by: Person | str, draft: bool) -> list[int]:
    """Write one batch, published or as drafts. Gives the revisions that have a decision flow to draw.

    A published revision is frozen, so that each begins as a draft, gets its parts, and is published at the end.
    """
    old = [change.document.pk for change in changes if change.document]
    documents = _documents(changes, specialties, draft=draft)
    Revision.objects.filter(document__in=old, state=Revision.State.DRAFT).delete()
    numbers = dict(Revision.objects.filter(document__in=old).values_list("document").annotate(Max("number")))
    author = by if isinstance(by, Person) else None
    revisions = Revision.objects.bulk_create(
        _revision(change, document, numbers.get(document.pk, 0) + 1, author)
        for change, document in zip(changes, documents, strict=True)
    )
    _write_parts(changes, revisions)
    if draft:
        return []
    _publish(documents, revisions, author)
    _retire(list(zip(changes, documents, strict=True)))
    search.project([document.pk for document in documents])
    return [revision.pk for revision in revisions if flows.sources(revision.body)]


def _documents(changes: list[Change], specialties: Mapping[str, int], *, draft: bool) -> list[Document]:
    """The batch's documents in its order, with kind and specialties as given where that is due."""
    new = [
        Document(slug=change.source.id, kind=change.source.kind, tool_type=change.source.tool_type)
        for change in changes
        if change.document is None
    ]
    fresh = {document.slug: document for document in Document.objects.bulk_create(new)}
    documents = [change.document or fresh[change.source.id] for change in changes]
    due = [
        (change, document)
        for change, document in zip(changes, documents, strict=True)
        if not draft or document.current_revision_id is None
    ]
    for change, document in due:
        document.kind, document.tool_type = change.source.kind, change.source.tool_type
    Document.objects.bulk_update([document for change, document in due if change.document], ["kind", "tool_type"])
    place = Document.specialties.through
    place.objects.filter(document__in=[document for change, document in due if change.document]).delete()
    place.objects.bulk_create(
        place(document_id=document.pk, specialty_id=specialties[slug])
        for change, document in due
        for slug in change.source.specialties
    )
    return documents


def _revision(change: Change, document: Document, number: int, author: Person | None) -> Revision:
    source = change.source
    return Revision(
        document=document,
        number=number,
        title=source.title,
        summary=source.summary,
        body=source.body,
        keywords=list(source.keywords),
        codes=list(source.codes),
        source=source.source,
        calculator=source.calculator,
        review_due=source.review_due,
        content_hash=change.content_hash,
        specialty_slugs=list(source.specialties),
        author=author,
        changed_by=author,
    )


def _write_parts(changes: list[Change], revisions: list[Revision]) -> None:
    pairs = list(zip(changes, revisions, strict=True))
    Recommendation.objects.bulk_create(
        Recommendation(revision=revision, position=position, **vars(part))
        for change, revision in pairs
        for position, part in enumerate(change.source.recommendations, 1)
    )
    Reference.objects.bulk_create(
        Reference(revision=revision, position=position, **vars(part))
        for change, revision in pairs
        for position, part in enumerate(change.source.references, 1)
    )


def _retire(pairs: list[tuple[Change, Document]]) -> None:
    """What the file says was retired is kept as history here too."""
    retired = [(change, document) for change, document in pairs if change.source.retired_at]
    for change, document in retired:
        document.retired_at = change.source.retired_at
        document.retired_because = change.source.retired_because
    Document.objects.bulk_update([document for _, document in retired], ["retired_at", "retired_because"])
    Revision.objects.filter(
        document__in=[document.pk for _, document in retired], state=Revision.State.PUBLISHED
    ).update(state=Revision.State.RETIRED)


def _publish(documents: list[Document], revisions: list[Revision], by: Person | None) -> None:
    now = timezone.now()
    keys = [document.pk for document in documents]
    Revision.objects.filter(document__in=keys, state=Revision.State.PUBLISHED).update(state=Revision.State.SUPERSEDED)
    Revision.objects.filter(pk__in=[revision.pk for revision in revisions]).update(
        state=Revision.State.PUBLISHED, published_at=now, published_by=by
    )
    for document, revision in zip(documents, revisions, strict=True):
        document.current_revision = revision
    Document.objects.bulk_update(documents, ["current_revision"])
    Document.objects.filter(pk__in=keys).update(
        version=F("version") + 1, changed_at=now, retired_at=None, retired_because=""
    )
