"""Charts as images: SVG drawn on the server, shown from a data address, with the table beside them."""

import base64
import sys
from collections.abc import Sequence

import pygal
from pygal.style import Style

from consults.scoreboard import Row

# pygal leaves an importer of a kind that Python no longer knows in the way of every later import; it is for plug-ins of
# its own, of which there are none.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

_STYLE = Style(
    background="white",
    plot_background="white",
    foreground="#15232d",
    foreground_strong="#15232d",
    foreground_subtle="#51626e",
    colors=("#0b5a75", "#c98a1b"),
    opacity="1",
    font_family="sans-serif",
    label_font_size=16,
    major_label_font_size=16,
    legend_font_size=16,
)
MOST_BARS = 20


def hours_to_answer(rows: Sequence[Row]) -> str:
    """A bar for the median and one for the 90th percentile of each row, as the address of an image."""
    rows = rows[:MOST_BARS]
    chart = pygal.HorizontalBar(
        style=_STYLE,
        width=600,  # narrow, so that its words can still be read on a phone
        height=110 + 52 * len(rows),
        js=(),
        legend_at_bottom=True,
        range=(0, max((row.figures.p90_hours or 0 for row in rows), default=0) * 1.08 or 1),
        show_y_guides=True,
        truncate_label=28,
        truncate_legend=-1,
        value_formatter=lambda value: f"{value:.1f} h",
    )
    # Drawn from the bottom up; the table reads downwards.
    upwards = list(reversed(rows))
    chart.x_labels = [row.name for row in upwards]
    chart.add("Median", [round(row.figures.median_hours or 0, 1) for row in upwards])
    chart.add("90th percentile", [round(row.figures.p90_hours or 0, 1) for row in upwards])
    return "data:image/svg+xml;base64," + base64.b64encode(chart.render()).decode()
