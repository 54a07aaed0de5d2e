"""Minutes spent on a consult: a specialist's, mended after the answer, and a requester's, spent on preparing it."""

from django.db import models
from django.db.models import F, Q

from consults.models.consults import Message
from portal.members.models import Organization, Person


class MinutesMend(models.Model):
    """Whoever answered mended the minutes of one of their messages. Insert-only: the message's own minutes follow by a
    trigger, which is the one way to change them, and only for its author."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="mends")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    before = models.PositiveSmallIntegerField(null=True, help_text="Empty where none were recorded")
    after = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=200)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(after__range=(1, 600)), name="minutes_mended_1_to_600"),
            models.CheckConstraint(condition=~Q(before=F("after")), name="minutes_mended_differ"),
            models.CheckConstraint(condition=~Q(reason=""), name="minutes_mended_with_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.before} to {self.after} in {self.message_id}"


class PreparationPolicy(models.Model):
    """Whether an organization bills for its clinicians' preparing of questions. Without a row it does not."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, related_name="preparation_policy")
    bills = models.BooleanField()
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "preparation policies"

    def __str__(self) -> str:
        return f"{self.organization_id} {'bills' if self.bills else 'does not bill'} for preparing"


class PreparationQuerySet(models.QuerySet["Preparation"]):
    def visible_to(self, person: Person) -> "PreparationQuerySet":
        """One's own, and those of the organizations one administers."""
        return self.filter(Q(person=person) | Q(consult__organization__in=person.actor.administrator_of))


class Preparation(models.Model):
    """What a requester decided to bill for preparing one consult: a code, or (empty) none."""

    consult = models.ForeignKey("consults.Consult", on_delete=models.CASCADE, related_name="preparations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", help_text="The requester")
    minutes = models.PositiveSmallIntegerField(help_text="The requester's own")
    code = models.CharField(max_length=10, blank=True, help_text="Empty where the requester bills none")
    refused_because = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField()
    objects = PreparationQuerySet.as_manager()

    class Meta:
        ordering = ["decided_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["consult", "person"], name="preparation_once"),
            models.CheckConstraint(condition=Q(minutes__range=(1, 600)), name="preparation_1_to_600"),
            models.CheckConstraint(
                condition=~Q(code="") & Q(refused_because="") | Q(code="") & ~Q(refused_because=""),
                name="preparation_code_or_reason",
            ),
        ]
        indexes = [models.Index(fields=["person", "decided_at"], name="preparation_person")]

    def __str__(self) -> str:
        return f"{self.code or 'Nothing'} for preparing {self.consult_id}"
