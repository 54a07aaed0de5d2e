"""Organizations, their facilities, and the people who sign in, with their roles."""

import hashlib
import secrets
import zoneinfo
from datetime import datetime
from functools import cached_property
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from portal.members import doors, npi
from portal.members.models_doors import Doors
from portal.members.models_places import Address
from portal.members.policy import Actor


def validate_time_zone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError(f"“{value}” is not a time zone name such as America/Chicago.")


def validate_npi(value: str) -> None:
    if problem := npi.problem_of(value):
        raise ValidationError(problem)


class Specialty(models.Model):
    """A field of medicine the network answers for."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "specialties"

    def __str__(self) -> str:
        return self.name


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def visible_to(self, person: "Person") -> "OrganizationQuerySet":
        """All for network administrators; else the person's own."""
        if person.actor.is_network_administrator:
            return self
        return self.filter(pk__in=person.actor.organizations)


class Organization(Doors):
    """A member of the network: a health system or a practice group."""

    class Tier(models.TextChoices):
        MEMBER = "member", "Network member"
        REGIONAL = "regional", "Regional provider of the centre"

    class Membership(models.TextChoices):
        JOINING = "joining", "Joining"
        ACTIVE = "active", "Active"
        ENDED = "ended", "Ended"

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(unique=True)
    tier = models.CharField(max_length=10, choices=Tier.choices, default=Tier.MEMBER)
    time_zone = models.CharField(max_length=60, default="America/Chicago", validators=[validate_time_zone])
    second_factor_required = models.BooleanField(default=False)
    membership = models.CharField(
        max_length=10,
        choices=Membership.choices,
        default=Membership.ACTIVE,
        help_text="As its newest period; portal.members.services.membership writes both",
    )
    created_at = models.DateTimeField(default=timezone.now)
    deactivated_at = models.DateTimeField(null=True, blank=True)
    objects = OrganizationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organization", args=[self.slug])

    @property
    def is_active(self) -> bool:
        return self.deactivated_at is None


