"""Who is told what. Every text is free of clinical content: the number, what happened, what is asked."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from consults.models import Consult, OnBehalf
from portal.common.notices import Reachable, Telling, tell, tell_all
from portal.members.models import Person, Role


def leads_of(specialty_id: int) -> list[Person]:
    """The section leads of a specialty who can sign in."""
    return list(
        Person.objects.filter(
            is_active=True, roles__name=Role.Name.SECTION_LEAD, roles__specialty_id=specialty_id
        ).distinct()
    )


ANSWERS_HERE = """
FROM members_person p
WHERE p.is_active
  AND EXISTS (SELECT 1 FROM members_role r WHERE r.person_id = p.id AND r.specialty_id = %(specialty)s
                 AND r.name IN ('specialist', 'section-lead'))
  AND NOT EXISTS (SELECT 1 FROM members_absence a
                   WHERE a.person_id = p.id AND a.start_at <= %(now)s AND a.end_at > %(now)s)
"""
"""Everyone who answers for a specialty and is not away, as a part of a statement."""


def specialists_of(specialty_id: int, *, now: datetime) -> list[Person]:
    """Everyone who answers for a specialty and is not away."""
    statement = f"SELECT p.* {ANSWERS_HERE} ORDER BY p.name, p.id"
    return list(Person.objects.raw(statement, {"specialty": specialty_id, "now": now}))


def _tell(people: Iterable[Reachable | None], consult: Consult, *, kind: str, text: str, key: str) -> None:
    told = {person.pk: person for person in people if person}
    tell_all(Telling(person, kind, text, consult.get_absolute_url(), key) for person in told.values())


def network_administrators() -> list[Person]:
    return list(Person.objects.network_administrators())


def clocks_differ(numbers: list[str], *, now: datetime) -> None:
    """The nightly check found clocks whose stored figures do not follow from their logs."""
    shown = ", ".join(numbers[:3]) + (f" and {len(numbers) - 3} more" if len(numbers) > 3 else "")
    for person in network_administrators():
        text = f"The nightly check of clocks found differences: {shown}. Run verify_clocks."
        tell(person=person, kind="clocks", text=text, path="/consults/?whose=all", key=f"clocks:{now.date()}")


def sent(consult: Consult, *, at: datetime, here: Iterable[Reachable] | None = None) -> None:
    """A named specialist is told; otherwise everyone in the specialty who is not away, whom ``here`` names where they
    are known."""
    people: Iterable[Reachable | None] = [consult.assignee]
    if not consult.assignee:
        people = specialists_of(consult.specialty_id or 0, now=at) if here is None else here
    text = f"Consult {consult.number} waits for an answer."
    _tell(people, consult, kind="sent", text=text, key=f"{consult.number}:sent:{at.isoformat()}")


def requester(consult: Consult, *, what: str, at: datetime) -> None:
    """Tell the clinician who asked; ``what`` follows the number, as in “was answered. Please close it.”"""
    text = f"Your consult {consult.number} {what}"
    _tell([consult.requester], consult, kind="consult", text=text, key=f"{consult.number}:requester:{at.isoformat()}")


def assignee(consult: Consult, *, what: str, at: datetime) -> None:
    """Tell the specialist who has it, if anyone has."""
    text = f"Consult {consult.number} {what}"
    _tell([consult.assignee], consult, kind="consult", text=text, key=f"{consult.number}:assignee:{at.isoformat()}")


def leads(consult: Consult, *, what: str, at: datetime) -> None:
    """Tell the section leads of its specialty; the network's administrators where there is none."""
    text = f"Consult {consult.number} {what}"
    people = leads_of(consult.specialty_id or 0) or network_administrators()
    _tell(people, consult, kind="lead", text=text, key=f"{consult.number}:lead:{at.isoformat()}")


def person(one: Person, consult: Consult, *, what: str, at: datetime) -> None:
    """Tell somebody else about it, such as a colleague asked for an opinion."""
    text = f"Consult {consult.number} {what}"
    _tell([one], consult, kind="consult", text=text, key=f"{consult.number}:person:{at.isoformat()}")


def practice(consult: Consult, *, what: str, at: datetime) -> None:
    """Tell those of the requester's practice who follow it, or for whom it was written, while they may read it."""
    beside = Q(pk__in=consult.watchers.values("person"))
    beside |= Q(pk__in=OnBehalf.objects.filter(consult=consult).values("colleague"))
    clinicians = Role.objects.filter(organization=consult.organization_id, name=Role.Name.CLINICIAN)
    people = Person.objects.filter(beside, pk__in=clinicians.values("person")).exclude(pk=consult.requester_id)
    text, key = f"Consult {consult.number}, which you follow, {what}", f"{consult.number}:practice:{at.isoformat()}"
    _tell(people, consult, kind="consult", text=text, key=key)
