"""Which billing code fits a consult, with its conditions. Pure.

The rules are those of the United States' interprofessional consultation codes (AMA CPT 99446 to 99449, 99451 and
99452, as described by CMS in the physician fee schedule); sources differ on the edges, so that the table is a value.
A suggestion only: whoever answered confirms or refuses it. The site knows no patients: whether the patient was seen,
or billed for in the last week, is for the specialist to say (None: not said yet). How often 99452 may be billed for a
patient is for the requester's payer to say, so that no number of days stands here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SEEN_DAYS = 14
AGAIN_DAYS = 7


@dataclass(frozen=True)
class Rule:
    """A code and when it fits: whole minutes from ``least`` to ``most`` (None: no end), both included."""

    code: str
    least: int
    most: int | None
    verbal: bool
    is_requester: bool = False


TABLE: Sequence[Rule] = (
    Rule("99446", 5, 10, verbal=True),
    Rule("99447", 11, 20, verbal=True),
    Rule("99448", 21, 30, verbal=True),
    Rule("99449", 31, None, verbal=True),
    Rule("99451", 5, None, verbal=False),
    Rule("99452", 16, 30, verbal=False, is_requester=True),
)


@dataclass(frozen=True)
class Case:
    """A consult as billing knows it. ``minutes`` are one person's own, over the whole consult."""

    minutes: int
    verbal: bool = False
    written: bool = True
    consent: bool = False
    seen: bool | None = None
    billed_lately: bool | None = None
    is_requester: bool = False


@dataclass(frozen=True)
class Condition:
    """What must hold, and whether it does; None where nobody has said yet."""

    text: str
    met: bool | None


@dataclass(frozen=True)
class Suggestion:
    """The code that the minutes and the manner call for (empty: none), and its conditions."""

    code: str
    conditions: tuple[Condition, ...]

    @property
    def is_billable(self) -> bool:
        """Every condition is known to hold."""
        return bool(self.code) and all(condition.met for condition in self.conditions)


def suggest(case: Case, *, table: Sequence[Rule] = TABLE) -> Suggestion:
    """The code for a case, whether or not its conditions hold yet."""
    code = next((rule.code for rule in table if _fits(rule, case)), "")
    return Suggestion(code, tuple(_conditions(case, table)))


def _fits(rule: Rule, case: Case) -> bool:
    same_manner = rule.is_requester or rule.verbal == case.verbal
    return (
        rule.is_requester == case.is_requester
        and same_manner
        and rule.least <= case.minutes
        and (rule.most is None or case.minutes <= rule.most)
    )


def _conditions(case: Case, table: Sequence[Rule]) -> list[Condition]:
    if case.is_requester:
        return _requesters(case, table)
    least = min((rule.least for rule in table if not rule.is_requester), default=0)
    found = [
        Condition(f"At least {least} minutes ({case.minutes} recorded)", case.minutes >= least),
        Condition("The patient's consent is recorded", case.consent or None),
    ]
    how = "Spoken with the requester, and a written report" if case.verbal else "A written report, nothing spoken"
    return [
        *found,
        Condition(how, case.written),
        Condition(f"Not seen by you within {SEEN_DAYS} days before or after", _negated(case.seen)),
        Condition(f"Not billed for this patient within {AGAIN_DAYS} days", _negated(case.billed_lately)),
    ]


def _requesters(case: Case, table: Sequence[Rule]) -> list[Condition]:
    rules = [rule for rule in table if rule.is_requester]
    spans = " or ".join(f"{rule.least} to {rule.most}" if rule.most else f"{rule.least} or more" for rule in rules)
    said = f"{case.minutes} recorded" if case.minutes else "none recorded"
    fits = any(_fits(rule, case) for rule in rules) if case.minutes else None
    return [
        Condition(f"{spans} minutes of preparing ({said})", fits),
        Condition("The patient's consent was recorded when the question was asked", case.consent),
        Condition("Not billed for this patient lately (ask your payer how often)", _negated(case.billed_lately)),
    ]


def _negated(value: bool | None) -> bool | None:
    return None if value is None else not value
