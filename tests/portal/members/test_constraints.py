"""What the database itself refuses about people and roles."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.members.models import Person, Role
from tests.cast import Cast, make_person

N = Role.Name


@pytest.mark.parametrize(
    ("role", "organization", "specialty"),
    [
        (N.CLINICIAN, False, False),
        (N.CLINICIAN, True, True),
        (N.CLINICIAN, False, True),
        (N.ORGANIZATION_ADMINISTRATOR, False, False),
        (N.LOCAL_EDITOR, False, False),
        (N.LOCAL_EDITOR, True, True),
        (N.SPECIALIST, False, False),
        (N.SPECIALIST, True, True),
        (N.SECTION_LEAD, True, False),
        (N.EDITOR, True, False),
        (N.NETWORK_ADMINISTRATOR, False, True),
        (N.AUDITOR, True, False),
        ("director", False, False),
    ],
)
def test_a_role_has_its_place(cast: Cast, role: str, organization: bool, specialty: bool) -> None:
    person = make_person("new@prairie.example", "New")
    with pytest.raises(IntegrityError), transaction.atomic():
        Role.objects.create(
            person=person,
            name=role,
            organization=cast.prairie if organization else None,
            specialty=cast.cardiology if specialty else None,
        )


def test_a_role_is_held_once(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Role.objects.create(person=cast.editor, name=N.EDITOR)


def test_an_address_is_one_persons_in_any_case(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(email="Clinician@PRAIRIE.example", name="Twin")


def test_deactivated_says_when(cast: Cast) -> None:
    people = Person.objects.filter(pk=cast.editor.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        people.update(is_active=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        people.update(deactivated_at=timezone.now())
