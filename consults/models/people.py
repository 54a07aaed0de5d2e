"""People around a consult: who follows it, for whom it was written, what is billed, and who reviews it."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from knowledge.models import Document
from portal.members.models import Person, Specialty


class Watcher(models.Model):
    """A clinician of the requester's own organization who reads a consult along and is told of what is said in it."""

    consult = models.ForeignKey("consults.Consult", on_delete=models.CASCADE, related_name="watchers")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["since", "id"]
        constraints = [models.UniqueConstraint(fields=["consult", "person"], name="watcher_once")]

    def __str__(self) -> str:
        return f"{self.person_id} follows {self.consult_id}"


class OnBehalf(models.Model):
    """A question that one clinician wrote for a colleague of the same organization."""

    consult = models.OneToOneField("consults.Consult", on_delete=models.CASCADE, related_name="on_behalf")
    colleague = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "on behalf"
        constraints = [
            models.CheckConstraint(condition=~Q(colleague=F("written_by")), name="on_behalf_of_somebody_else")
        ]

    def __str__(self) -> str:
        return f"{self.consult_id} for {self.colleague_id}"


class BillingDecision(models.Model):
    """What one specialist decided to bill for one consult: a code, or (empty) none."""

    consult = models.ForeignKey("consults.Consult", on_delete=models.CASCADE, related_name="billing")
    specialist = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    minutes = models.PositiveSmallIntegerField(help_text="The specialist's own, over the whole consult, when decided")
    code = models.CharField(max_length=10, blank=True, help_text="Empty where the specialist refused the code")
    refused_because = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["decided_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["consult", "specialist"], name="billing_once"),
            models.CheckConstraint(
                condition=~Q(code="") & Q(refused_because="") | Q(code="") & ~Q(refused_because=""),
                name="billing_code_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code or 'Nothing'} for {self.consult_id}"


class ReviewShare(models.Model):
    """How many of a specialty's closed consults are drawn for peer review each month, in percent."""

    specialty = models.OneToOneField(Specialty, on_delete=models.CASCADE, related_name="review_share")
    percent = models.PositiveSmallIntegerField(validators=[MinValueValidator(0), MaxValueValidator(100)])
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(percent__range=(0, 100)), name="review_share_percent")]

    def __str__(self) -> str:
        return f"{self.percent} % of {self.specialty}"


class PeerReviewQuerySet(models.QuerySet["PeerReview"]):
    def to_do_by(self, person: Person) -> "PeerReviewQuerySet":
        """Those waiting that this person may write: of their specialties, never of their own answers."""
        rows = self.filter(done_at=None, consult__specialty__in=person.actor.specialist_in)
        return rows.exclude(specialist=person).exclude(consult__messages__author=person)

    def visible_to(self, person: Person) -> "PeerReviewQuerySet":
        """Results: the specialist's own, the reviewer's own, and those of the specialties one leads."""
        done = Q(done_at__isnull=False)
        return self.filter(
            done & (Q(specialist=person) | Q(reviewer=person) | Q(consult__specialty__in=person.actor.leads)),
            consult__specialty__in=person.actor.specialist_in,
        )


class PeerReview(models.Model):
    """One closed consult of the monthly sample, and what a colleague of the section thought of the answer."""

    consult = models.OneToOneField("consults.Consult", on_delete=models.CASCADE, related_name="peer_review")
    month = models.DateField(help_text="The first day of the month in which the consult was closed, network time")
    specialist = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", help_text="Whose answer it is")
    reviewer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    scores = models.JSONField(default=dict, help_text="From 1 to 5 by item; null where it does not apply")
    note = models.TextField(blank=True)
    drawn_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    objects = PeerReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reviewer=F("specialist")), name="peer_review_never_ones_own"),
            models.CheckConstraint(
                condition=Q(reviewer=None, done_at=None) | Q(reviewer__isnull=False, done_at__isnull=False),
                name="peer_review_done_pairs",
            ),
        ]

    def __str__(self) -> str:
        return f"Review of {self.consult_id}"


class Thanks(models.Model):
    """One reader's thanks for an FAQ; it names the reader to nobody."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="thanks")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "thanks"
        constraints = [models.UniqueConstraint(fields=["document", "person"], name="thanks_once")]

    def __str__(self) -> str:
        return f"Thanks for {self.document_id}"
