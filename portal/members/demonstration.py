"""The people of the demonstration network. Their addresses are reserved names that reach nobody (RFC 2606)."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from portal.common import tenancy
from portal.members.models import (
    Facility,
    Organization,
    Person,
    Role,
    SpecialistProfile,
    Specialty,
    digest,
    new_secret,
)
from portal.members.models_domains import OrganizationDomain
from portal.members.models_roster import JoinRequest
from portal.members.policy import ORGANIZATION_ROLES
from portal.members.services.rosters import make_roster
from portal.members.services.specialists import save_specialist_profile

PASSWORD = "consilium-demonstration"  # noqa: S105 - printed on purpose, refused in production


@dataclass(frozen=True)
class Account:
    email: str
    name: str
    roles: tuple[tuple[str, str], ...]
    """(role, slug of its organization or specialty, or nothing)"""
    does: str
    time_zone: str = "America/Chicago"


_SPECIALTIES_1 = ("cardiology", "hospital-medicine", "endocrinology", "infectious-disease", "nephrology", "neurology")
_SPECIALTIES_2 = (
    "cardiology",
    "hospital-medicine",
    "pulmonology",
    "gastroenterology",
    "hematology",
    "psychiatry",
    "pediatrics",
    "obstetrics",
    "addiction-medicine",
    "emergency-medicine",
    "critical-care",
    "geriatrics",
)


def _roles(name: str, places: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, place) for place in places)


ACCOUNTS = (
    Account(
        "clinician@prairie.example",
        "Dr Maya Lindqvist",
        _roles("clinician", ("prairie-health",)),
        "Finds protocols and asks; Prairie Health, hospital",
    ),
    Account(
        "admin@prairie.example",
        "Tom Becker",
        _roles("organization-administrator", ("prairie-health",)),
        "Minds the people of Prairie Health (seven facilities)",
    ),
    Account(
        "clinician@lakeside.example",
        "Dr Samuel Ortiz",
        _roles("clinician", ("lakeside-family-practice",)),
        "Asks from a second organization, in another time zone",
        "America/New_York",
    ),
    Account(
        "locum@doctors.example",
        "Dr Amina Rahal",
        _roles("clinician", ("prairie-health", "lakeside-family-practice")),
        "Works for both organizations; chooses which one to act for",
    ),
    Account(
        "specialist@network.example",
        "Dr Ingrid Hale",
        _roles("specialist", _SPECIALTIES_1),
        "Answers cardiology, hospital medicine and four others",
    ),
    Account(
        "specialist2@network.example",
        "Dr Arjun Mehta",
        _roles("specialist", _SPECIALTIES_2),
        "Answers cardiology, hospital medicine and ten others",
    ),
    Account(
        "lead@network.example",
        "Dr Grace Okafor",
        tuple(
            (role, place) for role in ("section-lead", "specialist") for place in ("cardiology", "hospital-medicine")
        ),
        "Section lead; is told when a promise is at risk",
    ),
    Account("editor@network.example", "Helen Marsh", (("editor", ""),), "Publishes and retires documents"),
    Account("reviewer@network.example", "Dr Paul Yamada", (("editor", ""),), "A second editor, who reviews"),
    Account(
        "network-admin@network.example",
        "Ruth Feldman",
        (("network-administrator", ""),),
        "Organizations, network staff, turnaround",
    ),
    Account("auditor@network.example", "Carl Jensen", (("auditor", ""),), "Reads the audit trail"),
)

# Colleagues who make the demonstration's history look like a network's; nobody is told how to sign in as them.
COLLEAGUES = (
    Account(
        "n.abara@prairie.example",
        "Dr Nkechi Abara",
        (("clinician", "prairie-health"), ("local-editor", "prairie-health")),
        "",
    ),
    Account("j.petrov@prairie.example", "Dr Jana Petrov", _roles("clinician", ("prairie-health",)), ""),
    Account(
        "l.tanaka@lakeside.example",
        "Dr Leo Tanaka",
        _roles("clinician", ("lakeside-family-practice",)),
        "",
        "America/New_York",
    ),
    Account(
        "admin@lakeside.example",
        "Alice Romero",
        _roles("organization-administrator", ("lakeside-family-practice",)),
        "",
        "America/New_York",
    ),
)

# What the specialists say of themselves in the directory.
PROFILES = {
    "specialist@network.example": (
        ("English", "Norwegian"),
        "Heart failure, anticoagulation with impaired kidneys, endocarditis",
        "on weekdays before 10 and after 16",
    ),
    "specialist2@network.example": (
        ("English", "Hindi", "Spanish"),
        "Severe asthma, alcohol and opioid withdrawal, the frail older adult",
        "in the evening, from Sunday to Thursday",
    ),
    "lead@network.example": (
        ("English", "Igbo"),
        "Acute coronary syndromes, sepsis, the transfer of critically ill patients",
        "on weekdays between 12 and 13",
    ),
}

ORGANIZATIONS = {
    "prairie-health": (
        "Prairie Health",
        "member",
        "America/Chicago",
        (
            ("Prairie General Hospital", "hospital", "Hays"),
            ("Prairie Rehabilitation Hospital", "rehabilitation", "Hays"),
            ("Prairie Home Care", "home-care", "Salina"),
            ("Cottonwood Residence", "residential", "Russell"),
            ("Prairie Clinic North", "clinic", "Plainville"),
            ("Prairie Clinic South", "clinic", "La Crosse"),
            ("Prairie Clinic West", "clinic", "WaKeeney"),
        ),
    ),
    "lakeside-family-practice": (
        "Lakeside Family Practice",
        "regional",
        "America/New_York",
        (("Lakeside Main Street", "clinic", "Geneva"), ("Lakeside Urgent Care", "clinic", "Canandaigua")),
    ),
}

LIST = """email,name,role,facility,specialty,npi
k.osei@prairie.example,Dr Kwame Osei,clinician,Prairie General Hospital,cardiology,1245319599
r.silva@prairie,Dr Rita Silva,clinician,Prairie Clinic North,,
t.meyer@prairie.example,Dr Timo Meyer,auditor,Prairie Clinic East,,1245319590
"""


@transaction.atomic
def load_people() -> None:
    """Make the organizations and people that are not there yet."""
    for slug, (name, tier, zone, facilities) in ORGANIZATIONS.items():
        place, _ = Organization.objects.get_or_create(
            slug=slug, defaults={"name": name, "tier": tier, "time_zone": zone}
        )
        for facility, kind, city in facilities:
            Facility.objects.get_or_create(organization=place, name=facility, defaults={"kind": kind, "city": city})
    password = Person(email="x@network.example")
    password.set_password(PASSWORD)
    for account in ACCOUNTS + COLLEAGUES:
        if not Person.objects.filter(email=account.email).exists():
            _add(account, password.password if account in ACCOUNTS else "!")
    for email, (languages, interests, answers_when) in PROFILES.items():
        person = Person.objects.get(email=email)
        if not SpecialistProfile.objects.filter(person=person).exists():
            save_specialist_profile(
                languages=languages, interests=interests, answers_when=answers_when, is_listed=True, by=person
            )
    with tenancy.everything():
        _add_who_asks()


def _add_who_asks() -> None:
    """A confirmed domain, somebody who asks to join by it, and a list with lines to mend."""
    place = Organization.objects.get(slug="prairie-health")
    domain, is_new = OrganizationDomain.objects.get_or_create(organization=place, domain="prairie.example")
    if not is_new:
        return
    now = timezone.now()
    domain.confirmed_at, domain.confirmed_by = now, Person.objects.get(email="network-admin@network.example")
    domain.save()
    asked = {"email": "h.nowak@prairie.example", "name": "Dr Hanna Nowak", "digest": digest(new_secret())}
    JoinRequest.objects.create(organization=place, **asked, proven_at=now, expires_at=now)
    Person.objects.filter(email="clinician@prairie.example").update(npi="1234567893")
    make_roster(by=Person.objects.get(email="admin@prairie.example"), organization=place, text=LIST, at=now)


def _add(account: Account, password: str) -> None:
    person = Person.objects.create(
        email=account.email,
        name=account.name,
        time_zone=account.time_zone,
        password=password,
        is_demonstration=True,
    )
    EmailAddress.objects.create(user=person, email=account.email, verified=True, primary=True)
    for name, place in account.roles:
        role = Role(person=person, name=name)
        if name in ORGANIZATION_ROLES:
            role.organization = Organization.objects.get(slug=place)
            person.facility = person.facility or role.organization.facilities.order_by("pk").first()
        elif place:
            role.specialty = Specialty.objects.get(slug=place)
        role.save()
    person.save()
