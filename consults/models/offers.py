"""Closed consults offered to the editors."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from consults.models.consults import Consult
from knowledge.models import Document
from portal.members.models import Person


class FaqOfferQuerySet(models.QuerySet["FaqOffer"]):
    def visible_to(self, person: Person) -> "FaqOfferQuerySet":
        """All for editors, with the answer each grew from; nothing for anyone else."""
        return self if person.actor.is_editor else self.none()

    def waiting(self) -> "FaqOfferQuerySet":
        return self.filter(decided_at=None)


class FaqOffer(models.Model):
    """A closed consult offered to the editors, to become an FAQ that names nobody. Decided once."""

    consult = models.OneToOneField(Consult, on_delete=models.CASCADE, related_name="faq_offer")
    offered_at = models.DateTimeField(default=timezone.now)
    document = models.ForeignKey(Document, null=True, on_delete=models.SET_NULL, related_name="+")
    declined_because = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    objects = FaqOfferQuerySet.as_manager()

    class Meta:
        ordering = ["-offered_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None) | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="faq_offer_decided_pairs",
            )
        ]
        indexes = [models.Index(fields=["-offered_at"], condition=Q(decided_at=None), name="faq_offer_waiting")]

    def __str__(self) -> str:
        return f"Offer of {self.consult_id}"

    def get_absolute_url(self) -> str:
        return f"/answers/{self.consult.number}/"
