"""What an organization writes beside the network's text for its own people."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from knowledge.models.documents import Document, Revision
from portal.members.models import Organization, Person


class OverlayQuerySet(models.QuerySet["Overlay"]):
    """Notes of organizations, by who may see them."""

    def visible_to(self, person: Person) -> "OverlayQuerySet":
        """Those of the person's own organizations, on documents they may read.

        The network's staff do not see them unless they belong to the organization: what a member writes for its own
        people is not the network's text. That holds for editors and network administrators too, though the database's
        wall lets the network's own work through, which must flag notes when a document changes.
        """
        if not person.is_active:
            return self.none()
        return self.filter(
            organization__in=person.actor.organizations, document__in=Document.objects.visible_to(person)
        )

    def writable_by(self, person: Person) -> "OverlayQuerySet":
        """Those that the person may change: of organizations they administer, or whose local editor they are."""
        return self.visible_to(person).filter(organization__in=person.actor.annotates)


class Overlay(models.Model):
    """A note of one organization beside one passage, with the words it was written beside (see ``anchoring``).

    ``revision`` is the last one in which those words were found; ``flagged_at`` says since when they are gone.
    """

    class Place(models.TextChoices):
        SUMMARY = "summary", "Summary"
        RECOMMENDATION = "recommendation", "Recommendation"
        FLOW = "flow", "Decision flow"
        TEXT = "text", "Text"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="overlays")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="overlays")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=15, choices=Place.choices)
    key = models.CharField(max_length=80, blank=True, help_text="The recommendation's own")
    number = models.PositiveIntegerField(help_text="Which passage of the revision it was")
    quote = models.TextField(help_text="The passage's words")
    quote_hash = models.CharField(max_length=64, help_text="SHA-256 of the quote")
    text = models.TextField(help_text="What the organization says; a little Markdown")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="overlays")
    created_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1, help_text="Raised at each change by a person")
    flagged_at = models.DateTimeField(null=True, help_text="Since when the passage says something else")
    objects = OverlayQuerySet.as_manager()

    class Meta:
        ordering = ["document", "number", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(place="recommendation") & ~Q(key="") | ~Q(place="recommendation") & Q(key=""),
                name="overlay_key_pairs",
            ),
            models.CheckConstraint(condition=~Q(text="") & ~Q(quote=""), name="overlay_says_something"),
        ]
        indexes = [models.Index(fields=["organization", "document"], name="overlay_beside")]

    def __str__(self) -> str:
        return f"Note {self.pk} of {self.organization}"
