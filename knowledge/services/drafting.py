"""Writing drafts: begun, kept at every pause in typing, brought together when two write at once, thrown away."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from knowledge.drafts import DraftContent, FieldProblem, Joined, Spot, join
from knowledge.merging import Choice
from knowledge.models import Document, DraftDesk, DraftSave, Recommendation, Reference, Revision
from knowledge.services.publishing import require_editor
from knowledge.sources import Problem, SourceDocument
from knowledge.sources.checking import check
from knowledge.sources.loading import LINK
from portal.common.audit import record
from portal.common.refusals import Conflict, Invalid
from portal.members.models import Person, Specialty

KEPT_SAVES = 200
"""Of a draft, the last so many; what was begun from an older one is compared whole."""
NAMING = ("id", "kind", "tool_type", "title")
NEARBY = timedelta(minutes=15)
"""Someone seen at a draft within this time counts as writing it."""
_FILE = re.compile(r"(!?)\[((?:\\.|[^\]\\])*)\]\(attachment:([^)\s]*)")


@dataclass(frozen=True)
class Saved:
    """What came of saving: the draft as it stands now, or where the two versions must be chosen between.

    ``merged_with`` names who had saved meanwhile; with ``spots`` nothing is in the draft yet, and what was typed is
    kept aside for its author.
    """

    revision: Revision
    content: DraftContent
    merged_with: tuple[str, ...] = ()
    spots: tuple[Spot, ...] = ()

    @property
    def is_stored(self) -> bool:
        return not self.spots


@transaction.atomic
def new_document(*, kind: str, tool_type: str, slug: str, title: str, by: Person) -> Revision:
    """A document nobody knows yet, with its first draft. Raises Refused, and Invalid naming what is wrong."""
    require_editor(by)
    problems: list[Problem] = []
    values = {"id": slug, "kind": kind, "tool_type": tool_type, "title": title, "body": "To be written."}
    source = check(values, slug, (), problems)
    wrong = {
        problem.field: problem.fix for problem in problems if problem.field in ("id", "kind", "tool_type", "title")
    }
    if "id" not in wrong and Document.objects.filter(slug__iexact=slug).exists():
        wrong["id"] = f"“{slug}” is the identifier of another document; choose another."
    if wrong:
        raise Invalid(**{"slug" if name == "id" else name: text for name, text in wrong.items()})
    document = Document.objects.create(slug=source.id, kind=kind, tool_type=source.tool_type, owner=by)
    content = DraftContent(title=source.title)
    record(by=by, action="document.create", object_type="document", object_id=document.slug)
    return _begin(document, content, number=1, by=by)


@transaction.atomic
def open_draft(*, document: Document, by: Person) -> Revision:
    """The document's one open draft, or a new one that says what the document says now.

    Where changes were asked for after that, it goes on from what was sent back. Raises Refused, and Conflict while a
    revision is under review or waits for its date.
    """
    require_editor(by)
    document = Document.objects.select_for_update(of=("self",)).select_related("current_revision").get(pk=document.pk)
    waiting = document.revisions.filter(state__in=Revision.OPEN_STATES).first()
    if waiting is not None and waiting.state != Revision.State.DRAFT:
        state = waiting.get_state_display().lower()
        raise Conflict(f"Revision {waiting.number} is {state}. It can be written on once it is published or sent back.")
    if waiting is not None:
        return waiting
    last = document.revisions.order_by("-number").first()
    current = document.current_revision
    begun = last if last is not None and last.state == Revision.State.RETURNED else current
    content = _content_of_row(begun) if begun else DraftContent(title=document.slug)
    if begun is not None and begun == current:
        content = replace(content, specialties=tuple(document.specialties.values_list("slug", flat=True)))
    return _begin(document, content, number=(last.number if last else 0) + 1, by=by, based_on=current)


def content_of(revision: Revision) -> DraftContent:
    """What a draft holds, as it was last typed."""
    save = revision.saves.order_by("edition").last()
    if save is not None and save.edition == revision.edition:
        return DraftContent.from_json(save.content)
    return _content_of_row(revision)


@transaction.atomic
def save_draft(
    *,
    revision: Revision,
    content: DraftContent,
    edition: int,
    by: Person,
    tab: str = "",
    choices: Sequence[Choice] = (),
    against: int | None = None,
) -> Saved:
    """Keep what was typed on top of ``edition``, half written or whole.

    Where others saved since, both are merged. What both changed differently is settled by ``choices``, made in view of
    the edition ``against``; while they are wanting, nothing is stored but the typed text, aside. ``tab`` is the open
    page: what it sent before is what it goes on from. Raises Refused, and Conflict once it is no draft any more.
    """
    require_editor(by)
    draft = Revision.objects.select_for_update(of=("self",)).select_related("document").filter(pk=revision.pk).first()
    if draft is None or draft.state != Revision.State.DRAFT:
        raise Conflict("This draft was sent to review, published or discarded meanwhile, and takes no more changes.")
    content, now = content.tidied(), timezone.now()
    current, base = content_of(draft), _base(draft, edition, tab)
    joined = Joined(content, ()) if base == current else join(base, content, current)
    if joined.spots and (against != draft.edition or len(choices) < len(joined.spots)):
        _at_desk(draft, by, now, aside=content, edition=edition)
        return Saved(draft, content, _others_since(draft, edition, by), joined.spots)
    if joined.spots:
        joined = join(base, content, current, choices)
    merged_with = _others_since(draft, edition, by) if base != current else ()
    if joined.content != current or joined.content != content:
        _store(draft, current, joined.content, by=by, now=now, tab=tab, sent=content)
    _at_desk(draft, by, now, saved=True)
    return Saved(draft, joined.content, merged_with)


@transaction.atomic
def discard_draft(*, revision: Revision, by: Person) -> None:
    """Throw a draft away; of a document that says nothing else, the document too. Raises Refused and Conflict."""
    require_editor(by)
    document = Document.objects.select_for_update().get(pk=revision.document_id)
    draft = document.revisions.filter(pk=revision.pk, state=Revision.State.DRAFT).first()
    if draft is None:
        raise Conflict("This is no draft any more, and stays.")
    number = draft.number
    draft.delete()
    record(by=by, action="document.discard", object_type="document", object_id=document.slug, revision=number)
    if not document.revisions.exists():
        for attachment in document.attachments.all():
            transaction.on_commit(partial(attachment.file.delete, save=False))
        document.delete()


@dataclass(frozen=True)
class AtDesk:
    """Someone else who writes the same draft."""

    name: str
    saved_at: datetime | None
    seen_at: datetime


def enter(*, revision: Revision, by: Person) -> list[AtDesk]:
    """Note that the person opened the draft. Who else is writing it."""
    _at_desk(revision, by, timezone.now())
    return others_at(revision, by)


def others_at(revision: Revision, person: Person) -> list[AtDesk]:
    """Who besides the person was at the draft lately, the last first."""
    desks = revision.desks.exclude(person=person).filter(seen_at__gt=timezone.now() - NEARBY)
    return [
        AtDesk(desk.person.name, desk.saved_at, desk.seen_at)
        for desk in desks.select_related("person").order_by("-seen_at")
    ]


def aside_of(revision: Revision, person: Person) -> tuple[DraftContent, int] | None:
    """What the person typed that still waits for a choice, and the edition it was begun from."""
    desk = revision.desks.filter(person=person, aside__isnull=False).first()
    return (DraftContent.from_json(desk.aside or {}), int(desk.aside_edition or 0)) if desk else None


def spots_of(revision: Revision, content: DraftContent, edition: int) -> tuple[Spot, ...]:
    """Where ``content``, begun from ``edition``, and the draft as it stands differ in the same places."""
    return join(_base(revision, edition, ""), content, content_of(revision)).spots


@transaction.atomic
def drop_aside(*, revision: Revision, by: Person) -> None:
    """Give up what one typed that waits for a choice: the draft stays as it is."""
    revision.desks.filter(person=by).update(aside=None, aside_edition=None)


def draft_problems(revision: Revision) -> list[Problem]:
    """All that must be put right before the draft may be sent to review; empty when it is complete."""
    return problems_of(revision.document, content_of(revision))


def problems_of(document: Document, content: DraftContent) -> list[Problem]:
    """The same for content that may not be stored yet."""
    _, problems = content.checked(document, list(Specialty.objects.values_list("slug", flat=True)))
    if not content.specialties:
        problems.append(Problem(document.slug, "specialties", "choose at least one, so that readers find it."))
    return problems + _link_problems(document, content.body) + _file_problems(document, content.body)


def field_problems(document: Document, content: DraftContent) -> list[FieldProblem]:
    """The same, each at its field of the form."""
    return content.placed(problems_of(document, content))


def _begin(
    document: Document, content: DraftContent, *, number: int, by: Person, based_on: Revision | None = None
) -> Revision:
    source, _ = _source(document, content)
    draft = Revision(document=document, number=number, author=by, based_on=based_on)
    _fill(draft, source, by=by, now=timezone.now())
    draft.save()
    _write_parts(draft, source)
    DraftSave.objects.create(revision=draft, edition=0, content=content.as_json(), person=by)
    record(by=by, action="document.draft", object_type="document", object_id=document.slug, revision=number)
    return draft


def _source(document: Document, content: DraftContent) -> tuple[SourceDocument, list[Problem]]:
    return content.checked(document, list(Specialty.objects.values_list("slug", flat=True)))


def _content_of_row(revision: Revision) -> DraftContent:
    return DraftContent.of_revision(revision, list(revision.recommendations.all()), list(revision.references.all()))


def _base(draft: Revision, edition: int, tab: str) -> DraftContent | None:
    """What the page that now saves began from; None when that is not known any more."""
    if edition == 0 == draft.edition and not draft.saves.exists():
        return _content_of_row(draft)
    if tab and not draft.saves.filter(edition__gt=edition).exclude(tab=tab).exists():
        # Everything since came from this very page: an answer that got lost on the way must not look like a stranger.
        last = draft.saves.filter(tab=tab).order_by("edition").last()
        edition = last.edition if last and last.edition > edition else edition
    save = draft.saves.filter(edition=edition).first()
    if save is None:
        return None
    return DraftContent.from_json(save.sent if save.sent and tab and save.tab == tab else save.content)


def _store(
    draft: Revision,
    before: DraftContent,
    content: DraftContent,
    *,
    by: Person,
    now: datetime,
    tab: str,
    sent: DraftContent,
) -> None:
    source, _ = _source(draft.document, content)
    if not draft.saves.exists():  # an imported draft: what it said is what others may have begun from
        DraftSave.objects.create(revision=draft, edition=draft.edition, content=before.as_json(), person=draft.author)
    draft.edition += 1
    _fill(draft, source, by=by, now=now)
    draft.save()
    draft.recommendations.all().delete()
    draft.references.all().delete()
    _write_parts(draft, source)
    if draft.author_id != by.pk and not draft.contributors.filter(pk=by.pk).exists():
        draft.contributors.add(by)
        slug = draft.document.slug
        record(by=by, action="document.contribute", object_type="document", object_id=slug, revision=draft.number)
    DraftSave.objects.create(
        revision=draft,
        edition=draft.edition,
        content=content.as_json(),
        tab=tab[:40],
        sent=None if sent == content else sent.as_json(),
        person=by,
        at=now,
    )
    draft.saves.filter(edition__lte=draft.edition - KEPT_SAVES).delete()


def _fill(draft: Revision, source: SourceDocument, *, by: Person, now: datetime) -> None:
    draft.title, draft.summary, draft.body = source.title, source.summary, source.body
    draft.keywords, draft.codes = list(source.keywords), list(source.codes)
    draft.source, draft.calculator, draft.review_due = source.source, source.calculator, source.review_due
    draft.specialty_slugs, draft.content_hash = list(source.specialties), source.content_hash
    draft.changed_at, draft.changed_by = now, by


def _write_parts(draft: Revision, source: SourceDocument) -> None:
    Recommendation.objects.bulk_create(
        Recommendation(revision=draft, position=place, **vars(part))
        for place, part in enumerate(source.recommendations, 1)
    )
    Reference.objects.bulk_create(
        Reference(revision=draft, position=place, **vars(part)) for place, part in enumerate(source.references, 1)
    )


def _at_desk(
    draft: Revision,
    by: Person,
    now: datetime,
    *,
    saved: bool = False,
    aside: DraftContent | None = None,
    edition: int = 0,
) -> None:
    values: dict[str, Any] = {"seen_at": now}
    if saved:
        values |= {"saved_at": now, "aside": None, "aside_edition": None}
    if aside is not None:
        values |= {"aside": aside.as_json(), "aside_edition": edition}
    DraftDesk.objects.update_or_create(revision=draft, person=by, defaults=values)


def _others_since(draft: Revision, edition: int, by: Person) -> tuple[str, ...]:
    saves = draft.saves.filter(edition__gt=edition).exclude(person=by).select_related("person").order_by("edition")
    names = tuple(dict.fromkeys(save.person.name for save in saves if save.person))
    return names or (("you, on another page",) if draft.edition > edition else ())


def _link_problems(document: Document, body: str) -> list[Problem]:
    targets = set(LINK.findall(body))
    known: Mapping[str, datetime | None] = dict(
        Document.objects.filter(slug__in=targets).values_list("slug", "retired_at")
    )
    problems = []
    for target in sorted(targets):
        if target not in known:
            fix = f"links to document:{target}, which is no document here; choose it anew with “Link to a document”."
            problems.append(Problem(document.slug, "body", fix))
        elif known[target]:
            fix = f"links to document:{target}, which is retired; link to what took its place, or take the link out."
            problems.append(Problem(document.slug, "body", fix))
    return problems


def _file_problems(document: Document, body: str) -> list[Problem]:
    names = set(document.attachments.values_list("name", flat=True))
    problems = []
    for mark, words, name in _FILE.findall(body):
        if name not in names:
            problems.append(
                Problem(document.slug, "body", f"shows attachment:{name}, which is not attached; attach it.")
            )
        if mark and not words.strip():
            fix = f"shows the picture {name} without words for who cannot see it; write them between the brackets."
            problems.append(Problem(document.slug, "body", fix))
    return problems
