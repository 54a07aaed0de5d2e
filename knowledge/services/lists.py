"""A person's own lists of documents. Every function takes the person's own list; finding it is the caller's part."""

from django.db import IntegrityError, transaction
from django.db.models import Max, Min

from knowledge.models import Document, ListEntry, ReadingList
from portal.common.refusals import Conflict, Invalid
from portal.members.models import Person

MOST_LISTS = 50
MOST_ENTRIES = 500
LONGEST_NAME = 80


def default_list(*, by: Person) -> ReadingList:
    """The person's “Read later”, made when there is none."""
    found = by.reading_lists.filter(is_default=True).first()
    if found is None:
        new = ReadingList(person=by, name=ReadingList.DEFAULT_NAME, is_default=True)
        ReadingList.objects.bulk_create([new], ignore_conflicts=True)
        found = by.reading_lists.get(is_default=True)
    return found


@transaction.atomic
def create_list(*, name: str, by: Person) -> ReadingList:
    """A new, empty list. Raises Invalid for a name that is empty, too long or taken, and Conflict at the limit."""
    name = _name(name)
    if by.reading_lists.count() >= MOST_LISTS:
        raise Conflict(f"You have {MOST_LISTS} lists, which is the most. Delete one first.")
    return _saved(ReadingList(person=by, name=name))


@transaction.atomic
def rename_list(*, reading_list: ReadingList, name: str, by: Person) -> None:
    """Give the list another name. Raises Invalid as at its creation, Conflict for the default list."""
    if reading_list.is_default:
        raise Conflict(f"“{reading_list.name}” keeps its name.")
    reading_list.name = _name(name)
    _saved(reading_list)


@transaction.atomic
def delete_list(*, reading_list: ReadingList, by: Person) -> None:
    """Delete the list; the documents stay where they are. Raises Conflict for the default list."""
    if reading_list.is_default:
        raise Conflict(f"“{reading_list.name}” stays. Take its documents out instead.")
    reading_list.delete()


@transaction.atomic
def add_to_list(*, reading_list: ReadingList, document: Document, by: Person) -> bool:
    """Put the document at the top; False when it is there already. Raises Conflict when the list is full."""
    row = _locked(reading_list)
    if row.entries.filter(document=document).exists():
        return False
    if row.entries.count() >= MOST_ENTRIES:
        raise Conflict(f"“{row.name}” holds {MOST_ENTRIES} documents, which is the most. Take one out first.")
    top = row.entries.aggregate(top=Min("place"))["top"]
    ListEntry.objects.create(reading_list=row, document=document, place=0 if top is None else top - 1)
    return True


@transaction.atomic
def remove_from_list(*, entry: ListEntry, by: Person) -> None:
    """Take the document out of the list."""
    entry.delete()


@transaction.atomic
def move_in_list(*, entry: ListEntry, up: bool, by: Person) -> bool:
    """Change places with the neighbour above or below; False at the end of the list."""
    row = _locked(entry.reading_list)
    entry.refresh_from_db()
    others = row.entries.exclude(pk=entry.pk)
    near = others.filter(place__lt=entry.place) if up else others.filter(place__gt=entry.place)
    place = near.aggregate(near=Max("place") if up else Min("place"))["near"]
    if place is None:
        return False
    row.entries.filter(place=place).update(place=entry.place)
    row.entries.filter(pk=entry.pk).update(place=place)
    return True


def _locked(reading_list: ReadingList) -> ReadingList:
    """The list's row, locked: places are worked out from what stands in it."""
    return ReadingList.objects.select_for_update().get(pk=reading_list.pk)


def _name(name: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise Invalid(name="Give the list a name.")
    if len(name) > LONGEST_NAME:
        raise Invalid(name=f"A name has at most {LONGEST_NAME} characters; this one has {len(name)}.")
    if name.lower() == ReadingList.DEFAULT_NAME.lower():
        raise Invalid(name=f"“{ReadingList.DEFAULT_NAME}” is there already. Choose another name.")
    return name


def _saved(reading_list: ReadingList) -> ReadingList:
    try:
        with transaction.atomic():
            reading_list.save()
    except IntegrityError:
        raise Invalid(name=f"You have a list “{reading_list.name}” already. Choose another name.") from None
    return reading_list