class Facility(Address):
    """A place where an organization gives care; it may be part of another, as a ward is of a hospital."""

    class Kind(models.TextChoices):
        HOSPITAL = "hospital", "Hospital"
        REHABILITATION = "rehabilitation", "Rehabilitation hospital"
        CLINIC = "clinic", "Clinic"
        HOME_CARE = "home-care", "Home-care agency"
        RESIDENTIAL = "residential", "Congregate living facility"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="facilities")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts")

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "facilities"
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="facility_name_once"),
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="facility_not_its_own_part"),
        ]

    def __str__(self) -> str:
        return self.name


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, person: "Person") -> "PersonQuerySet":
        """All for network administrators; people with a role in an organization for those who administer it."""
        if person.actor.is_network_administrator:
            return self
        return self.filter(roles__organization__in=person.actor.administrator_of).distinct()

    def network_administrators(self) -> "PersonQuerySet":
        """Those who are told what concerns the network as a whole."""
        return self.filter(is_active=True, roles__name=Role.Name.NETWORK_ADMINISTRATOR).distinct()

    def able_to_sign_in(self) -> "PersonQuerySet":
        """Active people with a role for the network or in an active organization: as ``can_sign_in``, for many."""
        held = Role.objects.filter(person=models.OuterRef("pk"))
        held = held.filter(models.Q(organization=None) | models.Q(organization__deactivated_at=None))
        return self.filter(models.Exists(held), is_active=True)

    def here(self, now: datetime) -> "PersonQuerySet":
        """Those who are not away."""
        return self.exclude(pk__in=Absence.objects.at(now).values("person"))


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "Person":
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Anyone who signs in; the e-mail address is the login."""

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=60, default="America/Chicago", validators=[validate_time_zone])
    facility = models.ForeignKey(Facility, null=True, blank=True, on_delete=models.SET_NULL, related_name="people")
    own_specialty = models.ForeignKey(
        Specialty,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The field they practise; whom they answer for is a role",
    )
    npi = models.CharField(max_length=10, blank=True, validators=[validate_npi])
    is_active = models.BooleanField(default=True)
    is_demonstration = models.BooleanField(default=False, help_text="Made by load_demonstration, password printed")
    created_at = models.DateTimeField(default=timezone.now)
    deactivated_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = PersonManager.from_queryset(PersonQuerySet)()
    unread: int
    """Notices not yet opened, where the session's person was looked up (``signed_in``); else there is none."""

    class Meta:
        ordering = ["name", "id"]
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="person_email_once"),
            models.CheckConstraint(
                condition=models.Q(is_active=True, deactivated_at__isnull=True)
                | models.Q(is_active=False, deactivated_at__isnull=False),
                name="person_deactivated_at_pairs",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def actor(self) -> Actor:
        """What this person may be, from their roles in organizations that are active, with what those ask of them.

        One query, once.
        """
        roles = Role.objects.in_force().filter(person=self)
        return Actor.from_rows(self.pk, list(roles.values_list("name", "specialty_id", *doors.COLUMNS)))

    @property
    def can_sign_in(self) -> bool:
        return self.is_active and self.actor.has_any_role

    def away_at(self, now: datetime) -> "datetime | None":
        """Until when the person is away, if they are; absences that follow on each other count as one."""
        until = None
        for absence in self.absences.all():
            if absence.start_at <= (until or now) < absence.end_at:
                until = absence.end_at
        return until

    def is_away(self, now: datetime) -> bool:
        return self.away_at(now) is not None

    @property
    def away_until(self) -> "datetime | None":
        return self.away_at(timezone.now())


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def at(self, now: datetime) -> "AbsenceQuerySet":
        """Those that cover the moment."""
        return self.filter(start_at__lte=now, end_at__gt=now)


class Absence(models.Model):
    """A time in which a person is assigned nothing. The one place that says who is away."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="absences")
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    event = models.CharField(max_length=200, blank=True, help_text="Of the calendar it came from")
    created_at = models.DateTimeField(default=timezone.now)
    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["start_at", "end_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(end_at__gt=models.F("start_at")), name="absence_ends_later"),
            models.UniqueConstraint(
                fields=["person", "event"], condition=~models.Q(event=""), name="absence_once_from_a_calendar"
            ),
        ]
        indexes = [models.Index(fields=["person", "end_at"], name="absence_person")]

    def __str__(self) -> str:
        return f"{self.person_id} away {self.start_at:%Y-%m-%d %H:%M} to {self.end_at:%Y-%m-%d %H:%M}"


class RoleQuerySet(models.QuerySet["Role"]):
    def in_force(self) -> "RoleQuerySet":
        """Those for the network, and those in organizations that are active."""
        return self.filter(models.Q(organization=None) | models.Q(organization__deactivated_at=None))


class Role(models.Model):
    """One thing a person is: in an organization, for a specialty, or for the network."""

    class Name(models.TextChoices):
        CLINICIAN = "clinician", "Clinician"
        ORGANIZATION_ADMINISTRATOR = "organization-administrator", "Organization administrator"
        LOCAL_EDITOR = "local-editor", "Local editor"
        SPECIALIST = "specialist", "Specialist"
        SECTION_LEAD = "section-lead", "Section lead"
        EDITOR = "editor", "Editor"
        NETWORK_ADMINISTRATOR = "network-administrator", "Network administrator"
        AUDITOR = "auditor", "Auditor"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="roles")
    name = models.CharField(max_length=30, choices=Name.choices)
    organization = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.CASCADE, related_name="roles"
    )
    specialty = models.ForeignKey(Specialty, null=True, blank=True, on_delete=models.PROTECT, related_name="roles")
    given_at = models.DateTimeField(default=timezone.now)
    objects = RoleQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "name", "organization", "specialty"], nulls_distinct=False, name="role_once"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    name__in=["clinician", "organization-administrator", "local-editor"],
                    organization__isnull=False,
                    specialty__isnull=True,
                )
                | models.Q(name__in=["specialist", "section-lead"], organization__isnull=True, specialty__isnull=False)
                | models.Q(
                    name__in=["editor", "network-administrator", "auditor"],
                    organization__isnull=True,
                    specialty__isnull=True,
                ),
                name="role_has_its_place",
            ),
        ]

    def __str__(self) -> str:
        place = self.organization or self.specialty
        return f"{self.get_name_display()}, {place}" if place else self.get_name_display()


def digest(secret: str) -> str:
    """How a token is kept: SHA-256, enough for secrets of 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret() -> str:
    return secrets.token_urlsafe(32)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, person: Person) -> "InvitationQuerySet":
        """All for network administrators; those to an organization for who administers it."""
        if person.actor.is_network_administrator:
            return self
        return self.filter(organization__in=person.actor.administrator_of)


class Invitation(models.Model):
    """The only way in: a link for one address, naming the role it will have. Used once."""

    email = models.EmailField()
    role = models.CharField(max_length=30, choices=Role.Name.choices)
    organization = models.ForeignKey(Organization, null=True, blank=True, on_delete=models.CASCADE)
    specialty = models.ForeignKey(Specialty, null=True, blank=True, on_delete=models.PROTECT)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=120, blank=True)
    facility = models.ForeignKey(Facility, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    own_specialty = models.ForeignKey(Specialty, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    npi = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display()}"

    def is_open(self, now: datetime) -> bool:
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > now


class ApiToken(models.Model):
    """A personal token for the REST interface, hashed at rest."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8, help_text="Its first characters, to tell it from others")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > now


class SpecialistProfile(models.Model):
    """What a specialist says of themselves in the directory."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="specialist_profile")
    languages = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    interests = models.CharField(max_length=500, blank=True)
    answers_when = models.CharField(max_length=200, blank=True, help_text="When they usually answer")
    is_listed = models.BooleanField(default=True)
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Profile of {self.person}"


class StandIn(models.Model):
    """An administrator of the network who looks at the site as somebody else, for a reason and a limited time."""

    administrator = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="stand_ins")
    reason = models.CharField(max_length=300)
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-began_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="stand_in_has_a_reason"),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("began_at")), name="stand_in_is_limited"),
            models.CheckConstraint(
                condition=~models.Q(person=models.F("administrator")), name="stand_in_for_somebody_else"
            ),
            models.UniqueConstraint(
                fields=["administrator"], condition=models.Q(ended_at=None), name="stand_in_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.administrator_id} as {self.person_id}"

    def holds(self, now: datetime) -> bool:
        return self.ended_at is None and self.began_at <= now < self.ends_at


# Django looks for models here.
from portal.members import models_applications, models_domains, models_house, models_roster, models_sso  # noqa: E402, F401
