"""What a publication changed in practice, who was told, and who has confirmed reading it."""

from collections.abc import Iterable

from django.db import models
from django.db.models import Q
from django.utils import timezone

from knowledge.models.documents import Document, Revision
from portal.members.models import Person, Role


class DeclaredChange(models.Model):
    """What the editor who publishes says of one changed recommendation."""

    class Significance(models.TextChoices):
        EDITORIAL = "editorial", "Editorial: the meaning is the same"
        MINOR = "minor", "Minor: nobody needs to act differently"
        PRACTICE = "practice", "Changes practice"

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="declared_changes")
    key = models.SlugField(max_length=80, help_text="The recommendation's key; one that was removed has its old one")
    significance = models.CharField(max_length=10, choices=Significance.choices)
    sentence = models.CharField(max_length=400, blank=True, help_text="What is different, for the reader")
    declared_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "key"], name="declared_change_once"),
            models.CheckConstraint(
                condition=~Q(significance="practice") | ~Q(sentence=""), name="declared_change_has_a_sentence"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.get_significance_display()}"


class AcknowledgementQuerySet(models.QuerySet["Acknowledgement"]):
    """Who was told of a change of practice, by who may see it and by what is still asked of them."""

    def visible_to(self, person: Person) -> "AcknowledgementQuerySet":
        """All for editors and network administrators; for an organization's administrators those of its people; else
        the person's own."""
        if not person.can_sign_in:
            return self.none()
        actor = person.actor
        if actor.is_editor or actor.is_network_administrator:
            return self
        return self.filter(Q(person=person) | Q(person__in=people_of(actor.administrator_of)))

    def of_people_of(self, organizations: Iterable[int]) -> "AcknowledgementQuerySet":
        """Those of people with a role in one of the organizations."""
        return self.filter(person__in=people_of(organizations))

    def open(self) -> "AcknowledgementQuerySet":
        """Still asked of somebody: neither confirmed nor taken over by a newer change, of a document that stands."""
        return self.filter(acknowledged_at=None, superseded_at=None, document__retired_at=None)

    def of_those_here(self) -> "AcknowledgementQuerySet":
        """Those of people who can still sign in."""
        return self.filter(person__in=Person.objects.able_to_sign_in())


def people_of(organizations: Iterable[int]) -> "models.QuerySet[Role, int]":
    """The people with a role in one of the organizations, as a subquery."""
    return Role.objects.filter(organization__in=organizations).values_list("person_id", flat=True)


class Acknowledgement(models.Model):
    """One person told that a revision changes practice, and when they confirmed having read it.

    Once a newer revision changes practice too, what was still open is taken over by the acknowledgement of that one.
    """

    class Why(models.TextChoices):
        READ = "read", "Read the document in the last year"
        FOLLOWS = "follows", "Follows it"
        ANSWER = "answer", "Received an answer citing it"

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="acknowledgements")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="acknowledgements")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="acknowledgements")
    why = models.CharField(max_length=10, choices=Why.choices)
    told_at = models.DateTimeField(default=timezone.now)
    reminded_at = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(
        null=True, blank=True, help_text="When a newer change of practice took its place, unconfirmed"
    )
    objects = AcknowledgementQuerySet.as_manager()

    class Meta:
        ordering = ["-told_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "person"], name="acknowledgement_once"),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None) | Q(superseded_at=None), name="acknowledgement_one_end"
            ),
        ]
        indexes = [
            models.Index(
                fields=["person"],
                condition=Q(acknowledged_at=None, superseded_at=None),
                name="acknowledgement_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.revision}"
