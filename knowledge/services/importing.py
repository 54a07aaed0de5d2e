"""Loading documents from files: everything is checked first, and nothing is imported when anything is wrong."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import connection, transaction
from django.db.models import F

from knowledge import changes
from knowledge.models import Document, DocumentAttachment, Revision
from knowledge.services.attaching import keep
from knowledge.services.batches import Change, write
from knowledge.services.flagging import flag_overlays
from knowledge.services.publishing import require_editor, retire_document
from knowledge.services.telling import tell_followers
from knowledge.sources import Problem, SourceDocument, SourceFile, load, stored
from knowledge.sources.files import folder_of
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
    documents = _with_attached(documents, problems)
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
    _attach(changes, by=by)
    for change in retirements:
        assert change.document is not None
        source = change.source
        retire_document(document=change.document, by=by, at=source.retired_at, because=source.retired_because)
    progress(len(documents), len(documents))
    if not draft:
        slugs = [change.source.id for change in changes]
        published = list(Document.objects.filter(slug__in=slugs).values_list("pk", flat=True))
        tell_followers(documents=published, by=by)
        flag_overlays(documents=published)
    imported = Imported(
        added=sum(change.document is None for change in changes),
        changed=sum(change.document is not None for change in changes) + len(retirements),
        unchanged=unchanged,
    )
    _finish(imported, path=path, by=by, draft=draft, with_flows=with_flows)
    return imported


def _existing(slugs: set[str]) -> set[str]:
    return set(Document.objects.filter(slug__in=slugs).values_list("slug", flat=True))


def _with_attached(documents: list[SourceDocument], problems: list[Problem]) -> list[SourceDocument]:
    """Each with the files that are on the site already; a problem for one that is nowhere, or another there."""
    naming = [document for document in documents if document.file_names]
    here: dict[str, dict[str, SourceFile]] = {}
    for file in DocumentAttachment.objects.filter(document__slug__in=[document.id for document in naming]).annotate(
        slug=F("document__slug")
    ):
        here.setdefault(file.slug, {})[file.name] = SourceFile(file.name, file.content_type, file.sha256)
    return [_completed(document, here.get(document.id, {}), problems) for document in documents]


def _completed(document: SourceDocument, here: dict[str, SourceFile], problems: list[Problem]) -> SourceDocument:
    given, files = {file.name: file for file in document.files}, []
    for name in document.file_names:
        file = given.get(name) or here.get(name)
        if file is None:
            fix = (
                f"shows attachment:{name}, which is neither in {folder_of(document.id)} nor on the site; put it there."
            )
            problems.append(Problem(document.where, "body", fix))
        elif name in here and here[name].sha256 != file.sha256:
            fix = f"brings another {name} than the one on the site, which earlier revisions show; give it another name."
            problems.append(Problem(document.where, "body", fix))
        else:
            files.append(here.get(name, file))
    return replace(document, files=tuple(files))


def _attach(changes: list[Change], *, by: Person | str) -> None:
    """Keep the files that are not on the site yet."""
    new = {change.source.id: [file for file in change.source.files if file.path] for change in changes}
    documents = Document.objects.in_bulk([slug for slug, files in new.items() if files], field_name="slug")
    for slug, document in documents.items():
        for file in new[slug]:
            assert file.path is not None
            content = file.path.read_bytes()
            keep(document=document, name=file.name, content=content, content_type=file.content_type, by=by)


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
    if not draft and change.source.where.endswith(".docx"):
        fix = "is a Word file, which comes in as a draft to be finished; import it with --draft."
        return [Problem(change.source.where, "", fix)]
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
