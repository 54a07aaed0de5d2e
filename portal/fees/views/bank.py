"""The bank's files, for administrators of the network: brought, looked at, confirmed."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.common.audit import record
from portal.fees import presenting_bank
from portal.fees.forms_bank import FileForm, LayoutForm
from portal.fees.matching import SURE
from portal.fees.models import BankFile, BankLine
from portal.fees.services import bank_booking, bank_reading
from portal.members.access import needs, person_of
from portal.members.policy import Action
from portal.members.views.helpers import attempt, carry_out, paged


@needs(Action.KEEP_FEES)
@require_http_methods(["GET", "HEAD", "POST"])
def files(request: HttpRequest) -> HttpResponse:
    """The files that came, the newest first, and the form for another."""
    person = person_of(request)
    form = FileForm(request.POST or None, request.FILES or None) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        found: list[tuple[BankFile, bool]] = []

        def bring() -> None:
            name = form.cleaned_data["file"].name
            found.append(bank_reading.bring(by=person, name=name, content=form.content(), at=timezone.now()))

        if attempt(form, bring):
            file, is_new = found[0]
            if not is_new:
                messages.info(request, "This file was brought before. Here it is; nothing was read again.")
            return redirect("bank-file", file.pk)
    page = paged(request, BankFile.objects.select_related("brought_by").defer("content"))
    waiting = BankLine.objects.filter(state=BankLine.State.WAITING).count()
    return render(request, "fees/bank_files.html", {"form": form, "page": page, "waiting": waiting})


@needs(Action.KEEP_FEES)
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: which column is what, how far it is read, and what is suggested for each line. A dry run."""
    found = get_object_or_404(BankFile, pk=pk)
    if found.state == BankFile.State.COLUMNS:
        return _columns(request, found)
    if request.method == "POST":
        raise Http404
    rows = BankLine.objects.filter(file=found).select_related("account__organization", "undoes").order_by("line")
    page = paged(request, rows)
    counts = presenting_bank.counts(found)
    shown = {
        "file": found,
        "page": page,
        "rows": presenting_bank.lines(page),
        "can_book": any(row.account_id and row.state == BankLine.State.WAITING for row in page),
        "counts": counts,
        "is_going_on": found.state == BankFile.State.WAITING or bool(counts.confirmed),
        "share": found.done / found.total if found.total else 0,
        "sure": rows.filter(score__gte=SURE, state=BankLine.State.WAITING).count(),
    }
    return render(request, "fees/bank_file.html", shown)


def _columns(request: HttpRequest, found: BankFile) -> HttpResponse:
    table = bank_reading.table_of(found)
    form = LayoutForm(request.POST or None, table=table)
    if request.method == "POST" and form.is_valid():
        by, now = person_of(request), timezone.now()
        if attempt(form, lambda: bank_reading.say_columns(found, by=by, layout=form.layout, at=now)):
            return redirect("bank-file", found.pk)
    page = {"file": found, "form": form, "names": table.names, "sample": [cells for _, cells in table.rows[:3]]}
    return render(request, "fees/bank_columns.html", page)


@needs(Action.KEEP_FEES)
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Book the lines that were marked; or, where ``all`` was asked, every sure one of the file."""
    found = get_object_or_404(BankFile, pk=pk)
    rows = BankLine.objects.filter(file=found, state=BankLine.State.WAITING)
    marked = _numbers(request.POST)
    chosen = rows.filter(score__gte=SURE) if "all" in request.POST else rows.filter(pk__in=marked)
    _book(request, list(chosen.values_list("pk", flat=True)))
    return redirect(f"{request.path.removesuffix('confirm/')}?{request.GET.urlencode()}".rstrip("?"))


def _numbers(data: QueryDict) -> list[int]:
    return [int(text) for text in data.getlist("line") if text.isdecimal() and len(text) < 19]


def _book(request: HttpRequest, lines: list[int]) -> None:
    outcome = bank_booking.confirm(lines, by=person_of(request), at=timezone.now())
    if not lines:
        messages.error(request, "Mark the lines to be booked first.")
    if outcome.booked:
        messages.success(request, f"{_count(outcome.booked)} booked.")
    if outcome.later:
        messages.info(request, f"{_count(outcome.later)} being booked. This page shows how far it is.")
    if outcome.left:
        messages.warning(request, f"{_count(len(outcome.left))} not booked: see why beside each.")


def _count(number: int) -> str:
    return "1 line is" if number == 1 else f"{number:,} lines are"


@needs(Action.KEEP_FEES)
@require_POST
def match(request: HttpRequest, pk: int) -> HttpResponse:
    """Work out the suggestions of a file's waiting lines anew."""
    found = get_object_or_404(BankFile, pk=pk, state=BankFile.State.READY)
    by = person_of(request)
    carry_out(request, lambda: bank_reading.suggest_again(found, by=by), "The suggestions are worked out anew.")
    return redirect("bank-file", found.pk)


@needs(Action.KEEP_FEES)
@require_safe
def example(request: HttpRequest) -> HttpResponse:
    """A small file to try it with, about invoices that are open now."""
    record(by=person_of(request), action="fees.bank.download", object_type="file", object_id="bank-example.csv")
    headers = {"Content-Disposition": "attachment; filename=bank-example.csv"}
    content = presenting_bank.example(timezone.localdate())
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
