"""The person of a session with what every page needs to know of them, in one query."""

from functools import cache

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from portal.common.models import Notice
from portal.members.models import Person, Role
from portal.members.policy import Actor


def find(pk: int) -> Person | None:
    """The person with their facility and its organization, their ``actor``, and ``unread``: notices not yet opened."""
    person = _people().filter(pk=pk).first()
    if person is not None:
        held = vars(person).pop("held")
        # As the property ``actor`` finds them, which looks itself once this value is taken away.
        person.actor = Actor.from_roles(person.pk, [(role["n"], role["o"], role["s"]) for role in held])
    return person


@cache
def _people() -> QuerySet[Person]:
    """Made once: it is the same for everybody but for the key."""
    roles = Role.objects.in_force().filter(person=OuterRef("pk")).order_by()
    held = roles.values(json=JSONObject(n="name", o="organization_id", s="specialty_id"))
    notices = Notice.objects.filter(person=OuterRef("pk"), read_at=None).order_by().values("person")
    unread = Subquery(notices.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    people = Person.objects.select_related("facility__organization").order_by()
    return people.annotate(held=ArraySubquery(held), unread=Coalesce(unread, 0))
