"""Reminding those who have not confirmed a change of practice: each person at most once a day, whoever reminds."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils import timezone

from knowledge.models import Acknowledgement, AcknowledgementQuerySet, Document
from knowledge.services.publishing import audited, require_editor
from knowledge.services.telling import title_of
from portal.common.audit import record
from portal.common.notices import Telling, tell_all
from portal.common.refusals import Refused
from portal.members.models import Organization, Person
from portal.members.policy import Action, Denied, can

_ONE_AT_A_TIME = 7_164_004  # the number of the advisory lock that reminding takes


@dataclass(frozen=True)
class Reminded:
    """How many people were reminded, and how many were not because they had been today."""

    people: int
    spared: int


@transaction.atomic
def remind_readers(*, document: Document, by: Person) -> Reminded:
    """Remind everyone who has not confirmed the document's change of practice. Raises Refused for all but editors."""
    require_editor(by)
    rows = Acknowledgement.objects.filter(document=document)
    done = _remind(rows, by=by)
    audited(document, "remind", by=by, people=done.people)
    return done


@transaction.atomic
def remind_people(*, organization: Organization, by: Person) -> Reminded:
    """Remind the organization's people of whatever they have not confirmed. Raises Refused for all but those who manage
    its people."""
    decision = can(by.actor, Action.MANAGE_PEOPLE, organization.pk)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)
    done = _remind(Acknowledgement.objects.of_people_of([organization.pk]), by=by)
    record(
        by=by,
        action="organization.remind",
        object_type="organization",
        object_id=organization.slug,
        organization_id=organization.pk,
        people=done.people,
    )
    return done


def _remind(rows: AcknowledgementQuerySet, *, by: Person) -> Reminded:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
    now = timezone.now()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    waiting = rows.open().of_those_here().exclude(person=by)
    reminded = Acknowledgement.objects.filter(person=OuterRef("person"), reminded_at__gte=today)
    spared = waiting.filter(Exists(reminded)).values("person").distinct().count()
    due = list(waiting.exclude(Exists(reminded)).select_related("person", "document", "revision"))
    Acknowledgement.objects.filter(pk__in=[row.pk for row in due]).update(reminded_at=now, reminders=F("reminders") + 1)
    of_person: dict[int, list[Acknowledgement]] = {}
    for row in due:
        of_person.setdefault(row.person_id, []).append(row)
    # The day is in the key, so that the database, too, refuses a second one.
    tell_all(_telling(found, f"practice-reminder:{now:%Y-%m-%d}") for found in of_person.values())
    return Reminded(people=len(of_person), spared=spared)


def _telling(rows: list[Acknowledgement], key: str) -> Telling:
    row = rows[0]
    if len(rows) == 1:
        text = f"A reminder: “{title_of(row.revision)}” changed practice. Please read it and confirm."
        return Telling(row.person, "practice-change", text, row.document.get_absolute_url(), key)
    text = f"A reminder: {len(rows)} documents changed practice. Please read them and confirm."
    return Telling(row.person, "practice-change", text, reverse("changes"), key)
