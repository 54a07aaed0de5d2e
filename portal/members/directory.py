"""Who answers for the network: the people of the directory and what is shown of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, OuterRef, Prefetch, Q, QuerySet, When, prefetch_related_objects
from django.utils import timezone

from portal.members.models import Absence, Person, Role, SpecialistProfile, Specialty

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


def experts(specialties: Sequence[Specialty], *, limit: int) -> list[Listed]:
    """A few people for these specialties: those who are there first, then those who say something of themselves."""
    if not specialties:
        return []
    keys = {specialty.pk for specialty in specialties}
    gone = Exists(Absence.objects.at(timezone.now()).filter(person=OuterRef("pk")))
    held = Role.objects.filter(person=OuterRef("pk"), name__in=ANSWERING).order_by().values("specialty_id")
    people = specialists(specialties=keys).select_related("specialist_profile")
    people = people.annotate(is_gone=gone, held=ArraySubquery(held))
    known = Case(When(specialist_profile=None, then=1), default=0)
    rows = list(people.order_by("is_gone", known, "name", "pk")[:limit])
    prefetch_related_objects([row for row in rows if row.is_gone], "absences")  # until when, for the page
    return [
        Listed(row, _profile(row), tuple(place for place in specialties if place.pk in row.held), row.is_gone)
        for row in rows
    ]


def languages() -> list[str]:
    """Every language that someone in the directory names."""
    rows = SpecialistProfile.objects.filter(is_listed=True, person__in=specialists()).values_list(
        "languages", flat=True
    )
    return sorted({language for row in rows for language in row})
