"""How an organization's people come in through its own identity provider, and how that provider keeps them here."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from portal.members.models import Facility, Organization, Role

LOCK = "portal.members.single-sign-on"
"""What the client secret is locked for."""


def new_key() -> str:
    return secrets.token_hex(8)


class IdentityProvider(models.Model):
    """The provider of one organization: what to ask, what it may do, and how the last look at it went."""

    class Kind(models.TextChoices):
        OIDC = "oidc", "OpenID Connect"
        SAML = "saml", "SAML 2.0"

    class DefaultRole(models.TextChoices):
        CLINICIAN = "clinician", "Clinician"
        NOBODY = "", "Nobody is added at sign-in"

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, related_name="identity_provider")
    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False, help_text="In its addresses")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    server_url = models.URLField(max_length=500, blank=True, help_text="OIDC: the issuer")
    client_id = models.CharField(max_length=191, blank=True)
    locked_secret = models.TextField(blank=True)
    metadata_url = models.URLField(max_length=500, blank=True, help_text="SAML: where its metadata are")
    entity_id = models.CharField(max_length=500, blank=True)
    sign_in_url = models.URLField(max_length=500, blank=True)
    certificate = models.TextField(blank=True)
    default_role = models.CharField(max_length=10, choices=DefaultRole.choices, blank=True)
    default_facility = models.ForeignKey(Facility, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    asks_second_step = models.BooleanField(
        default=False, db_default=False, help_text="Its word for a second step counts here"
    )
    is_on = models.BooleanField(default=False)
    is_only_way = models.BooleanField(default=False)
    checked_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True, help_text="What the last check found wrong")
    tried_at = models.DateTimeField(null=True, blank=True, help_text="Last trial that would have let its person in")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_on=False) | models.Q(checked_at__isnull=False, problem=""),
                name="provider_on_only_when_checked",
            ),
            models.CheckConstraint(
                condition=models.Q(is_only_way=False) | models.Q(is_on=True, tried_at__isnull=False),
                name="provider_only_way_only_when_tried",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.organization_id}"

    @property
    def is_checked(self) -> bool:
        return self.checked_at is not None and not self.problem


class ProvisioningToken(models.Model):
    """Lets an organization's directory keep its people here (SCIM 2.0); hashed, shown once."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="provisioning_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"


class DirectoryPerson(models.Model):
    """A person as the organization's directory describes them."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="directory_people")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    described = models.JSONField(default=dict, help_text="What the directory sent of the attributes that are kept")
    user_name = models.CharField(max_length=254)
    external_id = models.CharField(max_length=255, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "person"], name="directory_person_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.organization_id}"


class DirectoryGroup(models.Model):
    """A group of the organization's directory; one that stands for a role gives it to its members."""

    ROLES: ClassVar[tuple[str, ...]] = ("clinician", "local-editor", "organization-administrator")

    GIVES: ClassVar[list[tuple[str, str]]] = [(name, Role.Name(name).label) for name in ROLES]

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="directory_groups")
    name = models.CharField(max_length=255)
    external_id = models.CharField(max_length=255, blank=True)
    role = models.CharField(max_length=30, blank=True, choices=GIVES)
    members = models.ManyToManyField(DirectoryPerson, related_name="groups")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="directory_group_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=["", "clinician", "local-editor", "organization-administrator"]),
                name="directory_group_gives_its_own_roles",
            ),
        ]

    def __str__(self) -> str:
        return self.name
