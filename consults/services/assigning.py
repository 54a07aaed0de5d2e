"""Between the pure rule of routing and the database: who could have a consult, and giving it to whom the rule names."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Avg, Count, Q, Sum

from consults import routing
from consults.hours import NETWORK, Shift
from consults.models import Assignment, Consult, Message, OnCallDay, RoutingPolicy, TimelineEntry
from consults.services import telling
from portal.common import audit, tenancy
from portal.common.rows import add
from portal.members.models import Person, Role

RECENT, LATELY, PRESENT = timedelta(days=90), timedelta(days=28), timedelta(minutes=15)
ENOUGH_ANSWERS = 5
"""From so many of someone's own answers on, what they take is believed."""
BATCH = 50


def answering(specialty_id: int) -> list[Person]:
    """Everyone who answers for a specialty, with what routing asks of them."""
    roles = Role.objects.filter(specialty=specialty_id, name__in=[Role.Name.SPECIALIST, Role.Name.SECTION_LEAD])
    people = Person.objects.filter(is_active=True, pk__in=roles.values("person"))
    return list(
        people.select_related("availability").prefetch_related("absences", "weekly_hours", "availability__conflicts")
    )


def candidates(people: Iterable[Person], *, specialty_id: int, now: datetime) -> list[routing.Candidate]:
    """These people as routing knows them, in a fixed number of queries. Sees the work of every organization."""
    people = list(people)
    with tenancy.everything():
        work, answers = _open_work(people), _answers(people, now=now)
    duties, here = _duties(people, now=now), _here(people, now=now)
    return [
        replace(
            candidate(person, specialties=(specialty_id,)),
            on_call=duties[person.pk],
            open_work=work[person.pk],
            minutes=answers.get(person.pk, (routing.USUAL_MINUTES, 0))[0],
            minutes_lately=answers.get(person.pk, (0, 0.0))[1],
            is_here=person.pk in here,
        )
        for person in people
    ]


def candidate(person: Person, *, specialties: Collection[int] | None = None) -> routing.Candidate:
    """One person as routing knows them, without their work; ``specialties`` spares the query where they are known."""
    said = getattr(person, "availability", None)
    return routing.Candidate(
        person_id=person.pk,
        name=person.name,
        specialties=person.actor.specialist_in if specialties is None else specialties,
        is_active=person.is_active,
        absences=[(row.start_at, row.end_at) for row in person.absences.all()],
        week=[Shift(row.weekday, row.start, row.end) for row in person.weekly_hours.all()],
        time_zone=person.time_zone,
        cap=said.cap if said else None,
        languages=said.languages if said else (),
        tiers=said.tiers if said else (),
        conflicts={place.pk for place in said.conflicts.all()} if said else (),
    )


def _open_work(people: Collection[Person]) -> dict[int, list[datetime | None]]:
    work: dict[int, list[datetime | None]] = defaultdict(list)
    held = Consult.objects.filter(assignee__in=people, state__in=[Consult.State.ASSIGNED, Consult.State.WAITING])
    for person, state, due in held.values_list("assignee", "state", "due_at"):
        work[person].append(due if state == Consult.State.ASSIGNED else None)
    return work


def _answers(people: Collection[Person], *, now: datetime) -> dict[int, tuple[float, float]]:
    """Of each, the minutes an answer takes them, and how many they gave in the last weeks."""
    rows = (
        Message.objects.filter(author__in=people, minutes__isnull=False, created_at__gt=now - RECENT)
        .order_by()
        .values("author")
        .annotate(n=Count("pk"), mean=Avg("minutes"), lately=Sum("minutes", filter=Q(created_at__gt=now - LATELY)))
    )
    return {
        row["author"]: (
            float(row["mean"]) if row["n"] >= ENOUGH_ANSWERS else routing.USUAL_MINUTES,
            float(row["lately"] or 0),
        )
        for row in rows
    }


def _duties(people: Collection[Person], *, now: datetime) -> dict[int, list[date]]:
    today = now.astimezone(NETWORK).date()
    found: dict[int, list[date]] = defaultdict(list)
    rows = OnCallDay.objects.filter(primary__in=people, day__range=(today, today + routing.HORIZON))
    for person, day in rows.values_list("primary", "day"):
        found[person].append(day)
    return found


