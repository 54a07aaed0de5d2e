"""What an organization asks of its people's way in, as columns of the organization: every request of theirs reads it
with their roles, before any wall is up.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.members import doors


class Doors(models.Model):
    """See portal.members.doors.House; empty is the network's own rule."""

    class SecondFactor(models.TextChoices):
        NOBODY = doors.NOBODY, "Each person chooses"
        ADMINISTRATORS = doors.ADMINISTRATORS, "Its administrators must"
        EVERYBODY = doors.EVERYBODY, "Everybody must"

    allowed_networks = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    second_factor_for = models.CharField(max_length=14, choices=SecondFactor.choices, blank=True)
    second_factor_from = models.DateField(null=True, blank=True)
    session_idle_minutes = models.PositiveIntegerField(null=True, blank=True)
    session_hours = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        abstract = True
