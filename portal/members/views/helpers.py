"""What the pages share: services whose refusals become words on the page, lists, and CSV."""

import csv
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from portal.common.cells import harmless
from portal.common.refusals import Conflict, Invalid, Refused

M = TypeVar("M", bound=Model)
ROWS = 25


def attempt(form: forms.Form, service: Callable[[], object]) -> bool:
    """Call the service and say whether it went well; its objections become errors of the form."""
    try:
        service()
    except Invalid as error:
        for field, text in error.fields.items():
            form.add_error(field if field in form.fields else None, text)
    except (Conflict, Refused) as error:
        form.add_error(None, str(error))
    return form.is_valid()


def carry_out(request: HttpRequest, service: Callable[[], object], done: str) -> None:
    """Call the service of a single button, and say on the next page that it is done, or why not."""
    try:
        service()
    except (Conflict, Refused, Invalid) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)


def paged(request: HttpRequest, rows: "QuerySet[M]") -> "Page[M]":
    """The page of rows that the address asks for; the nearest one when it asks for nonsense."""
    return Paginator(rows, ROWS).get_page(request.GET.get("page"))


def in_order(request: HttpRequest, rows: "QuerySet[M]", columns: Sequence[str]) -> "QuerySet[M]":
    """Sorted by the column in the address, ``-`` for downwards; by the first one unless it is a known column."""
    asked = request.GET.get("sort", "")
    column = asked if asked.removeprefix("-") in columns else columns[0]
    return rows.order_by(column, "pk")


def as_csv(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A file to save. A cell that a spreadsheet would run as a formula is written as text."""
    response = HttpResponse(
        content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}.csv"'}
    )
    writer = csv.writer(response)
    writer.writerow(header)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return response
