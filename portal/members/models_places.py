"""An address of a place, as columns of whatever stands there."""

from django.db import models


class Address(models.Model):
    """Where something is; each part may be unknown."""

    street = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=60, blank=True, help_text="State or province")
    postal_code = models.CharField(max_length=12, blank=True)

    class Meta:
        abstract = True

    @property
    def address(self) -> str:
        """In one line."""
        last = " ".join(filter(None, (self.region, self.postal_code)))
        return ", ".join(filter(None, (self.street, self.city, last)))
