"""E-mail domains that belong to an organization."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from portal.members.models import Organization


class OrganizationDomain(models.Model):
    """What stands behind the @ of an organization's addresses; it counts once it is confirmed."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["domain"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "domain"], name="domain_once_an_organization"),
            models.UniqueConstraint(
                Lower("domain"), condition=models.Q(confirmed_at__isnull=False), name="domain_confirmed_once"
            ),
        ]

    def __str__(self) -> str:
        return self.domain
