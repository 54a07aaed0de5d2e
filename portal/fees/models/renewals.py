"""Offers to go on after an agreement ends, and the reminders that each of them had."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from portal.fees import pricing
from portal.fees.models.accounts import Account
from portal.fees.models.agreements import Agreement
from portal.fees.models.plans import PlanVersion
from portal.fees.proration import Stretch
from portal.members.models import Organization, Person


class RenewalQuerySet(models.QuerySet["Renewal"]):
    def visible_to(self, person: Person) -> "RenewalQuerySet":
        """As the accounts; a draft, and what was withdrawn as one, is the network's own."""
        seen = self.filter(account__in=Account.objects.visible_to(person))
        if person.actor.is_network_administrator or person.actor.is_auditor:
            return seen
        return seen.exclude(offered_at=None)

    def waiting(self) -> "RenewalQuerySet":
        """Offered, and not answered."""
        return self.filter(state=Renewal.State.OFFERED)


class Renewal(models.Model):
    """A next agreement, from the day after the last of one. Its terms are frozen when it is offered."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        OFFERED = "offered", "Offered"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"
        LAPSED = "lapsed", "Lapsed"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="renewals")
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="renewals", help_text="The one that ends"
    )
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    starts_on = models.DateField()
    until = models.DateField(help_text="The day after the last")
    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    tier = models.CharField(max_length=10, choices=Organization.Tier.choices)
    facilities = models.PositiveIntegerField()
    clinicians = models.PositiveIntegerField()
    discount_points = models.PositiveIntegerField(help_text="Of the dues; 10,000 is all")
    cycle = models.PositiveSmallIntegerField(choices=Agreement.Cycle.choices)
    days_to_pay = models.PositiveSmallIntegerField()
    draft_days = models.PositiveSmallIntegerField()
    drafted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    offered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField(null=True)
    offered_to = models.JSONField(default=list, help_text="Names of the people who were told")
    ended_by = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: it is open, or it lapsed"
    )
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it was declined, withdrawn or lapsed")
    signed_name = models.CharField(max_length=120, blank=True, help_text="As whoever accepted it wrote it")
    sentence = models.CharField(max_length=1000, blank=True, help_text="What they agreed to, as they read it")
    made = models.OneToOneField(
        Agreement, null=True, on_delete=models.PROTECT, related_name="renewal", help_text="The next agreement"
    )
    objects = RenewalQuerySet.as_manager()

    class Meta:
        ordering = ["-drafted_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement"], condition=Q(state__in=["draft", "offered", "accepted"]), name="renewal_open_once"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("starts_on")), name="renewal_has_days"),
            models.CheckConstraint(
                condition=~Q(state="accepted")
                | Q(made__isnull=False, ended_by__isnull=False, ended_at__isnull=False)
                & ~Q(signed_name="")
                & ~Q(sentence=""),
                name="renewal_accepted_says_by_whom",
            ),
            models.CheckConstraint(condition=~Q(state="declined") | ~Q(reason=""), name="renewal_declined_says_why"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"]) | Q(offered_at__isnull=False), name="renewal_was_offered"
            ),
        ]

    def __str__(self) -> str:
        return f"Renewal {self.pk}"

    @property
    def term(self) -> Stretch:
        return Stretch(self.starts_on, self.until)

    @property
    def prices(self) -> pricing.Terms:
        return self.version.terms(self.tier, self.discount_points)

    @property
    def size(self) -> pricing.Size:
        return pricing.Size(self.facilities, self.clinicians)

    def is_open(self, at: datetime) -> bool:
        """Whether it can still be accepted at this moment: up to and with the last day of what it follows."""
        return self.state == self.State.OFFERED and self.account.day(at) < self.starts_on


class RenewalReminder(models.Model):
    """So many days before the end, an open offer was brought to mind; each once. Insert-only."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="renewal_reminders")
    renewal = models.ForeignKey(Renewal, on_delete=models.PROTECT, related_name="reminders")
    days_before = models.PositiveSmallIntegerField()
    due_on = models.DateField(help_text="The day on which it was due, however late it was sent")
    sent_at = models.DateTimeField()
    sent_to = models.JSONField(help_text="Names of the people who were told")

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["renewal", "days_before"], name="renewal_reminder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.days_before} days before, of {self.renewal}"
