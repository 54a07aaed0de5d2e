"""Who answers for the network: the people of the directory and what is shown of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils import timezone

from portal.common.planned import planned
from portal.members.models import Person, Role, SpecialistProfile, Specialty

ANSWERING = (Role.Name.SPECIALIST, Role.Name.SECTION_LEAD)


@dataclass(frozen=True)
class Listed:
    """One person of the directory."""

    person: Person
    profile: SpecialistProfile
    specialties: tuple[Specialty, ...]
    is_away: bool

    @property
    def slugs(self) -> list[str]:
        return [place.slug for place in self.specialties]


def specialists(*, specialties: Iterable[int] | None = None, language: str = "", words: str = "") -> QuerySet[Person]:
    """Active people who answer and let themselves be listed, by name; of any of the specialties when some are given."""
    answering = Role.objects.filter(person=OuterRef("pk"), name__in=ANSWERING)
    if specialties is not None:
        answering = answering.filter(specialty__in=list(specialties))
    people = Person.objects.filter(Exists(answering), is_active=True).exclude(specialist_profile__is_listed=False)
    if language:
        people = people.filter(specialist_profile__languages__contains=[language])
    for word in words.split():
        people = people.filter(Q(name__icontains=word) | Q(specialist_profile__interests__icontains=word))
    return people.order_by("name", "pk")


def with_profiles(people: QuerySet[Person]) -> QuerySet[Person]:
    """The same people, with what ``listed`` needs."""
    roles = Role.objects.filter(name__in=ANSWERING).select_related("specialty").order_by("specialty__name")
    return people.select_related("specialist_profile").prefetch_related(
        Prefetch("roles", roles, to_attr="answering"), "absences"
    )


def listed(person: Person) -> Listed:
    """One of ``with_profiles`` as it is shown; who wrote nothing yet has an empty profile."""
    places = {role.specialty_id: role.specialty for role in getattr(person, "answering", []) if role.specialty}
    return Listed(person, _profile(person), tuple(places.values()), person.is_away(timezone.now()))


def _profile(person: Person) -> SpecialistProfile:
    return getattr(person, "specialist_profile", None) or SpecialistProfile(person=person)


# As ``specialists``, written out: every document's page asks for it.
_EXPERTS = """
SELECT p.id, p.name, s.id, s.answers_when, h.specialties,
       EXISTS (SELECT FROM members_absence a
                WHERE a.person_id = p.id AND a.start_at <= %(now)s AND a.end_at > %(now)s) AS gone
  FROM (SELECT person_id, array_agg(DISTINCT specialty_id) AS specialties FROM members_role
         WHERE name = ANY(%(names)s) AND specialty_id = ANY(%(keys)s) GROUP BY person_id) h
  JOIN members_person p ON p.id = h.person_id
  LEFT JOIN members_specialistprofile s ON s.person_id = p.id
 WHERE p.is_active AND s.is_listed IS NOT FALSE
 ORDER BY gone, s.id IS NULL, p.name, p.id LIMIT %(limit)s
"""


def experts(specialties: Sequence[Specialty], *, limit: int) -> list[Listed]:
    """A few people for these specialties: those who are there first, then those who say something of themselves.

    Of their profile only when they usually answer is at hand.
    """
    if not specialties:
        return []
    keys, names = [place.pk for place in specialties], [name.value for name in ANSWERING]
    with planned() as cursor:
        cursor.execute(_EXPERTS, {"now": timezone.now(), "names": names, "keys": keys, "limit": limit})
        rows = cursor.fetchall()
    found = []
    for pk, name, profile, answers_when, held, is_gone in rows:
        person = Person.from_db(connection.alias, ["id", "name"], [pk, name])
        said = SpecialistProfile(pk=profile, person=person, answers_when=answers_when or "")
        found.append(Listed(person, said, tuple(place for place in specialties if place.pk in held), is_gone))
    prefetch_related_objects([one.person for one in found if one.is_away], "absences")  # until when, for the page
    return found


def languages() -> list[str]:
    """Every language that someone in the directory names."""
    rows = SpecialistProfile.objects.filter(is_listed=True, person__in=specialists()).values_list(
        "languages", flat=True
    )
    return sorted({language for row in rows for language in row})
