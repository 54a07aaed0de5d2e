"""The people every test may call on: two organizations, and the network's staff, named as the demonstration accounts.

``cast`` makes them in the rolled-back database, ``committed_cast`` in the committed one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.test import Client

from portal.members.models import Absence, Facility, Organization, Person, Role, Specialty

PASSWORD = "orchard-lantern-47"


@dataclass(frozen=True)
class Cast:
    """Everyone, and the places they belong to."""

    prairie: Organization
    lakeside: Organization
    prairie_hospital: Facility
    prairie_clinic: Facility
    cardiology: Specialty
    hospital_medicine: Specialty
    clinician_prairie: Person
    admin_prairie: Person
    clinician_lakeside: Person
    specialist: Person
    specialist2: Person
    lead: Person
    editor: Person
    reviewer: Person
    network_admin: Person
    auditor: Person


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


def make_organization(name: str, *facilities: str, **fields: object) -> Organization:
    """An organization with hospitals of these names; its slug is the first word of its name."""
    organization = Organization.objects.create(name=name, slug=name.split()[0].lower(), **fields)
    Facility.objects.bulk_create(
        Facility(organization=organization, name=facility, kind=Facility.Kind.HOSPITAL) for facility in facilities
    )
    return organization


def make_person(email: str, name: str, **fields: object) -> Person:
    """A person with a verified address and the cast's password, and no role yet."""
    person = Person.objects.create(email=email, name=name, password=_hashed(), **fields)
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def give(
    person: Person,
    name: Role.Name,
    *,
    organization: Organization | None = None,
    specialties: tuple[Specialty, ...] = (),
) -> Person:
    """The person, with the role in the organization, for each of the specialties, or for the network."""
    for specialty in specialties or (None,):
        Role.objects.create(person=person, name=name, organization=organization, specialty=specialty)
    person.__dict__.pop("actor", None)
    return person


def away(person: Person, until: datetime, since: datetime | None = None) -> Absence:
    """Let the person be away from a moment (a year before the end, unless given) until another."""
    return Absence.objects.create(person=person, start_at=since or until - timedelta(days=365), end_at=until)


def make_cast() -> Cast:
    """Make everyone. Needs a database that can be written to."""
    prairie = make_organization("Prairie Health", "Prairie General Hospital")
    clinic = Facility.objects.create(organization=prairie, name="Prairie West Clinic", kind=Facility.Kind.CLINIC)
    lakeside = make_organization("Lakeside Medical Group", "Lakeside Hospital")
    cardiology = Specialty.objects.get(slug="cardiology")
    hospital_medicine = Specialty.objects.get(slug="hospital-medicine")
    both = (cardiology, hospital_medicine)
    return Cast(
        prairie=prairie,
        lakeside=lakeside,
        prairie_hospital=prairie.facilities.get(name="Prairie General Hospital"),
        prairie_clinic=clinic,
        cardiology=cardiology,
        hospital_medicine=hospital_medicine,
        clinician_prairie=give(
            make_person("clinician@prairie.example", "Dana Whitfield"), Role.Name.CLINICIAN, organization=prairie
        ),
        admin_prairie=give(
            make_person("admin@prairie.example", "Robin Castell"),
            Role.Name.ORGANIZATION_ADMINISTRATOR,
            organization=prairie,
        ),
        clinician_lakeside=give(
            make_person("clinician@lakeside.example", "Imani Brooks", time_zone="America/New_York"),
            Role.Name.CLINICIAN,
            organization=lakeside,
        ),
        specialist=give(
            make_person("specialist@network.example", "Kofi Arden"), Role.Name.SPECIALIST, specialties=both
        ),
        specialist2=give(
            make_person("specialist2@network.example", "Lena Moritz"), Role.Name.SPECIALIST, specialties=both
        ),
        lead=give(make_person("lead@network.example", "Paola Reyes"), Role.Name.SECTION_LEAD, specialties=both),
        editor=give(make_person("editor@network.example", "Sam Okafor"), Role.Name.EDITOR),
        reviewer=give(make_person("reviewer@network.example", "Mei Tanaka"), Role.Name.EDITOR),
        network_admin=give(
            make_person("network-admin@network.example", "Jo Lindqvist"), Role.Name.NETWORK_ADMINISTRATOR
        ),
        auditor=give(make_person("auditor@network.example", "Ada Novak"), Role.Name.AUDITOR),
    )


@pytest.fixture
def cast(db: None) -> Cast:
    """Everyone, gone again after the test."""
    return make_cast()


@pytest.fixture
def committed_cast(committed: None) -> Cast:
    """Everyone, committed, for tests with threads and other processes."""
    return make_cast()


def sign_in(client: Client, person: Person) -> Client:
    """The client with a session of the person, past the sign-in page and without a second factor."""
    client.force_login(person)
    return client
