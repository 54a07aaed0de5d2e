"""Who answers when, for whom, and who stands in; and what past routing taught."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from portal.members.models import Organization, Person, Specialty


class RoutingPolicy(models.Model):
    """How a specialty's questions find their specialist; set by its section lead. Without one: the queue."""

    class Mode(models.TextChoices):
        QUEUE = "queue", "Managed queue: whoever is free takes the most urgent"
        ASSIGN = "assign", "Assigned by least expected lateness, what nobody has room for waits in the queue"

    specialty = models.OneToOneField(Specialty, on_delete=models.CASCADE, related_name="routing")
    mode = models.CharField(max_length=6, choices=Mode.choices, default=Mode.QUEUE)
    direct_allowed = models.BooleanField(default=True, help_text="Whether a question may name its specialist")

    class Meta:
        verbose_name_plural = "routing policies"

    def __str__(self) -> str:
        return f"{self.specialty}: {self.mode}"


class Availability(models.Model):
    """What a specialist says of the work they take. Weekly hours and absences are rows of their own."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="availability")
    cap = models.PositiveSmallIntegerField(null=True, blank=True, help_text="No more open questions than this")
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    tiers = ArrayField(models.CharField(max_length=10), default=list, blank=True, help_text="All, where empty")
    conflicts = models.ManyToManyField(Organization, blank=True, related_name="+")
    feed_digest = models.CharField(max_length=64, blank=True, help_text="Of the calendar feed's secret address")

    class Meta:
        verbose_name_plural = "availabilities"
        constraints = [
            models.CheckConstraint(condition=Q(cap=None) | Q(cap__range=(1, 99)), name="availability_cap_1_to_99"),
            models.UniqueConstraint(
                fields=["feed_digest"], condition=~Q(feed_digest=""), name="availability_feed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Availability of {self.person_id}"


class WeeklyHours(models.Model):
    """A part of a weekday, in the person's own time zone, in which they answer. Split shifts are several."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField(help_text="Monday is 0")
    start = models.TimeField()
    end = models.TimeField()

    class Meta:
        ordering = ["weekday", "start"]
        verbose_name_plural = "weekly hours"
        constraints = [
            models.UniqueConstraint(fields=["person", "weekday", "start"], name="weekly_hours_once"),
            models.CheckConstraint(
                condition=Q(weekday__lte=6) & (Q(end__gt=models.F("start")) | Q(end="00:00")),
                name="weekly_hours_in_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.weekday}, {self.start:%H:%M} to {self.end:%H:%M}"


class OnCallDay(models.Model):
    """Who is on call for a specialty on a day of the network's own time zone, and who stands in for them."""

    specialty = models.ForeignKey(Specialty, on_delete=models.CASCADE, related_name="on_call_days")
    day = models.DateField()
    primary = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="on_call_days")
    backup = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="backup_days")

    class Meta:
        ordering = ["day", "specialty"]
        constraints = [
            models.UniqueConstraint(fields=["specialty", "day"], name="on_call_day_once"),
            models.CheckConstraint(
                condition=Q(backup=None) | ~Q(backup=models.F("primary")), name="on_call_backup_is_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.specialty_id} on {self.day}: {self.primary_id}"


class LearnedSpecialty(models.Model):
    """What past routing says of a specialty: how often it was the right one, and what a word unknown to it weighs."""

    specialty = models.OneToOneField(Specialty, on_delete=models.CASCADE, related_name="learned")
    consults = models.PositiveIntegerField()
    prior = models.FloatField(help_text="Logarithm of its share")
    unseen = models.FloatField(help_text="Logarithm of the share of a word it has not seen")
    trained_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "learned specialties"

    def __str__(self) -> str:
        return f"{self.specialty_id} from {self.consults}"


class LearnedWord(models.Model):
    """What a word weighs for a specialty. No word from fewer than eleven consults, and no text of any."""

    specialty = models.ForeignKey(LearnedSpecialty, on_delete=models.CASCADE, related_name="words")
    word = models.CharField(max_length=40)
    shown = models.CharField(max_length=40, help_text="As it is most often written")
    weight = models.FloatField(help_text="Logarithm of its share of the specialty's words")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["specialty", "word"], name="learned_word_once")]
        indexes = [models.Index(fields=["word"], name="learned_word")]

    def __str__(self) -> str:
        return f"{self.word} for {self.specialty_id}"
