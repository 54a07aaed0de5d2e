"""What requesters said of one specialist's answers, as figures. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from consults.models import CloseOut


@dataclass(frozen=True)
class Share:
    """One answer of the survey: how many chose it, of all."""

    label: str
    n: int
    of: int

    @property
    def percent(self) -> int:
        return round(100 * self.n / self.of) if self.of else 0


@dataclass(frozen=True)
class Results:
    """``value`` and ``seconds`` are medians; None without any."""

    n: int
    value: float | None
    seconds: float | None
    courses: list[Share]
    referrals: list[Share]


def results(rows: Sequence[CloseOut]) -> Results:
    """The figures of these close-outs."""
    n = len(rows)
    courses, referrals = Counter(row.course for row in rows), Counter(row.referral for row in rows)
    seconds = [row.seconds for row in rows if row.seconds is not None]
    return Results(
        n=n,
        value=median(row.value for row in rows) if rows else None,
        seconds=median(seconds) if seconds else None,
        courses=[Share(str(label), courses[value], n) for value, label in CloseOut.Course.choices],
        referrals=[Share(str(label), referrals[value], n) for value, label in CloseOut.Referral.choices],
    )
