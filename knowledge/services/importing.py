"""Loading documents from files: everything is checked first, and nothing is imported when anything is wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction

from knowledge import changes
from knowledge.models import Document, Revision
from knowledge.services.batches import Change, write
from knowledge.services.publishing import require_editor, retire_document
from knowledge.services.telling import tell_followers
from knowledge.sources import Problem, SourceDocument, load, stored
from portal.common.audit import record
from portal.common.hints import wake_on_commit
from portal.members.models import Person, Specialty

BATCH = 500
_UNDER_WAY = "under way"  # stands for the hash of a revision that has left draft and is not published
_ONE_AT_A_TIME = 7_164_003  # the number of the advisory lock that imports take


class ImportRefused(Exception):
    """Nothing was imported; ``problems`` says what is wrong with which row."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("1 problem" if len(problems) == 1 else f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    added: int
    changed: int
    unchanged: int

    @property
    def total(self) -> int:
        return self.added + self.changed + self.unchanged


@transaction.atomic
def import_documents(
    *,
    path: Path,
    by: Person | str,
    draft: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Imported:
    """Bring every document under ``path`` into the site, published at once or as drafts.

    A document whose content is unchanged is left alone; a changed one gets a new revision and the old one is
    superseded; one that its file says is retired is retired here too. ``progress`` is told (done, total) as it goes.
    Raises ImportRefused, having changed nothing, when any row is wrong, and Refused when ``by`` is a person who is not
    an editor. Kind and specialties of a published document change only when it is published, not with a draft.
    """
    require_editor(by)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
    specialties = dict(Specialty.objects.values_list("slug", "pk"))
    documents, problems = load(path, specialties=specialties, existing=_existing)
    changes, conflicts = ([], []) if problems else _compare(documents, draft=draft)
    retirements = [change for change in changes if change.only_retires]
    changes = [change for change in changes if not change.only_retires]
    if problems or conflicts:
        raise ImportRefused(problems or conflicts)
    unchanged = len(documents) - len(changes) - len(retirements)
    with_flows: list[int] = []
    for start in range(0, len(changes), BATCH):
        progress(unchanged + start, len(documents))
        with_flows += write(changes[start : start + BATCH], specialties=specialties, by=by, draft=draft)
    for change in retirements:
        assert change.document is not None
        retire_document(document=change.document, by=by, at=change.source.retired_at)
    progress(len(documents), len(documents))
    if not draft:
        slugs = [change.source.id for change in changes]
        tell_followers(documents=Document.objects.filter(slug__in=slugs).values_list("pk", flat=True), by=by)
    imported = Imported(
        added=sum(change.document is None for change in changes),
        changed=sum(change.document is not None for change in changes) + len(retirements),
        unchanged=unchanged,
    )
    _finish(imported, path=path, by=by, draft=draft, with_flows=with_flows)
    return imported


def _existing(slugs: set[str]) -> set[str]:
    return set(Document.objects.filter(slug__in=slugs).values_list("slug", flat=True))


def _compare(documents: list[SourceDocument], *, draft: bool) -> tuple[list[Change], list[Problem]]:
    """What differs from the database; and a problem for each waiting draft that publishing would pass over."""
    sources = {source.id: source for source in documents}
    locked = Document.objects.select_for_update(of=["self"]).select_related("current_revision")
    here = {document.slug: document for document in locked.filter(slug__in=sources)}
    said = _said_now()
    hashes = {slug: source.content_hash for slug, source in sources.items()}
    _read_again([d for d in here.values() if hashes[d.slug] != said.get(d.pk, {}).get(Revision.State.PUBLISHED)], said)
    changes, problems = [], []
    for slug, source in sources.items():
        document = here.get(slug)
        now = said.get(document.pk, {}) if document else {}
        change = Change(source, hashes[slug], document)
        if change.content_hash == now.get(Revision.State.PUBLISHED):
            change.only_retires = document is not None and document.retired_at is None and source.retired_at is not None
            changes += [change] if change.only_retires and not draft else []
        elif not draft or change.content_hash != now.get(Revision.State.DRAFT):
            problems += _conflicts(change, now.get(Revision.State.DRAFT), draft=draft)
            changes.append(change)
    return changes, problems


def _conflicts(change: Change, waiting: str | None, *, draft: bool) -> list[Problem]:
    """What stands in the way of writing one document."""
    if waiting == _UNDER_WAY:
        fix = "has a revision that is being reviewed or waits for its date; publish it or send it back first."
        return [Problem(change.source.where, "id", fix)]
    if waiting and not draft and waiting != change.content_hash:
        fix = "has a draft waiting; publish or retire it first, or replace it by importing with --draft."
        return [Problem(change.source.where, "id", fix)]
    if draft and change.source.retired_at:
        fix = "says that the document is retired, which no draft is; take the line out, or import without --draft."
        return [Problem(change.source.where, "retired_at", fix)]
    return []


def _read_again(documents: list[Document], said: dict[int, dict[str, str]]) -> None:
    """Where the hash that was kept says that something differs, what the document says decides."""
    keys = {document.slug: document.pk for document in documents}
    for source in stored(documents):
        said[keys[source.id]][Revision.State.PUBLISHED] = source.content_hash


def _said_now() -> dict[int, dict[str, str]]:
    """The content hash of each document's published (or retired) and waiting revisions."""
    said: dict[int, dict[str, str]] = {}
    current = Revision.objects.filter(pk__in=Document.objects.values("current_revision"))
    for document, content_hash in current.values_list("document", "content_hash"):
        said.setdefault(document, {})[Revision.State.PUBLISHED] = content_hash
    waiting = Revision.objects.filter(state__in=Revision.OPEN_STATES)
    for document, state, content_hash in waiting.values_list("document", "state", "content_hash"):
        kept = content_hash if state == Revision.State.DRAFT else _UNDER_WAY
        said.setdefault(document, {})[Revision.State.DRAFT] = kept
    return said


def _finish(imported: Imported, *, path: Path, by: Person | str, draft: bool, with_flows: list[int]) -> None:
    if imported.added or imported.changed:
        record(
            by=by,
            action="documents.import",
            object_type="import",
            object_id=path.name[-60:],
            added=imported.added,
            changed=imported.changed,
            state=Revision.State.DRAFT if draft else Revision.State.PUBLISHED,
        )
        changes.announce()
    for start in range(0, len(with_flows), 100):
        wake_on_commit("knowledge.tasks.draw_flows", *with_flows[start : start + 100])
