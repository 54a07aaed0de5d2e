"""A reader's own record of learning. Half a credit for each question; an accredited provider alone awards any."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from knowledge.models import Document, EducationEntry, EducationSource
from portal.common import identifiers
from portal.common.audit import record
from portal.common.refusals import Invalid
from portal.members.models import Person

LONGEST_QUESTION = 500
LONGEST_TEXT = 2000
MOST_SOURCES = 20
FIRST_YEAR = 2000
_EFFECTS = EducationEntry.Effect.values


@dataclass(frozen=True)
class Learned:
    """What a reader records; ``attested`` says that what looks like an identifier of a patient is none."""

    on: date
    question: str
    documents: Sequence[Document]
    effect: str
    effect_text: str = ""
    attested: bool = False


@transaction.atomic
def record_education(*, learned: Learned, by: Person) -> EducationEntry:
    """Keep a new entry. Raises Invalid naming each field that needs attention."""
    entry = EducationEntry(person=by)
    _write(entry, learned)
    record(by=by, action="education.record", object_type="education entry", object_id=entry.pk)
    return entry


@transaction.atomic
def change_education(*, entry: EducationEntry, learned: Learned, by: Person) -> EducationEntry:
    """Write an own entry anew. Raises Invalid as at its recording."""
    _write(entry, learned)
    record(by=by, action="education.change", object_type="education entry", object_id=entry.pk)
    return entry


@transaction.atomic
def delete_education(*, entry: EducationEntry, by: Person) -> None:
    """Take an own entry out of the record."""
    record(by=by, action="education.delete", object_type="education entry", object_id=entry.pk)
    entry.delete()


def findings(*texts: str) -> list[identifiers.Finding]:
    """What looks like an identifier of a patient in these texts."""
    return [finding for text in texts for finding in identifiers.find(text)]


def _write(entry: EducationEntry, learned: Learned) -> None:
    question = " ".join(learned.question.replace("\0", "").split())
    text = learned.effect_text.replace("\0", "").replace("\r\n", "\n").strip()
    _check(learned, question, text)
    entry.on, entry.question = learned.on, question
    entry.effect, entry.effect_text = learned.effect, text
    entry.attested_at = timezone.now() if findings(question, text) else None
    entry.changed_at = timezone.now()
    entry.save()
    _consult(entry, learned.documents)


def _check(learned: Learned, question: str, text: str) -> None:
    found = [] if learned.attested else findings(question, text)
    words = ", ".join(sorted({finding.kind for finding in found}))
    rules = (
        ("question", len(question) < 10, "Write the question as a sentence of at least 10 characters."),
        ("question", len(question) > LONGEST_QUESTION, f"At most {LONGEST_QUESTION} characters."),
        ("on", learned.on > timezone.localdate(), "Choose a day that has come."),
        ("on", learned.on.year < FIRST_YEAR, f"Choose a day from {FIRST_YEAR} on."),
        ("documents", not learned.documents, "Choose at least one document that you consulted."),
        ("documents", len(learned.documents) > MOST_SOURCES, f"At most {MOST_SOURCES} documents."),
        ("effect", learned.effect not in _EFFECTS, f"Use one of {', '.join(_EFFECTS)}."),
        ("effect_text", len(text) > LONGEST_TEXT, f"At most {LONGEST_TEXT:,} characters; this has {len(text):,}."),
        (
            "attested",
            bool(found),
            f"The text seems to hold {words}. Take it out, or confirm that it names nobody.",
        ),
    )
    if problems := {field: what for field, is_wrong, what in rules if is_wrong}:
        raise Invalid(**problems)


def _consult(entry: EducationEntry, documents: Sequence[Document]) -> None:
    """The documents consulted, in the revision of the first time each was named."""
    kept = {source.document_id: source for source in entry.sources.all()}
    wanted = {document.pk: document for document in documents}
    EducationSource.objects.filter(pk__in=[row.pk for key, row in kept.items() if key not in wanted]).delete()
    EducationSource.objects.bulk_create(
        EducationSource(entry=entry, document=document, revision_id=document.current_revision_id)
        for key, document in wanted.items()
        if key not in kept and document.current_revision_id
    )
