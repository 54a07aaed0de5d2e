"""Inviting many people from a list: take it in, see what is wrong with it, send it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.common.notices import mark_read_at
from portal.members import roster as rules
from portal.members.access import person_of, require, signed_in
from portal.members.models import Organization
from portal.members.models_roster import Roster
from portal.members.policy import Action
from portal.members.roster_forms import RosterForm
from portal.members.services import rosters as services
from portal.members.views.helpers import as_csv, attempt, carry_out, paged
from portal.members.views.organizations import visible

SHOWN_BAD, LATEST = 100, 10


def _place(request: HttpRequest, slug: str) -> Organization:
    found = visible(request, slug)
    require(person_of(request), Action.MANAGE_PEOPLE, found.pk)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def rosters(request: HttpRequest, slug: str) -> HttpResponse:
    """The form for a list, filled with an earlier one that is to be mended; and the latest lists."""
    place, by = _place(request, slug), person_of(request)
    posted = request.method == "POST"
    form = RosterForm(request.POST, request.FILES) if posted else RosterForm(initial={"text": _earlier(request, place)})
    made: list[Roster] = []
    if posted and form.is_valid():
        text = form.cleaned_data["text"]

        def make() -> None:
            made.append(services.make_roster(by=by, organization=place, text=text, at=timezone.now()))

        if attempt(form, make):
            return redirect(made[0])
    page = {
        "organization": place,
        "form": form,
        "rosters": place.rosters.select_related("made_by")[:LATEST],
        "known": services.known_for(by, place),
        "facilities": place.facilities.all(),
        "columns": rules.COLUMNS,
    }
    return render(request, "members/rosters.html", page)


def _earlier(request: HttpRequest, place: Organization) -> str:
    number = request.GET.get("mend", "")
    row = (
        place.rosters.filter(pk=int(number)).first()
        if number.isascii() and number.isdigit() and len(number) < 18
        else None
    )
    return row.text if row else ""


@require_safe
@signed_in
def template(request: HttpRequest, slug: str) -> HttpResponse:
    """A file to fill in."""
    _place(request, slug)
    header, *rows = rules.EXAMPLE
    return as_csv("people-to-invite", header, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def roster(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What the check found and what will be sent; a POST sends it."""
    place, by = _place(request, slug), person_of(request)
    row = get_object_or_404(
        Roster.objects.visible_to(by).select_related("organization", "made_by"), pk=pk, organization=place
    )
    if request.method == "POST":
        leave_out = request.POST.get("leave_out") == "yes"
        done = "The invitations are on their way."
        carry_out(request, lambda: services.send_roster(by=by, row=row, leave_out=leave_out, at=timezone.now()), done)
        return redirect(row)
    mark_read_at(by, request.path)
    bad = row.lines.filter(is_bad=True)
    if request.GET.get("format") == "csv":
        header = ("line", *rules.COLUMNS, "what to do")
        return as_csv(f"lines-to-mend-{row.pk}", header, _to_mend(row))
    lines = row.lines.filter(is_bad=False).select_related("facility", "own_specialty")
    page = {
        "organization": place,
        "roster": row,
        "bad": bad[:SHOWN_BAD],
        "more_bad": max(row.bad - SHOWN_BAD, 0),
        "page": paged(request, lines),
        "failed": row.lines.exclude(why_not="")[:SHOWN_BAD],
        "is_under_way": row.state in (Roster.State.CHECKING, Roster.State.SENDING),
        "of": row.total if row.state == Roster.State.CHECKING else row.good,
    }
    return render(request, "members/roster.html", page)


def _to_mend(row: Roster) -> list[list[str]]:
    """The bad lines as they came, each with what to do."""
    cells = {line.number: line.cells for line in rules.read(row.text)} if row.text else {}
    return [
        [
            str(line.line),
            *(cells.get(line.line, {}).get(column, "") for column in rules.COLUMNS),
            " ".join(f"{problem['column']}: {problem['words']}" for problem in line.problems),
        ]
        for line in row.lines.filter(is_bad=True)
    ]
