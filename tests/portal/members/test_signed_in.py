"""The statements written out find what the models say: the person of a session, and the experts of a specialty."""

from dataclasses import fields
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from portal.common import notices
from portal.common.models import Notice
from portal.members import directory, signed_in
from portal.members.models import Person, SpecialistProfile
from tests.cast import Cast, away, sign_in

pytestmark = pytest.mark.django_db


def everyone(cast: Cast) -> list[Person]:
    found = [getattr(cast, field.name) for field in fields(cast)]
    return [one for one in found if isinstance(one, Person)]


def same(cast: Cast) -> None:
    for person in everyone(cast):
        found, known = signed_in.find(person.pk), Person.objects.get(pk=person.pk)
        assert found is not None
        assert found.actor == known.actor
        assert all(getattr(found, field.attname) == getattr(known, field.attname) for field in Person._meta.fields)
        assert found.facility == known.facility
        if known.facility and found.facility:
            assert found.facility.organization == known.facility.organization


def test_it_finds_what_the_models_say(cast: Cast) -> None:
    Person.objects.filter(pk=cast.clinician_prairie.pk).update(facility=cast.prairie_hospital)
    same(cast)
    assert signed_in.find(0) is None


def test_a_role_in_a_deactivated_organization_is_none(cast: Cast) -> None:
    cast.prairie.deactivated_at = timezone.now()
    cast.prairie.save()
    same(cast)
    found = signed_in.find(cast.clinician_prairie.pk)
    assert found is not None
    assert not found.can_sign_in


def test_unread_notices_are_counted_until_one_is_read(cast: Cast) -> None:
    for number, path in enumerate(("/documents/a/", "/consults/b/")):
        notices.tell(person=cast.clinician_prairie, kind="test", text="Look.", path=path, key=f"test:{number}")
    notices.tell(person=cast.specialist, kind="test", text="Look.", path="/documents/a/", key="test:0")
    found = signed_in.find(cast.clinician_prairie.pk)
    assert found is not None
    assert found.unread == 2
    notices.mark_read_at(found, "/nowhere/")
    assert found.unread == 2
    notices.mark_read_at(found, "/consults/b/")
    assert not hasattr(found, "unread")
    assert Notice.objects.filter(read_at=None).count() == 2


def test_the_page_that_marks_a_notice_read_no_longer_counts_it(cast: Cast) -> None:
    from tests.consults.helpers import answered

    consult = answered(cast)
    client = sign_in(Client(), cast.clinician_prairie)
    before = client.get("/account/").context["unread_notices"]()
    assert before == Notice.objects.filter(person=cast.clinician_prairie, read_at=None).count() > 0
    assert client.get(consult.get_absolute_url()).context["unread_notices"]() < before


def test_experts_are_those_of_the_directory(cast: Cast) -> None:
    SpecialistProfile.objects.create(person=cast.specialist2, answers_when="in the morning")
    away(cast.lead, timezone.now() + timedelta(days=2))
    for hidden in ((), (cast.specialist,)):
        for person in hidden:
            SpecialistProfile.objects.create(person=person, is_listed=False)
        found = directory.experts([cast.cardiology], limit=9)
        assert {one.person for one in found} == set(directory.specialists(specialties=[cast.cardiology.pk]))
        assert found[0].person == cast.specialist2
        assert found[0].profile.answers_when == "in the morning"
        assert found[-1].person == cast.lead
        assert found[-1].is_away
        assert found[-1].person.away_until
        assert all(one.specialties == (cast.cardiology,) for one in found)
    assert [one.person for one in directory.experts([cast.cardiology], limit=1)] == [cast.specialist2]
    Person.objects.filter(pk=cast.specialist2.pk).update(is_active=False, deactivated_at=timezone.now())
    assert cast.specialist2 not in {one.person for one in directory.experts([cast.cardiology], limit=9)}
