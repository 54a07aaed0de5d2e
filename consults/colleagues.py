"""Who answers questions, as the forms that hand one on offer them."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from portal.members.models import Absence, Person, Role, Specialty

ANSWERING = (Role.Name.SPECIALIST, Role.Name.SECTION_LEAD)
ANSWERED = """EXISTS (
  SELECT 1 FROM members_role r JOIN members_person p ON p.id = r.person_id
   WHERE r.specialty_id = {specialty} AND r.name IN ('specialist', 'section-lead') AND p.is_active)"""
"""Whether anybody answers for the specialty of this column or parameter, as a part of a statement."""


def specialists(specialty: Specialty | None = None) -> QuerySet[Person]:
    """People who answer questions, of one specialty if given; ``name_of`` says who is away."""
    held = Role.objects.filter(person=OuterRef("pk"), name__in=ANSWERING)
    held = held.filter(specialty=specialty) if specialty else held.exclude(specialty=None)
    gone = Absence.objects.at(timezone.now()).filter(person=OuterRef("pk"))
    return Person.objects.filter(Exists(held), is_active=True).annotate(is_gone=Exists(gone))


def name_of(person: Person) -> str:
    """The name of one of ``specialists``, with the word where they are away now."""
    return f"{person.name} (away)" if person.is_gone else person.name  # type: ignore[attr-defined]


class Colleagues:
    """Everyone who answers, asked for once, as the choices of the forms that hand a question on."""

    def __init__(self) -> None:
        places = Role.objects.filter(person=OuterRef("pk"), name__in=ANSWERING)
        fields = JSONObject(pk="specialty_id", slug="specialty__slug", name="specialty__name")
        self._rows = list(specialists().annotate(places=ArraySubquery(places.order_by().values(json=fields))))

    def people(self, *, besides: int | None, specialty: int | None = None) -> list[tuple[str, str]]:
        """Addresses and names, of one specialty if given."""
        rows = [row for row in self._rows if row.pk != besides]
        return [(row.email, name_of(row)) for row in rows if specialty is None or specialty in _keys(row)]

    def specialties(self, *, besides: int | None) -> list[tuple[str, str]]:
        """Identifiers and names of the specialties somebody answers for."""
        found = {place["slug"]: place["name"] for row in self._rows for place in row.places if place["pk"] != besides}
        return sorted(found.items(), key=lambda place: place[1])


def _keys(row: Any) -> set[int]:
    return {place["pk"] for place in row.places}
