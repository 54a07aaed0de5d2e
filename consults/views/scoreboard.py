"""The scoreboard: figures by specialty, specialist, organization or month; and a quarter beside the rest."""

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from consults import charts, comparison
from consults import scoreboard as figures
from consults.scoreboard import Chosen, Row
from consults.scoreboard_columns import COLUMNS, FILE, PARTS, text_of
from portal.members.access import person_of, signed_in
from portal.members.models import Person
from portal.members.views.helpers import as_csv

MONTHS_OFFERED = 24


@signed_in
@require_safe
def scoreboard(request: HttpRequest) -> HttpResponse:
    """The figures asked for in the address, as tables, chart or file."""
    person = _reader(request)
    chosen = _chosen(request, person)
    rows, together = figures.scoreboard(figures.chosen_rows(person, chosen), chosen.by)
    lines = [*rows, Row("", "All together", together)] if rows else []
    head = figures.GROUPS[chosen.by]
    if request.GET.get("format") == "csv":
        cells = ([row.name, *(text_of(row.figures, column) for column in FILE)] for row in lines)
        return as_csv("scoreboard", [head, *(column.head for column in FILE)], cells)
    specialties, organizations = figures.choices(person)
    context: dict[str, Any] = {
        "rows": rows,
        "parts": [_part(part, name, lines) for part, name in PARTS.items()],
        "head": head,
        "chosen": chosen,
        "asked": urlencode(asdict(chosen)),
        "groupings": figures.groupings(person),
        "months": [figures.plus(figures.month_of(timezone.now()), -number) for number in range(MONTHS_OFFERED)],
        "specialties": specialties,
        "organizations": organizations,
        "definitions": FILE,
        "chart": charts.hours_to_answer(rows) if rows else "",
        "compares": bool(person.actor.administrator_of),
    }
    return render(request, "consults/scoreboard.html", context)


@signed_in
@require_safe
def beside(request: HttpRequest) -> HttpResponse:
    """A quarter of one's own organization beside the rest of the network."""
    person = _reader(request)
    if not person.actor.administrator_of:
        raise PermissionDenied("Only administrators of an organization compare it with the rest of the network.")
    quarters = comparison.quarters(timezone.now())
    quarter = request.GET.get("quarter", "")
    quarter = quarter if quarter in quarters else quarters[0]
    rows = comparison.compare(person, quarter)
    if request.GET.get("format") == "csv":
        return as_csv(f"beside-the-network-{quarter}", comparison.HEADER, map(comparison.cells, rows))
    lines = [comparison.cells(row) for row in rows]
    context = {"quarter": quarter, "quarters": quarters, "head": comparison.HEADER, "lines": lines}
    return render(request, "consults/beside.html", context)


def _reader(request: HttpRequest) -> Person:
    if not figures.may_see(person_of(request)):
        raise PermissionDenied("The scoreboard is for the network's staff and for administrators of organizations.")
    return person_of(request)


def _chosen(request: HttpRequest, person: Person) -> Chosen:
    """What the address asks for; the usual where it is silent or asks for nonsense."""
    first, last = figures.usual(timezone.now())
    since, until = sorted((_month(request, "since", first), _month(request, "until", last)))
    by = request.GET.get("by", "")
    return Chosen(
        by=by if by in figures.groupings(person) else "specialty",
        since=since,
        until=until,
        specialty=request.GET.get("specialty", "")[:50].replace("\0", ""),
        organization=request.GET.get("organization", "")[:50].replace("\0", ""),
    )


def _month(request: HttpRequest, name: str, usual: str) -> str:
    asked = request.GET.get(name, "")
    try:
        return figures.read_month(asked) if asked else usual
    except ValueError:
        return usual


def _part(part: str, name: str, lines: list[Row]) -> dict[str, Any]:
    columns = [column for column in COLUMNS if column.part == part]
    return {
        "key": part,
        "name": name,
        "heads": [column.head for column in columns],
        "lines": [
            {
                "row": row,
                "is_total": row.key == "",
                "cells": [(column.head, text_of(row.figures, column)) for column in columns],
            }
            for row in lines
        ],
    }
