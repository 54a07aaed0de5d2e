"""A reader's own record of learning, for submission to an accredited provider."""

from decimal import Decimal

from django.db import models
from django.utils import timezone

from knowledge.models.documents import Document, Revision
from portal.members.models import Person

HALF = Decimal("0.5")


class EducationEntryQuerySet(models.QuerySet["EducationEntry"]):
    """Entries, by who may see them."""

    def visible_to(self, person: Person) -> "EducationEntryQuerySet":
        """A person's own; nobody's else, whatever their role."""
        return self.filter(person=person) if person.can_sign_in else self.none()


class EducationEntry(models.Model):
    """One question looked up: what was asked, what was consulted, and what came of it. Worth half a credit."""

    class Effect(models.TextChoices):
        CONFIRMED = "confirmed", "Confirmed what I was doing"
        CHANGED_CARE = "changed-care", "Changed the care of a patient"
        CHANGES_PRACTICE = "changes-practice", "Changes how I practice from now on"
        REFERRED = "referred", "Led me to ask or to refer"
        NONE = "none", "No effect on my practice"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="education_entries")
    on = models.DateField(help_text="The day of learning")
    question = models.CharField(max_length=500)
    effect = models.CharField(max_length=20, choices=Effect.choices)
    effect_text = models.TextField(blank=True)
    attested_at = models.DateTimeField(
        null=True, blank=True, help_text="When the person said that what looks like an identifier is none"
    )
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    objects = EducationEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]
        verbose_name_plural = "education entries"
        indexes = [models.Index(fields=["person", "-on"], name="education_of_person")]

    def __str__(self) -> str:
        return f"Education entry {self.pk}"

    @property
    def credit(self) -> Decimal:
        return HALF


class EducationSource(models.Model):
    """A document that was consulted, as it stood on that day."""

    entry = models.ForeignKey(EducationEntry, on_delete=models.CASCADE, related_name="sources")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["entry", "document"], name="education_source_once")]

    def __str__(self) -> str:
        return f"Source {self.pk}"
