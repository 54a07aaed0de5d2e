"""What becomes of organizations' notes when documents are published anew. Part of the transaction that publishes."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from knowledge import anchoring
from knowledge.models import Document, Overlay, Revision
from knowledge.passages import passages
from portal.common import tenancy
from portal.common.notices import Telling, tell_all
from portal.members.models import Person, Role

_FASTENED = ["revision", "place", "key", "number", "flagged_at"]
_LONGEST_TITLE = 90  # with the name of the organization a notice holds it
WRITERS = (Role.Name.ORGANIZATION_ADMINISTRATOR, Role.Name.LOCAL_EDITOR)


def flag_overlays(*, documents: Iterable[int]) -> None:
    """Fasten every note on these documents to the revision they have now; flag those whose passage is not there.

    A note moves with its words. One that loses them is flagged, and whoever wrote it is told once; or the
    organization's administrators, when that person writes its notes no longer. One whose words are back is flagged no
    more. The site's own work: it sees the notes of every organization, whoever publishes.
    """
    with tenancy.everything():
        rows = Overlay.objects.filter(document__in=list(documents), document__current_revision__isnull=False)
        notes = list(rows.select_related("author", "organization"))
        if not notes:
            return
        current = _revisions({note.document_id for note in notes})
        now = timezone.now()
        newly = [note for note in notes if _fasten(note, current[note.document_id], now)]
        Overlay.objects.bulk_update(notes, _FASTENED, batch_size=500)
        _tell(newly, current)


def _revisions(documents: set[int]) -> dict[int, Revision]:
    rows = Revision.objects.filter(pk__in=Document.objects.filter(pk__in=documents).values("current_revision"))
    return {row.document_id: row for row in rows.select_related("document").prefetch_related("recommendations")}


def _fasten(note: Overlay, revision: Revision, now: datetime) -> bool:
    """Whether the note has lost its words just now."""
    found = anchoring.find(note, passages(revision))
    if found is None:
        is_new, note.flagged_at = note.flagged_at is None, note.flagged_at or now
        return is_new
    note.revision, note.flagged_at = revision, None
    note.place, note.key, note.number = found.place.value, found.key, found.number
    return False


def _tell(notes: list[Overlay], current: dict[int, Revision]) -> None:
    """One notice for each person, however many notes; the title of the document when there is but one."""
    told: dict[int, list[Overlay]] = {}
    people: dict[int, Person] = {}
    for note, readers in _whose(notes):
        for person in readers:
            people[person.pk] = person
            told.setdefault(person.pk, []).append(note)
    tell_all(_telling(people[key], theirs, current) for key, theirs in told.items())


def _whose(notes: list[Overlay]) -> list[tuple[Overlay, list[Person]]]:
    """Who is to mend each note."""
    places = {note.organization_id for note in notes}
    roles = Role.objects.filter(organization__in=places, organization__deactivated_at=None, name__in=WRITERS)
    roles = roles.filter(person__is_active=True).select_related("person")
    writers: set[tuple[int, int]] = set()
    administrators: dict[int, list[Person]] = {}
    for role in roles:
        organization = role.organization_id or 0
        writers.add((organization, role.person_id))
        if role.name == Role.Name.ORGANIZATION_ADMINISTRATOR:
            administrators.setdefault(organization, []).append(role.person)
    return [
        (
            note,
            [note.author]
            if (note.organization_id, note.author_id) in writers
            else administrators.get(note.organization_id, []),
        )
        for note in notes
    ]


def _telling(person: Person, notes: list[Overlay], current: dict[int, Revision]) -> Telling:
    documents = {note.document_id for note in notes}
    which = ", ".join(f"{key}:{current[key].number}" for key in sorted(documents))
    if len(documents) > 1:
        text = f"The text under {len(notes)} notes of your organization has changed. See whether they still fit."
        return Telling(person, "overlay", text, reverse("overlays"), f"overlays:{anchoring.digest(which)}")
    revision = current[notes[0].document_id]
    what = "a note" if len(notes) == 1 else f"{len(notes)} notes"
    title = " ".join(revision.title.split())
    title = title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"
    text = f"The text under {what} of {notes[0].organization.name} in “{title}” has changed. See whether it still fits."
    slug = revision.document.slug
    path = reverse("overlay", args=[slug, notes[0].pk]) if len(notes) == 1 else reverse("overlay-choose", args=[slug])
    return Telling(person, "overlay", text, path, f"overlay:{which}")
