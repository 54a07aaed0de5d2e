"""Decision flows as pictures, for a light and a dark ground. Each is drawn once and kept."""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

import mermaidx
from django.core.cache import caches

from knowledge import flows
from knowledge.flows import Flow
from knowledge.models import FlowDrawing, Revision

# Raise with every change to how flows look, so that kept drawings are made anew.
VERSION = 1
# The tokens of the site's two grounds.
THEMES = {
    "light": {"surface": "#ffffff", "ink": "#15232d", "line": "#8795a0", "accent": "#0b5a75", "tint": "#eef4f6"},
    "dark": {"surface": "#172129", "ink": "#e7eef2", "line": "#5f717d", "accent": "#7cc8e2", "tint": "#1d2c36"},
}


def drawing(source: str, theme: str, *, keep: bool = True) -> str:
    """The SVG of a flow, drawn now if it never was. Raises flows.FlowError, and KeyError for an unknown theme.

    With ``keep`` false, for a flow that is still being written, only this process remembers it for a while.
    """
    colours = THEMES[theme]
    key = hashlib.sha256(json.dumps([VERSION, colours, source]).encode()).hexdigest()
    kept = FlowDrawing.objects.filter(key=key).first()
    if kept is None and not keep:
        passing = caches["process"].get_or_set(f"flow:{key}", lambda: _draw(flows.parse(source), colours), 3600)
        return str(passing)
    if kept is None:
        kept = FlowDrawing(key=key, svg=_draw(flows.parse(source), colours))
        FlowDrawing.objects.bulk_create([kept], ignore_conflicts=True)
    return kept.svg


def draw_revisions(keys: Iterable[int]) -> None:
    """Draw every flow of these revisions for both grounds."""
    for body in Revision.objects.filter(pk__in=list(keys)).values_list("body", flat=True):
        for source in flows.sources(body):
            for theme in THEMES:
                drawing(source, theme)


def _draw(flow: Flow, colours: dict[str, str]) -> str:
    svg = mermaidx.render(_mermaid(flow, colours), config=_config(colours)).svg()
    return _with_size(svg)


def _mermaid(flow: Flow, colours: dict[str, str]) -> str:
    """The flow written anew, with questions as hexagons and every label quoted."""
    lines = ["flowchart TD"]
    for place, node in enumerate(flow.nodes):
        opening, closing = ("{{", "}}") if node.is_question else ("(", ")")
        lines.append(f'n{place}{opening}"{_escaped(node.text)}"{closing}')
    places = {node.key: f"n{place}" for place, node in enumerate(flow.nodes)}
    for edge in flow.edges:
        arrow = f'-->|"{_escaped(edge.label)}"|' if edge.label else "-->"
        lines.append(f"{places[edge.start]} {arrow} {places[edge.end]}")
    questions = ",".join(places[node.key] for node in flow.nodes if node.is_question)
    if questions:
        lines.append(f"classDef question fill:{colours['tint']},stroke:{colours['accent']},stroke-width:1.5px")
        lines.append(f"class {questions} question")
    return "\n".join(lines)


def _escaped(label: str) -> str:
    return label.replace("&", "#amp;")


def _config(colours: dict[str, str]) -> dict[str, Any]:
    return {
        "theme": "base",
        "themeVariables": {
            "background": colours["surface"],
            "primaryColor": colours["surface"],
            "primaryTextColor": colours["ink"],
            "primaryBorderColor": colours["line"],
            "lineColor": colours["line"],
            "textColor": colours["ink"],
            "edgeLabelBackground": colours["surface"],
            "fontSize": "15px",
            "fontFamily": "system-ui, sans-serif",
        },
        "flowchart": {"nodeSpacing": 28, "rankSpacing": 34, "padding": 12, "wrappingWidth": 200},
    }


def _with_size(svg: str) -> str:
    """The SVG with its own width and height, which an image needs to keep its place while it loads."""
    box = re.search(r'viewBox="\S+ \S+ (\d+)\S* (\d+)', svg)
    if box is None:
        return svg
    return svg.replace('width="100%"', f'width="{int(box[1]) + 1}" height="{int(box[2]) + 1}"', 1)
