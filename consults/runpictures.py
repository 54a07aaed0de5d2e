"""A run chart as an SVG picture, drawn without any style sheet or script. Pure."""

import math
from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape, quoteattr

from consults import runcharts

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560, 280, 60, 16, 26, 42
INK, MUTED, LINE, ACCENT, SIGNAL, GROUND = "#15232d", "#51626e", "#cdd5d8", "#0b5a75", "#9b1f26", "#ffffff"
TICKS = 4
Series = Sequence[tuple[date, float]]


def number(value: float) -> str:
    """A figure as a reader writes it: no more than four digits that matter."""
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def in_words(series: Series, chart: runcharts.Chart, *, name: str, unit: str) -> str:
    """What the picture shows, for those who do not see it."""
    if not series or chart.median is None:
        return f"Run chart of {name}: no points yet."
    first, last = series[0], series[-1]
    ends = " to ".join(f"{day} ({number(value)} {unit})" for day, value in (first, last))
    said = [f"Run chart of {name}: {len(series)} points from {ends}, median {number(chart.median)} {unit}."]
    if chart.shifts:
        said.append("There is a shift.")
    if chart.trends:
        said.append("There is a trend.")
    if chart.has_too_few_runs or chart.has_too_many_runs:
        said.append("There are too few runs." if chart.has_too_few_runs else "There are too many runs.")
    if not chart.has_signal:
        said.append("No rule shows a signal.")
    return " ".join(said)


def ticks(low: float, high: float) -> list[float]:
    """Round figures between two others, three to eight of them."""
    step = 10 ** math.floor(math.log10((high - low) / TICKS))
    step *= next(factor for factor in (1, 2, 5, 10) if (high - low) / (step * factor) <= TICKS + 1)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [step * place for place in range(first, last + 1)]


def picture(series: Series, chart: runcharts.Chart, *, name: str, unit: str) -> str:
    """The points in their order, joined, with the median; those of a shift or trend are filled squares."""
    label = in_words(series, chart, name=name, unit=unit)
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    words = f'role="img" aria-label={quoteattr(label)} font-family="system-ui, sans-serif" font-size="14"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {words}>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="{GROUND}"/>',
    ]
    if series and chart.median is not None:
        parts += _drawn(series, chart, chart.median)
    else:
        parts.append(_text(WIDTH / 2, HEIGHT / 2, "No points yet", "middle"))
    parts.append(_text(LEFT, 16, unit, "start"))
    return "".join([*parts, "</svg>"])


def _drawn(series: Series, chart: runcharts.Chart, median: float) -> list[str]:
    values = [value for _, value in series]
    low, high = min(values), max(values)
    margin = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    low, high = low - margin, high + margin

    def x(position: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (position + 0.5) / len(series)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)

    parts = []
    for value in ticks(low, high):
        parts.append(_rule(LEFT, WIDTH - RIGHT, y(value), LINE))
        parts.append(_text(LEFT - 8, y(value) + 5, number(value), "end"))
    parts.append(_rule(LEFT, WIDTH - RIGHT, y(median), INK, dashed=True))
    parts.append(_text(WIDTH - RIGHT, y(median) - 6, f"Median {number(median)}", "end", INK))
    points = " ".join(f"{x(place):.1f},{y(value):.1f}" for place, value in enumerate(values))
    parts.append(f'<polyline points="{points}" fill="none" stroke="{ACCENT}" stroke-width="2"/>')
    marked = {place for first, last in (*chart.shifts, *chart.trends) for place in range(first, last + 1)}
    parts += [_mark(x(place), y(value), place in marked) for place, value in enumerate(values)]
    anchors = {len(series) // 2: "middle", len(series) - 1: "end", 0: "start"}
    for place, anchor in anchors.items():
        edge = {"start": LEFT, "middle": x(place), "end": WIDTH - RIGHT}[anchor]
        parts.append(_text(edge, HEIGHT - 14, f"{series[place][0]:%d %b %Y}", anchor))
    return parts


def _mark(x: float, y: float, is_signal: bool) -> str:
    if is_signal:
        return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{SIGNAL}"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{GROUND}" stroke="{ACCENT}" stroke-width="2"/>'


def _rule(x1: float, x2: float, y: float, colour: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="6 4"' if dashed else ""
    return f'<line x1="{x1}" x2="{x2}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}"{dash}/>'


def _text(x: float, y: float, words: str, anchor: str, colour: str = MUTED) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
