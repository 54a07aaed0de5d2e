"""Ladders in versions: which one a consult gets, and who sets them."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Max, Q

from consults.ladder import NOTICE_DAYS
from consults.models import LadderVersion, MedicalDirector
from consults.models.ladders import RUNGS
from consults.policy import may_lead
from portal.common import audit
from portal.common.refusals import Invalid, Refused
from portal.members.models import Person, Specialty
from portal.members.policy import Denied

MOST_PERCENT, MOST_MINUTES, MOST_DAYS = 300, 7 * 24 * 60, 90


def holding(specialty_id: int | None) -> LadderVersion | None:
    """The newest version of the specialty's ladder, else of the network's; None: the standard one."""
    rows = LadderVersion.objects.filter(Q(specialty=specialty_id) | Q(specialty=None))
    return rows.order_by(F("specialty").asc(nulls_last=True), "-number").first()


@transaction.atomic
def set_ladder(*, by: Person, specialty: Specialty | None, at: datetime, **figures: int | bool) -> LadderVersion:
    """Set a specialty's ladder, or (None) the network's, as a new version. Consults under way keep theirs until they
    are promised anew.

    ``figures`` are the fields of `LadderVersion`; those left out are the standard. Raises Refused for anyone but the
    section lead (for the network: a network administrator), Invalid for a figure out of bounds or out of order.
    """
    _check_may(by, specialty)
    row = LadderVersion(specialty=specialty, made_by=by, made_at=at, **figures)
    _check(row)
    with connection.cursor() as cursor:  # two at once get two numbers
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", ["consults.ladder"])
    last = LadderVersion.objects.filter(specialty=specialty).aggregate(last=Max("number"))["last"]
    row.number = (last or 0) + 1
    row.save()
    audit.record(
        by=by,
        action="ladder.set",
        object_type="ladder",
        object_id=specialty.slug if specialty else "network",
        version=row.number,
    )
    return row


def _check_may(by: Person, specialty: Specialty | None) -> None:
    if specialty is None:
        _require_administrator(by)
    elif isinstance(decision := may_lead(by.actor, specialty.pk), Denied):
        raise Refused(decision.reason)


def _require_administrator(by: Person) -> None:
    if not by.actor.is_network_administrator:
        raise Refused("Only administrators of the network set what holds for all of it.")


def _check(row: LadderVersion) -> None:
    problems = {}
    for name in RUNGS:
        if not 0 <= getattr(row, f"{name}_percent") <= MOST_PERCENT:
            problems[f"{name}_percent"] = f"Give a share from 0 to {MOST_PERCENT} %."
        if abs(getattr(row, f"{name}_minutes")) > MOST_MINUTES:
            problems[f"{name}_minutes"] = f"Give at most {MOST_MINUTES:,} minutes before or after."
    if row.first_reminder < 1:
        problems["first_reminder"] = "Remind after one day at the earliest."
    if row.second_reminder <= row.first_reminder:
        problems["second_reminder"] = "The second reminder comes after the first."
    if not row.second_reminder + NOTICE_DAYS < row.close_after <= MOST_DAYS:
        problems["close_after"] = (
            f"Close more than {NOTICE_DAYS} days after the second reminder, and after {MOST_DAYS} days at the latest."
        )
    if problems:
        raise Invalid(**problems)


def able_to_direct() -> list[Person]:
    """Who may be named medical director: those who see every consult and act for the network."""
    return list(Person.objects.network_administrators().order_by("name"))


def director() -> Person | None:
    """The network's medical director, where one is named who still may see its consults."""
    row = MedicalDirector.objects.select_related("person").first()
    return row.person if row and row.person.is_active and row.person.actor.is_network_administrator else None


@transaction.atomic
def name_director(*, by: Person, person: Person | None) -> None:
    """Name the network's medical director, or nobody. Raises Refused, and Invalid for who may not see every consult."""
    _require_administrator(by)
    if person and (not person.is_active or not person.actor.is_network_administrator):
        raise Invalid(director=f"{person.name} is no administrator of the network, and would not see the consults.")
    if person:
        MedicalDirector.objects.update_or_create(only=True, defaults={"person": person})
    else:
        MedicalDirector.objects.all().delete()
    audit.record(
        by=by,
        action="ladder.director",
        object_type="ladder",
        object_id="network",
        to=person.pk if person else None,
    )
