"""An organization's quarter beside the rest of the network, with nothing in it that shows a small number of others.

Only quarters that have ended are compared, each as one table whose cells are the same for every reader of the
organization: neither another filter nor another day gives a second table to subtract from the first. The reader's own
organizations are no part of the rest, so that their own figures give nothing of it away.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from consults.models import Outcome, OutcomeQuerySet
from consults.scoreboard import Figures, Row, end_of, month_expression, month_of, plus, scoreboard, start_of
from consults.smallcells import Cell, Line, withheld
from portal.common import tenancy
from portal.members.models import Person

FEWEST_ORGANIZATIONS = 2
"""The figures of one other organization alone would be those of an organization one can name."""
QUARTERS = 8
TOTAL = ("total", "")


@dataclass(frozen=True)
class Rest:
    """Figures of the rest of the network as they may be shown; None is withheld, or nothing to count."""

    n: int | None = None
    median_hours: float | None = None
    p90_hours: float | None = None
    on_time_share: float | None = None
    without_asking_share: float | None = None


@dataclass(frozen=True)
class Compared:
    """One line: the reader's own figures in full, and the rest of the network's."""

    kind: str
    key: str
    name: str
    own: Figures
    rest: Rest


def quarters(now: datetime) -> list[str]:
    """The quarters that have ended, the last one first, as ``2026-Q3``."""
    this = month_of(now)
    first = plus(this, -((int(this[5:]) - 1) % 3))
    return [_quarter(plus(first, -3 * number)) for number in range(1, QUARTERS + 1)]


def _quarter(month: str) -> str:
    return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"


def months_of(quarter: str) -> list[str]:
    first = f"{quarter[:4]}-{int(quarter[6:]) * 3 - 2:02}"
    return [plus(first, number) for number in range(3)]


def compare(person: Person, quarter: str) -> list[Compared]:
    """The quarter by specialty, by month and in all. Ten queries, however many rows."""
    months = months_of(quarter)
    whole = Outcome.objects.filter(answered_at__gte=start_of(months[0]), answered_at__lt=end_of(months[-1]))
    own_places = person.actor.administrator_of
    with tenancy.everything():
        own = _lines(whole.filter(organization__in=own_places))
        others = whole.exclude(organization__in=own_places)
        rest, few = _lines(others), _few(others)
    shown = _shown({cell: row.figures for cell, row in rest.items()}, few)
    cells = [TOTAL, *sorted((own.keys() | rest.keys()) - {TOTAL}, key=lambda cell: (cell[0] == "month", cell[1]))]
    return [_compared(cell, own.get(cell), rest.get(cell), shown.get(cell, Rest(n=0))) for cell in cells]


def _compared(cell: tuple[str, str], own: Row | None, rest: Row | None, shown: Rest) -> Compared:
    known = own or rest
    return Compared(*cell, known.name if known else "", own.figures if own else Figures(), shown)


def _lines(rows: OutcomeQuerySet) -> dict[tuple[str, str], Row]:
    by_specialty, together = scoreboard(rows, "specialty")
    by_month, _ = scoreboard(rows, "month")
    found = {("specialty", row.key): row for row in by_specialty} | {("month", row.key): row for row in by_month}
    return found | {TOTAL: Row("", "All together", together)}


def _few(rows: OutcomeQuerySet) -> set[Cell]:
    """The cells that too few organizations are in."""
    places: dict[Cell, set[int]] = defaultdict(set)
    found = rows.order_by().values_list("specialty__slug", month_expression(), "organization").distinct()
    for slug, month, place in found:
        for cell in (("specialty", slug), ("month", month), TOTAL):
            places[cell].add(place)
    return {cell for cell, held in places.items() if len(held) < FEWEST_ORGANIZATIONS}


def _shown(figures: Mapping[tuple[str, str], Figures], few: set[Cell]) -> dict[tuple[str, str], Rest]:
    """What of the rest may be shown. A share gives away how many it is of, and of how many it is not."""
    kinds: dict[str, list[Cell]] = defaultdict(list)
    for cell in figures:
        kinds[cell[0]].append(cell)
    lines = [Line(TOTAL, tuple(kinds[kind])) for kind in ("specialty", "month")]

    def table(count: Callable[[Figures], int]) -> dict[Cell, int]:
        return {cell: count(row) for cell, row in figures.items()}

    n = table(lambda row: row.n)
    hidden = withheld([n], lines, also=few)
    late = withheld([n, table(lambda row: row.on_time), table(lambda row: row.n - row.on_time)], lines, also=hidden)
    asked = withheld(
        [n, table(lambda row: row.without_asking), table(lambda row: row.n - row.without_asking)], lines, also=hidden
    )
    return {
        cell: Rest()
        if cell in hidden
        else Rest(
            n=row.n,
            median_hours=row.median_hours,
            p90_hours=row.p90_hours,
            on_time_share=None if cell in late else row.on_time_share,
            without_asking_share=None if cell in asked else row.without_asking_share,
        )
        for cell, row in figures.items()
    }


HEADER = (
    "Of what",
    "Answered, own",
    "Answered, rest",
    "Hours median, own",
    "Hours median, rest",
    "Hours 90th percentile, own",
    "Hours 90th percentile, rest",
    "Within the promise %, own",
    "Within the promise %, rest",
    "Without asking for more %, own",
    "Without asking for more %, rest",
)
WITHHELD = "withheld"


def cells(row: Compared) -> list[str]:
    """A line as it is shown, on the page and in the file: nothing for nothing, and a word for what is withheld."""
    shown = [row.name]
    for name in ("n", "median_hours", "p90_hours", "on_time_share", "without_asking_share"):
        value, rest = getattr(row.own, name), getattr(row.rest, name)
        shown += [_text(name, value), _text(name, rest) if rest is not None or row.rest.n == 0 else WITHHELD]
    return shown


def _text(name: str, value: float | None) -> str:
    if value is None:
        return ""
    if name == "n":
        return str(value)
    return f"{value * 100:.0f}" if name.endswith("_share") else f"{value:.1f}"
