"""What came of an answered question, as the scoreboard counts it: one row for each first answer."""

from django.db import models
from django.db.models import Q

from consults.models.consults import Consult, Message
from portal.members.models import Organization, Person, Specialty


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    def visible_to(self, person: Person, *, by_name: bool = False) -> "OutcomeQuerySet":
        """Whose figures this person sees: all, for administrators of the network and auditors; those of the sections
        one leads; one's own answers; and those of the organizations one administers, though not ``by_name`` of the
        specialist."""
        actor = person.actor
        if actor.is_network_administrator or actor.is_auditor:
            return self
        seen = Q(specialty__in=actor.leads)
        if actor.specialist_in:
            seen |= Q(specialist=person)
        if not by_name:
            seen |= Q(organization__in=actor.administrator_of)
        return self.filter(seen)


class Outcome(models.Model):
    """The first answer to a question, counted once, when it was given. What comes later (the survey, minutes mended
    afterwards) is read from where it is kept."""

    consult = models.OneToOneField(Consult, on_delete=models.CASCADE, related_name="outcome")
    answer = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="+")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    specialty = models.ForeignKey(Specialty, on_delete=models.PROTECT, related_name="+")
    specialist = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()
    elapsed_seconds = models.PositiveIntegerField(help_text="From sending to the answer, by the wall")
    counted_seconds = models.PositiveIntegerField(help_text="Of that, what counted towards the promise")
    taken_seconds = models.PositiveIntegerField(help_text="From sending until a specialist first had it")
    is_late = models.BooleanField(help_text="The promised moment had passed")
    asked_back = models.BooleanField(help_text="The requester was asked for more before the answer")

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["answered_at"], name="outcome_answered"),
            models.Index(fields=["specialty", "answered_at"], name="outcome_specialty"),
            models.Index(fields=["specialist", "answered_at"], name="outcome_specialist"),
            models.Index(fields=["organization", "answered_at"], name="outcome_organization"),
        ]

    def __str__(self) -> str:
        return f"Outcome of {self.consult_id}"
