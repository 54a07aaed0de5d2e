"""What the fee bought: the figures of one organization in some days, each with its definition. Reads only.

Counts and times alone: no person, question or document is named. Seven queries, however much was done.
"""

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from consults import metering, scoreboard
from consults.models import CallNote, Outcome
from knowledge.models import Acknowledgement, EducationEntry, Reading
from portal.fees.pricing import Kind
from portal.fees.proration import Stretch
from portal.members.models import Organization, Person, Role

NOTHING = "–"


@dataclass(frozen=True)
class Figure:
    """One line of the statement. ``value`` is in words; ``key`` names it over REST."""

    key: str
    name: str
    value: str
    definition: str


def statement(organization: Organization, days: Stretch) -> list[Figure]:
    """The figures of the days, by the clock of the organization."""
    zone = ZoneInfo(organization.time_zone)
    since, until = (datetime.combine(day, time(), zone) for day in (days.start, days.until))
    answers = scoreboard.totals(
        Outcome.objects.filter(organization=organization, answered_at__gte=since, answered_at__lt=until)
    )
    calls = CallNote.objects.filter(
        call__organization=organization,
        is_addendum=False,
        outcome__in=CallNote.SPOKEN,
        signed_at__gte=since,
        signed_at__lt=until,
    ).count()
    clinicians = Role.objects.filter(organization=organization, name=Role.Name.CLINICIAN).values("person")
    people = Person.objects.filter(pk__in=clinicians)
    reading = Reading.objects.filter(person__in=people, at__gte=since, at__lt=until).count()
    confirmed = Acknowledgement.objects.filter(
        person__in=people, acknowledged_at__gte=since, acknowledged_at__lt=until
    ).count()
    entries = EducationEntry.objects.filter(person__in=people, on__gte=days.start, on__lt=days.until).count()
    hours = metering.total(metering.uses({organization.pk: zone}, days), days)[Kind.HOURS]
    return [
        Figure("consults", "Consults answered", f"{answers.n:,}", "First answers given in these days."),
        Figure(
            "on_time",
            "Answered on time",
            _share(answers.on_time, answers.n),
            "Of those, the share answered before the promised moment.",
        ),
        Figure(
            "median_hours",
            "Median time to the answer",
            NOTHING if answers.median_hours is None else f"{answers.median_hours:.1f} h",
            "From sending to the first answer, by the wall: half of them took less.",
        ),
        Figure("calls", "Calls", f"{calls:,}", "Calls on which somebody spoke, by the day their note was signed."),
        Figure("hours", "Consulting hours", f"{hours.normalize():f}", metering.RULES[Kind.HOURS]),
        Figure(
            "referrals_avoided",
            "Referrals avoided, as reported",
            f"{answers.avoided:,} of {answers.contemplated:,}",
            "Of the answers whose asker had a referral in mind and closed the consult: those who said that it is now "
            "avoided. Reported by the clinicians, not checked.",
        ),
        Figure(
            "documents",
            "Documents read",
            f"{reading:,}",
            "Documents that today's clinicians of the organization last opened in these days, each once for each "
            "reader.",
        ),
        Figure(
            "acknowledgements",
            "Changes of practice acknowledged",
            f"{confirmed:,}",
            "Confirmed by today's clinicians of the organization to have been read.",
        ),
        Figure(
            "credits",
            "Education credits recorded",
            f"{(Decimal(entries) / 2).normalize():f}",
            "Half a credit for each question that today's clinicians noted in their own record of learning. Credit is "
            "awarded by an accredited provider, not by this site.",
        ),
    ]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} % of {whole:,}" if whole else NOTHING
