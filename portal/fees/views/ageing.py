"""The ageing report: what is open, by how long it is overdue."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.fees import presenting
from portal.fees.services import ageing as report
from portal.fees.views import finding
from portal.members.access import needs, person_of
from portal.members.policy import Action
from portal.members.views.helpers import as_csv


@needs(Action.SEE_FEES)
@require_safe
def ageing(request: HttpRequest) -> HttpResponse:
    """By organization, as of a day; as a file too."""
    today = timezone.localdate()
    day = min(finding.day_of(request.GET, "day", today) or today, today)
    rows = report.ageing(person_of(request), day)
    if request.GET.get("format") == "csv":
        header = ("organization", "currency", *report.COLUMNS, "total")
        return as_csv(f"ageing-{day}", header, map(_csv_row, rows))
    page = {
        "rows": rows,
        "columns": report.COLUMNS,
        "totals": report.totals(rows),
        "day": day,
    }
    return render(request, "fees/ageing.html", page)


def _csv_row(row: report.Aged) -> list[object]:
    amounts = [presenting.plain(cents) for cents in (*row.columns, row.total)]
    return [row.account.organization.name, row.account.currency, *amounts]
