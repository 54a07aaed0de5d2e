"""Figures of consults, and who used what of an agreement, as files. No word of a question or an answer is in them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from consults import metering, scoreboard
from consults.models import Outcome
from portal.common.exports import Asked, Kind, Listed, Row, Whole
from portal.fees.models import Agreement
from portal.fees.pricing import USAGE
from portal.members.exporting import NARROWING, day_of, narrowed, needs
from portal.members.models import Person
from portal.members.policy import Action
from portal.members.trail import midnight

AT_ONCE = 200
"""So many agreements are counted together."""
ONLY_STAFF = "The figures of consults are for the network's staff and for administrators of organizations."


def _may_see_figures(person: Person) -> str:
    return "" if scoreboard.may_see(person) else ONLY_STAFF


def _figures(person: Person, asked: Asked, until: datetime) -> Listed:
    rows = Outcome.objects.visible_to(person).filter(answered_at__lte=until)
    if slug := asked.get("organization"):
        rows = rows.filter(organization__slug=slug)
    if day := day_of(asked, "since"):
        rows = rows.filter(answered_at__gte=midnight(day))
    if day := day_of(asked, "until"):
        rows = rows.filter(answered_at__lt=midnight(day + timedelta(days=1)))
    rows = rows.select_related("organization", "specialty", "specialist", "consult__close_out", "answer")
    return Listed(rows, lambda row: _figure(row, person))


def _figure(row: Outcome, person: Person) -> Row:
    """The survey's comment is left out, as all that somebody wrote. An organization's administrator learns neither
    which question it was nor who answered, as on the scoreboard."""
    actor = person.actor
    sees_all = actor.is_network_administrator or actor.is_auditor
    by_name = sees_all or row.specialty_id in actor.leads or row.specialist_id == person.pk
    survey = getattr(row.consult, "close_out", None)
    return {
        "consult": row.consult.number if by_name else None,
        "month": scoreboard.month_of(row.answered_at),
        "organization": row.organization.name,
        "specialty": row.specialty.name,
        "specialist": row.specialist.name if by_name else None,
        "hours": round(row.elapsed_seconds / 3600, 2),
        "promised_hours": round(row.counted_seconds / 3600, 2),
        "hours_to_being_taken": round(row.taken_seconds / 3600, 2),
        "on_time": not row.is_late,
        "asked_back": row.asked_back,
        "minutes": row.answer.minutes,
        "survey_course": survey and survey.course,
        "survey_referral": survey and survey.referral,
        "survey_value": survey and survey.value,
    }


def _usage(person: Person, asked: Asked, until: datetime) -> Whole:
    rows = Agreement.objects.running(until).visible_to(person).select_related("account__organization")
    if slug := asked.get("organization"):
        rows = rows.filter(account__organization__slug=slug)
    rows = rows.prefetch_related("terms__version__plan").order_by("account__organization__name", "pk")
    return Whole(_used(list(rows), until))


def _used(rows: list[Agreement], at: datetime) -> Iterator[Row]:
    for start in range(0, len(rows), AT_ONCE):
        for meter in metering.meters(rows[start : start + AT_ONCE], at):
            of: dict[str, Any] = {
                "organization": meter.agreement.account.organization.name,
                "agreement": meter.agreement.pk,
                "year_from": meter.year.start,
                "counted_until": meter.until,
            }
            for one in metering.by_person(meter.uses):
                amounts = {kind.value: one.amounts[kind] for kind in USAGE}
                yield of | {"person": one.name, "email": one.email} | amounts


FIGURES = Kind(
    key="consult-figures",
    name="Figures of consults",
    holds="A first answer in each row: how soon, whether in time, the minutes and the survey. Nothing anybody wrote.",
    columns=(
        *("consult", "month", "organization", "specialty", "specialist"),
        *("hours", "promised_hours", "hours_to_being_taken", "on_time", "asked_back", "minutes"),
        *("survey_course", "survey_referral", "survey_value"),
    ),
    why_not=_may_see_figures,
    source=_figures,
    takes=NARROWING,
    read=narrowed,
)
USED = Kind(
    key="usage",
    name="Usage by person",
    holds="In each row, what one person used in the running year of an agreement, up to and with the day of asking.",
    columns=(
        *("organization", "agreement", "year_from", "counted_until", "person", "email"),
        *(kind.value for kind in USAGE),
    ),
    why_not=needs(Action.SEE_INVOICES),
    source=_usage,
    takes=frozenset({"organization"}),
    read=narrowed,
)
