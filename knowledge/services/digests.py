"""The weekly digest: who is due, what each is told, and stopping it.

A sweep takes people who have no row for their week yet, locks them past those another sweep holds, and writes the row
and the mail in one transaction: run twice, at once or late, each week of each person is told once.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from knowledge import weeks
from knowledge.models import Digest, DigestChoice
from knowledge.services.changes import Changes, titles_for
from portal.common import present
from portal.common.audit import record
from portal.common.hints import wake_on_commit
from portal.common.models import Mail
from portal.common.refusals import Invalid
from portal.members.models import Person, Role

BATCH = 200
_SALT = "knowledge.digest.stop"


def send_digests(*, now: datetime | None = None) -> int:
    """Make every digest that is due and has not been made; the number of mails."""
    now, sent = now or present.now(), 0
    for name in Person.objects.filter(is_active=True).order_by().values_list("time_zone", flat=True).distinct():
        found = weeks.due(now, ZoneInfo(name))
        while (made := _batch(name, found, now)) is not None:
            sent += made
    return sent


@transaction.atomic
def _batch(zone: str, found: weeks.Due, now: datetime) -> int | None:
    """The digests of some people of one time zone; None when nobody of it waits."""
    people = list(_waiting(zone, found).select_for_update(of=("self",), skip_locked=True, no_key=True)[:BATCH])
    if not people:
        return None
    keys = [person.pk for person in people]
    begins = _begins(keys, found)
    told = titles_for(keys, Changes.between(min(begins.values()), found.moment), begins)
    Digest.objects.bulk_create(
        Digest(person=person, week=found.week, until=found.moment, titles=len(told[person.pk])) for person in people
    )
    mails = [_mail(person, found, told[person.pk], now) for person in people if told[person.pk]]
    Mail.objects.bulk_create(mails, ignore_conflicts=True)
    if mails:
        wake_on_commit("portal.common.tasks.send_outbox")
    return len(mails)


def _begins(keys: list[int], found: weeks.Due) -> dict[int, datetime]:
    """From when on each person's changes count; who turned the digest off and on again begins anew."""
    rows = Digest.objects.filter(person__in=keys).order_by("person", "-week").distinct("person")
    last = dict(rows.values_list("person", "until"))
    chosen = dict(DigestChoice.objects.filter(person__in=keys).values_list("person", "changed_at"))
    for key, at in chosen.items():
        if key in last and at > last[key]:
            del last[key]
    return {key: weeks.since(found, last.get(key)) for key in keys}


def _waiting(zone: str, found: weeks.Due) -> QuerySet[Person]:
    """Who is to have this week's digest and has not: not who came, or turned it on, after it was due."""
    roles = Role.objects.filter(person=OuterRef("pk")).filter(
        Q(organization=None) | Q(organization__deactivated_at=None)
    )
    off_or_later = DigestChoice.objects.filter(person=OuterRef("pk")).filter(
        Q(frequency=DigestChoice.Frequency.OFF) | Q(changed_at__gt=found.moment)
    )
    had = Digest.objects.filter(person=OuterRef("pk"), week__gte=found.week)
    people = Person.objects.filter(is_active=True, time_zone=zone, created_at__lte=found.moment)
    return people.filter(Exists(roles)).exclude(Exists(off_or_later)).exclude(Exists(had)).order_by("pk")


def _mail(person: Person, found: weeks.Due, titles: Sequence[weeks.Title], now: datetime) -> Mail:
    stop = f"{settings.SITE_URL}{reverse('digest-stop', args=[stop_token(person)])}"
    return Mail(
        key=f"digest:{found.week}:{person.pk}",
        to=person.email,
        subject=weeks.subject(titles),
        body=weeks.body(name=person.name, titles=titles, site=settings.SITE_URL, stop=stop),
        headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        created_at=now,
        next_try_at=now,
    )


def stop_token(person: Person) -> str:
    """What stands in the link: the person, signed; it opens nothing but the choice of the digest."""
    return signing.Signer(salt=_SALT).sign(str(person.pk))


def person_of_token(token: str) -> Person | None:
    """Whose link it is; None for one that we did not sign."""
    try:
        return Person.objects.filter(pk=int(signing.Signer(salt=_SALT).unsign(token))).first()
    except (signing.BadSignature, ValueError):
        return None


@transaction.atomic
def choose_digest(*, frequency: str, by: Person) -> None:
    """Have the digest weekly, or not at all; choosing the same again changes nothing."""
    if frequency not in DigestChoice.Frequency.values:
        raise Invalid(frequency=f"Choose one of {', '.join(DigestChoice.Frequency.values)}.")
    if digest_frequency(by) == frequency:
        return
    DigestChoice.objects.update_or_create(person=by, defaults={"frequency": frequency, "changed_at": timezone.now()})
    record(by=by, action=f"digest.{frequency}", object_type="person", object_id=by.pk)


def digest_frequency(person: Person) -> str:
    """What the person chose; weekly when they never did."""
    chosen = DigestChoice.objects.filter(person=person).first()
    return chosen.frequency if chosen else DigestChoice.Frequency.WEEKLY
