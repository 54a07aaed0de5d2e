"""Additive scores: check boxes and choices that carry points, and bands that say what a sum means."""

from typing import Any

from knowledge.sources.fields import Fields

_LARGEST = 1000


def read_calculator(row: Fields) -> dict[str, Any]:
    """The calculator in one form whatever the file said: every item has ``choices`` or ``points``."""
    row.only("name", "result", "items", "bands")
    items = [_item(item) for item in row.rows("items")]
    bands = [_band(band) for band in row.rows("bands")]
    if not items:
        row.problem("items", "is missing; give at least one item with points or choices.")
    keys = [item["key"] for item in items]
    if len(set(keys)) < len(keys):
        row.problem("items", "has the same key twice; give each item a key of its own.")
    calculator = {"name": row.text("name", required=True), "result": row.text("result") or "points"}
    if items:
        _check_bands(row, bands, *span(items))
    return calculator | {"items": items, "bands": bands}


def span(items: list[dict[str, Any]]) -> tuple[int, int]:
    """The lowest and the highest sum the items can make."""
    points = [[choice["points"] for choice in item["choices"]] or [0, item["points"]] for item in items]
    return sum(map(min, points)), sum(map(max, points))


def _item(row: Fields) -> dict[str, Any]:
    row.only("key", "label", "points", "choices")
    choices = [_choice(choice) for choice in row.rows("choices")]
    if choices and "points" in row.values:
        row.problem("points", "stands beside choices; keep one of the two.")
    if len(choices) == 1:
        row.problem("choices", "has one choice; give two or more.")
    return {
        "key": row.text("key", required=True, limit=60),
        "label": row.text("label", required=True, limit=300),
        "points": 0 if choices else _points(row, "points"),
        "choices": choices,
    }


def _choice(row: Fields) -> dict[str, Any]:
    row.only("label", "points")
    return {"label": row.text("label", required=True, limit=300), "points": _points(row, "points")}


def _band(row: Fields) -> dict[str, Any]:
    row.only("from", "to", "label", "text")
    return {
        "from": _points(row, "from"),
        "to": _points(row, "to"),
        "label": row.text("label", required=True, limit=120),
        "text": row.text("text", limit=2000),
    }


def _points(row: Fields, name: str) -> int:
    return row.integer(name, required=True, lowest=-_LARGEST, highest=_LARGEST) or 0


def _check_bands(row: Fields, bands: list[dict[str, Any]], lowest: int, highest: int) -> None:
    expected = lowest
    for number, band in enumerate(bands, 1):
        if band["from"] != expected or band["to"] < band["from"]:
            row.problem(f"bands[{number}]", f"runs from {band['from']} to {band['to']}; it must begin at {expected}.")
            return
        expected = band["to"] + 1
    if expected != highest + 1:
        row.problem("bands", f"must cover every sum from {lowest} to {highest} without a gap.")
