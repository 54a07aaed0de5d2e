"""Following a document or a specialty, and no longer following it. Doing either twice changes nothing."""

from django.db import transaction

from knowledge.models import Document, Follow
from portal.common.audit import record
from portal.members.models import Person, Specialty


@transaction.atomic
def follow(*, what: Document | Specialty, by: Person) -> None:
    """From now on ``by`` is told when the document, or one of the specialty, is published or retired."""
    if not Follow.objects.filter(person=by, **_field(what)).exists():
        Follow.objects.bulk_create([Follow(person=by, **_field(what))], ignore_conflicts=True)
        _record("follow", what, by)


@transaction.atomic
def unfollow(*, what: Document | Specialty, by: Person) -> None:
    """``by`` is not told any more."""
    if Follow.objects.filter(person=by, **_field(what)).delete()[0]:
        _record("unfollow", what, by)


def _field(what: Document | Specialty) -> dict[str, Document | Specialty]:
    return {"document" if isinstance(what, Document) else "specialty": what}


def _record(action: str, what: Document | Specialty, by: Person) -> None:
    kind = "document" if isinstance(what, Document) else "specialty"
    record(by=by, action=f"{kind}.{action}", object_type=kind, object_id=what.slug)
