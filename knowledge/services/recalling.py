"""Recall: a change of practice is told to everyone who relied on the document, who are asked to confirm reading it.

However many there are, it costs a few statements, and a few more for every thousand told.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from knowledge import relied
from knowledge.models import Acknowledgement, DeclaredChange, Document, Follow, Reading, Revision
from knowledge.services.telling import title_of
from portal.common import tenancy
from portal.common.audit import record
from portal.common.notices import Telling, mark_read_at, tell_all
from portal.common.refusals import Conflict
from portal.members.models import Person, PersonQuerySet

REMEMBERED = timedelta(days=365)
BATCH = 2000
Why = Acknowledgement.Why


def recall(*, document: Document, revision: Revision, by: Person | str) -> frozenset[int]:
    """Ask everyone who relied on the document to confirm what ``revision`` changes; the keys of those told.

    Nobody, unless it was declared that practice changes. Whoever had not confirmed an earlier change is asked for this
    one in its place. Those who wrote or publish it know of it. Called by publishing, with the document locked.
    """
    if not revision.declared_changes.filter(significance=DeclaredChange.Significance.PRACTICE).exists():
        return frozenset()
    now = timezone.now()
    earlier = document.acknowledgements.filter(acknowledged_at=None, superseded_at=None)
    unconfirmed = dict(earlier.values_list("person_id", "why"))
    earlier.update(superseded_at=now)
    why = unconfirmed | who_relied(document, now=now)
    people = list(_reachable(why, revision, by).only("pk", "email", "name", "is_active"))
    Acknowledgement.objects.bulk_create(
        (
            Acknowledgement(document=document, revision=revision, person=person, why=why[person.pk], told_at=now)
            for person in people
        ),
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    text = f"“{title_of(revision)}”: practice has changed. Please read it and confirm."
    key = f"recall:{revision.pk}"
    path = document.get_absolute_url()
    tell_all(Telling(person, "practice-change", text, path, key) for person in people)
    return frozenset(person.pk for person in people)


def who_relied(document: Document, *, now: datetime) -> dict[int, str]:
    """Everyone who relied on the document, by key, with the strongest reason: an answer, following it, reading it."""
    read = Reading.objects.filter(document=document, at__gte=now - REMEMBERED)
    follow = Follow.objects.filter(document=document)
    with tenancy.everything():  # whoever publishes, answers in every organization count
        answered = relied.people(document.pk)
    why: dict[int, str] = dict.fromkeys(read.values_list("person_id", flat=True), str(Why.READ))
    why |= dict.fromkeys(follow.values_list("person_id", flat=True), str(Why.FOLLOWS))
    return why | dict.fromkeys(answered, str(Why.ANSWER))


def how_many(*, revision: Revision, by: Person) -> int:
    """How many people would be told if ``by`` published the revision now and it changed practice."""
    earlier = revision.document.acknowledgements.filter(acknowledged_at=None, superseded_at=None)
    why = dict(earlier.values_list("person_id", "why")) | who_relied(revision.document, now=timezone.now())
    return _reachable(why, revision, by).count()


def _reachable(why: dict[int, str], revision: Revision, by: Person | str) -> PersonQuerySet:
    """Of these people, those who can sign in and neither wrote the revision nor publish it."""
    knowing = {revision.author_id, *revision.contributors.values_list("pk", flat=True)}
    knowing |= {by.pk} if isinstance(by, Person) else set()
    return Person.objects.able_to_sign_in().filter(pk__in=[key for key in why if key not in knowing])


@transaction.atomic
def acknowledge(*, acknowledgement: Acknowledgement, by: Person) -> None:
    """``by`` confirms having read what was asked of them. Doing it again changes nothing.

    Raises Conflict when a newer change has taken its place, so that nobody confirms what they have not seen.
    """
    rows = Acknowledgement.objects.filter(pk=acknowledgement.pk, person=by)
    if rows.filter(acknowledged_at=None, superseded_at=None).update(acknowledged_at=timezone.now()):
        document, revision = acknowledgement.document, acknowledgement.revision
        mark_read_at(by, document.get_absolute_url())
        record(
            by=by,
            action="document.acknowledge",
            object_type="document",
            object_id=document.slug,
            revision=revision.number,
        )
    elif rows.exclude(superseded_at=None).exists():
        raise Conflict("Practice has changed again since. Read the newer change and confirm that one.")
