"""The columns of the scoreboard with their definitions: the same on the page, on paper and in the file."""

from dataclasses import dataclass

from consults.scoreboard import Figures


@dataclass(frozen=True)
class Column:
    """``name`` is the field of Figures it shows; ``part`` the table of the page it stands in."""

    part: str
    name: str
    head: str
    definition: str


PARTS = {"time": "Time to answer", "answer": "The answer", "survey": "What the requesters said"}
COLUMNS = (
    Column(
        "time", "n", "Answered", "Questions by the month of their first answer. Follow-up questions are not counted."
    ),
    Column(
        "time",
        "median_hours",
        "Hours, median",
        "From sending to the first answer, every hour counted: nights, weekends and pauses too. Half took less.",
    ),
    Column("time", "p90_hours", "Hours, 90th percentile", "Nine of ten were answered within this many of those hours."),
    Column(
        "time",
        "median_counted_hours",
        "Promised hours, median",
        "The same on the promise's own clock: without the time in which the requester was asked for more, and in "
        "business hours where those are promised.",
    ),
    Column(
        "time", "p90_counted_hours", "Promised hours, 90th percentile", "Nine of ten were within this on that clock."
    ),
    Column(
        "time",
        "on_time_share",
        "Within the promise, %",
        "Share answered before the promised moment, which a pause moves and no later promise forgives.",
    ),
    Column(
        "time", "median_taken_hours", "Hours to being taken, median", "From sending until a specialist first had it."
    ),
    Column("answer", "n", "Answered", ""),
    Column(
        "answer", "without_asking_share", "Without asking for more, %", "Share answered without a question back first."
    ),
    Column("answer", "minutes_n", "With minutes", "Answers for which the specialist gave their minutes."),
    Column("answer", "minutes", "Specialist minutes", "Their own minutes for the first answers, added up."),
    Column("answer", "mean_minutes", "Minutes an answer", "Those minutes divided by the answers that have them."),
    Column("survey", "surveys", "Surveys", "Questions that the requester closed with the survey."),
    Column("survey", "confirmed_share", "Confirmed, %", "Of the surveys: it confirmed the course of action in mind."),
    Column("survey", "new_share", "New course, %", "Of the surveys: it gave a new or additional course of action."),
    Column("survey", "not_useful_share", "Not useful, %", "Of the surveys: it was not useful for this question."),
    Column("survey", "contemplated", "Referral contemplated", "Surveys that say a referral had been contemplated."),
    Column("survey", "avoided", "Referrals avoided", "Of those: reported as avoided now. Reported, not verified."),
    Column("survey", "avoided_share", "Avoided, %", "Avoided of those contemplated."),
)
FILE = tuple(column for column in COLUMNS if column.definition)
"""The columns of the file: each once."""


def text_of(figures: Figures, column: Column) -> str:
    """One figure as it is shown: hours and minutes with one decimal, shares as whole percent, nothing for nothing."""
    value = getattr(figures, column.name)
    if value is None:
        return ""
    if column.name.endswith("_share"):
        return f"{value * 100:.0f}"
    return f"{value:.1f}" if isinstance(value, float) else str(value)
