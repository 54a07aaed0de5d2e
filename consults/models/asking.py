"""Asking: what a section asks of a question, what its author stated, and what reading answered instead."""

from django.db import models
from django.utils import timezone

from consults import gate
from consults.models.consults import Consult
from knowledge.models import Document
from portal.members.models import Person, Specialty


class GateVersion(models.Model):
    """What a section asked of questions at one time. Never changed: a question keeps the gate that it met."""

    specialty = models.ForeignKey(Specialty, on_delete=models.PROTECT, related_name="gates")
    number = models.PositiveIntegerField()
    rules = models.JSONField(help_text="By field: need, least characters, and why it matters")
    consent = models.CharField(max_length=8, choices=list(gate.CONSENTS.items()), default=gate.NO_CONSENT)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["specialty", "-number"]
        constraints = [models.UniqueConstraint(fields=["specialty", "number"], name="gate_version_once")]

    def __str__(self) -> str:
        return f"Gate of {self.specialty_id}, version {self.number}"

    @property
    def gate(self) -> gate.Gate:
        """As the rule reads it."""
        return gate.from_json(self.rules, self.consent)


class Statement(models.Model):
    """What the author of a question stated, in the words they read. Insert-only."""

    class Kind(models.TextChoices):
        ATTESTATION = "attestation", "Attestation"
        CONSENT = "consent", "Consent of the patient"

    consult = models.ForeignKey(Consult, on_delete=models.CASCADE, related_name="statements")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    wording = models.PositiveSmallIntegerField(help_text="The number of the sentence")
    sentence = models.CharField(max_length=300)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at", "id"]
        constraints = [models.UniqueConstraint(fields=["consult", "kind"], name="statement_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.consult_id}"


class ReadInstead(models.Model):
    """A document answered a question before it was asked. It names nobody: no person, no organization, no hour."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    specialty = models.ForeignKey(Specialty, null=True, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()

    class Meta:
        ordering = ["-day", "-id"]
        verbose_name_plural = "read instead"
        indexes = [models.Index(fields=["specialty", "day"], name="read_instead")]

    def __str__(self) -> str:
        return f"{self.document_id} on {self.day}"