def _here(people: Collection[Person], *, now: datetime) -> set[int]:
    """Who was at the site in the last quarter of an hour."""
    rows = UserSession.objects.filter(user__in=people, last_seen_at__gt=now - PRESENT)
    return set(rows.values_list("user", flat=True))


def asked(row: Consult, *, now: datetime) -> routing.Asked:
    """The consult as routing knows it."""
    return routing.Asked(
        number=row.number,
        specialty_id=row.specialty_id or 0,
        requester_id=row.requester_id,
        due_at=row.due_at or now,
        organization_id=row.organization_id,
        tier=row.organization.tier,
        language=row.language,
    )


def policy_of(specialty_id: int | None) -> RoutingPolicy:
    """The specialty's policy, or the default: the queue, and naming a specialist allowed."""
    return RoutingPolicy.objects.filter(specialty=specialty_id or 0).first() or RoutingPolicy()


def place(row: Consult, *, at: datetime) -> bool:
    """Give a (locked) consult of the queue to whom the rule names, where its specialty assigns; else leave it there.

    The caller saves the row, and tells. Two at once wait for each other, so that no cap is passed.
    """
    if not _assigns(row.specialty_id):
        return False
    people = {person.pk: person for person in answering(row.specialty_id or 0)}
    able = candidates(people.values(), specialty_id=row.specialty_id or 0, now=at)
    choice = routing.assign(able, asked(row, now=at), now=at)
    if choice.person_id is None:
        return False
    give(row, people[choice.person_id], at=at, why=choice.reason)
    return True


def _assigns(specialty_id: int | None, *, wait: bool = True) -> bool:
    """Whether the specialty assigns; its policy stays locked until the transaction ends."""
    rows = RoutingPolicy.objects.select_for_update(skip_locked=not wait)
    return rows.filter(specialty=specialty_id, mode=RoutingPolicy.Mode.ASSIGN).first() is not None


def give(row: Consult, person: Person, *, at: datetime, why: str) -> None:
    """Put a consult of the queue into someone's hands, on the site's own account."""
    row.state, row.assignee = Consult.State.ASSIGNED, person
    add(
        Assignment(consult=row, specialist=person, started_at=at),
        TimelineEntry(consult=row, kind=TimelineEntry.Kind.ASSIGNED, at=at, detail=why[:500]),
    )
    audit.record(
        by="routing",
        action="consult.assign",
        object_type="consult",
        object_id=row.number,
        organization_id=row.organization_id,
        to=person.pk,
    )


def sweep(*, now: datetime) -> Counter[str]:
    """Go once through what waits in the queues of specialties that assign, the most urgent first.

    Any number of sweeps at once do the work of one: whoever comes second skips what the first has locked.
    """
    done: Counter[str] = Counter()
    modes = RoutingPolicy.objects.filter(mode=RoutingPolicy.Mode.ASSIGN)
    for specialty_id in modes.order_by("specialty").values_list("specialty", flat=True):
        with tenancy.everything():
            if _assigns(specialty_id, wait=False):
                done["assigned"] += _assign_waiting(specialty_id, now=now)
    return done


@transaction.atomic
def _assign_waiting(specialty_id: int, *, now: datetime) -> int:
    rows = list(
        Consult.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(specialty=specialty_id, state=Consult.State.QUEUED)
        .select_related("organization")
        .most_urgent_first()[:BATCH]
    )
    if not rows:
        return 0
    people = {person.pk: person for person in answering(specialty_id)}
    able = {one.person_id: one for one in candidates(people.values(), specialty_id=specialty_id, now=now)}
    given = 0
    for row in rows:
        chosen = routing.assign(able.values(), asked(row, now=now), now=now)
        if chosen.person_id is None:
            continue
        give(row, people[chosen.person_id], at=now, why=chosen.reason)
        row.changed_at = now
        row.save(update_fields=["state", "assignee", "changed_at"])
        telling.sent(row, at=now)
        one = able[chosen.person_id]
        able[chosen.person_id] = replace(one, open_work=[*one.open_work, row.due_at])
        given += 1
    return given
