"""A reader's own record of learning: written, changed, deleted, and taken away as CSV or PDF."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.db.models.functions import ExtractYear
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from knowledge import learning
from knowledge.forms import EducationForm, today
from knowledge.models import EducationEntry, EducationEntryQuerySet
from knowledge.models.education import HALF
from knowledge.services import change_education, delete_education, record_education
from knowledge.services.education import findings
from portal.common import pdf
from portal.members.access import person_of, signed_in
from portal.members.kept import posted_or_kept
from portal.members.models import Person
from portal.members.views.helpers import as_csv, attempt

PAGE = 25
_YEAR_DIGITS = 4


@signed_in
@require_safe
def education(request: HttpRequest) -> HttpResponse:
    """The record, the last first: ?year= narrows it. Credits are summed by year."""
    person = _reader(request)
    year = _year(request)
    rows = _of_year(person, year).prefetch_related("sources__document", "sources__revision")
    years = credits_by_year(person)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "years": years,
        "year": year,
        "total": sum((credit for _, credit in years), Decimal(0)),
    }
    return render(request, "knowledge/education.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form of a new entry; ?document= is ticked."""
    person = _reader(request)
    slug = request.GET.get("document", "")[:100]
    chosen = [slug] if slug else []
    form = EducationForm(
        posted_or_kept(request), person=person, chosen=chosen, initial={"on": today(), "documents": chosen}
    )
    if _done(request, form, lambda: record_education(learned=form.learned(), by=person)):
        messages.success(request, "Recorded: half a credit for submission.")
        return redirect("education")
    return render(request, "knowledge/education_entry.html", _page(form, None))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """An own entry, to change."""
    person = _reader(request)
    found = own_entry(person, pk)
    chosen = [source.document.slug for source in found.sources.select_related("document")]
    shown = {name: getattr(found, name) for name in ("on", "question", "effect", "effect_text")}
    initial = shown | {"documents": chosen, "attested": found.attested_at is not None}
    form = EducationForm(posted_or_kept(request), person=person, chosen=chosen, initial=initial)
    if _done(request, form, lambda: change_education(entry=found, learned=form.learned(), by=person)):
        messages.success(request, "The entry is changed.")
        return redirect("education")
    return render(request, "knowledge/education_entry.html", _page(form, found))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks once, then deletes the entry."""
    person = _reader(request)
    found = own_entry(person, pk)
    if request.method == "POST":
        delete_education(entry=found, by=person)
        messages.success(request, "The entry is deleted.")
        return redirect("education")
    return render(request, "knowledge/education_delete.html", {"entry": found})


@signed_in
@require_safe
def export_csv(request: HttpRequest) -> HttpResponse:
    """The record as a table; ?year= narrows it."""
    person, year = _reader(request), _year(request)
    rows = [learning.row(found) for found in _whole(person, year)]
    return as_csv(_name(year), learning.HEADER, rows)


@signed_in
@require_safe
def export_pdf(request: HttpRequest) -> HttpResponse:
    """The record on paper; ?year= narrows it."""
    person, year = _reader(request), _year(request)
    made = pdf.typeset("education.typ", learning.values(person, year, list(_whole(person, year))))
    headers = {"Content-Disposition": f"attachment; filename={quote(_name(year))}.pdf"}
    return HttpResponse(made, content_type=pdf.CONTENT_TYPE, headers=headers)


def _done(request: HttpRequest, form: EducationForm, service: Callable[[], object]) -> bool:
    return request.method == "POST" and form.is_valid() and attempt(form, service)


def own_entry(person: Person, pk: int) -> EducationEntry:
    """The person's own entry of this number; 404 for any other."""
    return get_object_or_404(EducationEntry.objects.visible_to(person), pk=pk)


def credits_by_year(person: Person) -> list[tuple[int, Decimal]]:
    """Half a credit for each entry, by the year of its day, the last year first."""
    rows = EducationEntry.objects.visible_to(person).order_by().annotate(year=ExtractYear("on")).values("year")
    return [(row["year"], row["number"] * HALF) for row in rows.annotate(number=Count("pk")).order_by("-year")]


def _of_year(person: Person, year: int | None) -> EducationEntryQuerySet:
    rows = EducationEntry.objects.visible_to(person)
    return rows.filter(on__year=year) if year else rows


def _whole(person: Person, year: int | None) -> EducationEntryQuerySet:
    return _of_year(person, year).prefetch_related("sources__document", "sources__revision").order_by("on", "pk")


def _year(request: HttpRequest) -> int | None:
    text = request.GET.get("year", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) == _YEAR_DIGITS and text != "0000" else None


def _name(year: int | None) -> str:
    return f"continuing-education-{year}" if year else "continuing-education"


def _page(form: EducationForm, found: EducationEntry | None) -> dict[str, Any]:
    texts = [str(form[name].value() or "") for name in ("question", "effect_text")]
    return {"form": form, "entry": found, "findings": findings(*texts)}


def _reader(request: HttpRequest) -> Person:
    person = person_of(request)
    if not person.can_sign_in:
        raise Http404
    return person
