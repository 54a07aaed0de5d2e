"""What an organization owes and has paid, kept in one currency."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import models

from portal.fees.money import CURRENCIES
from portal.members.models import Organization, Person


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to(self, person: Person) -> "AccountQuerySet":
        """All for administrators and auditors of the network; an organization's for who administers it."""
        if person.actor.is_network_administrator or person.actor.is_auditor:
            return self
        return self.filter(organization__in=person.actor.administrator_of)


class Account(models.Model):
    """One organization in one currency. Its row is the lock under which its documents are made and money moves."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="accounts")
    currency = models.CharField(max_length=3, choices=[(code, code) for code in CURRENCIES])
    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["organization__name", "currency"]
        constraints = [models.UniqueConstraint(fields=["organization", "currency"], name="account_once")]

    def __str__(self) -> str:
        return f"{self.organization}, {self.currency}"

    def day(self, at: datetime) -> date:
        """The moment's day where the organization is: the day by which it is billed, due and overdue."""
        return at.astimezone(self.zone).date()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.organization.time_zone)
