"""Reviews of a revision, and what reviewers remark on its passages."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from knowledge.models.documents import Revision
from portal.members.models import Absence, Person


class ReviewQuerySet(models.QuerySet["Review"]):
    """Reviews, by whom they wait for."""

    def visible_to(self, person: Person) -> "ReviewQuerySet":
        """Those of the revisions whose review the person may open."""
        return self.filter(revision__in=Revision.objects.under_review_for(person))

    def waited_for(self) -> "ReviewQuerySet":
        """Undecided, of a revision that still needs the decision."""
        return self.filter(decision="", revision__state=Revision.State.IN_REVIEW)

    def for_person(self, person: Person, now: datetime) -> "ReviewQuerySet":
        """The person's own, and those they stand in for: while the reviewer is away, or because they decided it."""
        away = Q(reviewer__in=Absence.objects.at(now).values("person")) | Q(reviewer__is_active=False)
        mine = Q(reviewer=person) | Q(decided_by=person) | Q(deputy=person, decision="") & away
        return self.visible_to(person).filter(mine)


class Review(models.Model):
    """One person asked to judge one revision. The database refuses whoever wrote any of it, as reviewer or deputy."""

    class Decision(models.TextChoices):
        APPROVED = "approved", "Approved"
        CHANGES = "changes", "Changes asked for"

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reviews")
    deputy = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Decides while away"
    )
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField()
    decision = models.CharField(
        max_length=10, choices=Decision.choices, blank=True, help_text="Empty: still waited for"
    )
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "reviewer"], name="review_once"),
            models.UniqueConstraint(fields=["revision", "decided_by"], name="review_one_decision_each"),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None, decided_by=None)
                | ~Q(decision="") & Q(decided_at__isnull=False, decided_by__isnull=False),
                name="review_decided_pairs",
            ),
            models.CheckConstraint(
                condition=~Q(decision="changes") | ~Q(reason=""), name="review_changes_have_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(deputy=None) | ~Q(deputy=F("reviewer")), name="review_deputy_is_another"
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(decision=""), name="review_waiting")]

    def __str__(self) -> str:
        return f"{self.revision} by {self.reviewer}"

    def is_reviewer_away(self, now: datetime) -> bool:
        """Whether the deputy acts: the reviewer is away, or may not sign in any more."""
        return self.reviewer.is_away(now) or not self.reviewer.is_active

    def acting(self, now: datetime) -> Person:
        """Who is waited for: the reviewer, or the deputy of one who is away."""
        return self.deputy if self.deputy and self.is_reviewer_away(now) else self.reviewer


class Remark(models.Model):
    """A comment anchored to the words it speaks of; a reply has a parent and no anchor of its own."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="remarks")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies")
    place = models.CharField(
        max_length=100, blank=True, help_text="title, summary, body, or recommendation: and its key; empty: the whole"
    )
    quote = models.TextField(blank=True, help_text="The words spoken of, as they stand there")
    text = models.TextField()
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="remark_resolved_pairs",
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]
