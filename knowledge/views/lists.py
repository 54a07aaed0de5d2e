"""A person's own lists of documents."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge.forms import ListForm
from knowledge.models import Document, ListEntry, ReadingList
from knowledge.services import (
    add_to_list,
    create_list,
    default_list,
    delete_list,
    move_in_list,
    remove_from_list,
    rename_list,
)
from knowledge.views.reading import visible_document
from portal.common.refusals import Conflict, Invalid
from portal.members.access import person_of, signed_in
from portal.members.kept import posted_or_kept
from portal.members.models import Person
from portal.members.views.helpers import attempt

PAGE = 50
_DIGITS = 9


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def lists(request: HttpRequest) -> HttpResponse:
    """All lists of the person, and the form that makes one."""
    person = _reader(request)
    form, made = ListForm(posted_or_kept(request)), []
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        if attempt(form, lambda: made.append(create_list(name=name, by=person))):
            messages.success(request, f"The list “{made[0].name}” is made. Add documents from their pages.")
            return redirect(made[0])
    default_list(by=person)
    visible = Q(entries__document__in=Document.objects.visible_to(person).exclude(current_revision=None))
    rows = ReadingList.objects.visible_to(person).annotate(number=Count("entries", filter=visible))
    rows = rows.order_by("-is_default", Lower("name"), "pk")
    return render(request, "knowledge/lists.html", {"form": form, "lists": rows})


@signed_in
@require_safe
def reading_list(request: HttpRequest, pk: int) -> HttpResponse:
    """One list; ?removed= names a document that was just taken out, to take that back."""
    person = _reader(request)
    found = own_list(person, pk)
    return render(request, "knowledge/list.html", _page(request, person, found, ListForm(initial={"name": found.name})))


@signed_in
@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    person = _reader(request)
    found = own_list(person, pk)
    form = ListForm(request.POST)
    if form.is_valid() and attempt(
        form, lambda: rename_list(reading_list=own_list(person, pk), name=form.cleaned_data["name"], by=person)
    ):
        messages.success(request, "The list has its new name.")
        return redirect(found)
    return render(request, "knowledge/list.html", _page(request, person, found, form))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks once, then deletes the list."""
    person = _reader(request)
    found = own_list(person, pk)
    if request.method == "POST":
        try:
            delete_list(reading_list=found, by=person)
        except Conflict as conflict:
            messages.error(request, str(conflict))
            return redirect(found)
        messages.success(request, f"The list “{found.name}” is deleted.")
        return redirect("lists")
    return render(request, "knowledge/list_delete.html", {"list": found, "number": found.entries.count()})


@signed_in
@require_POST
def move(request: HttpRequest, pk: int, slug: str, to: str) -> HttpResponse:
    person = _reader(request)
    entry = own_entry(person, pk, slug)
    move_in_list(entry=entry, up=to == "up", by=person)
    return HttpResponseRedirect(f"{entry.reading_list.get_absolute_url()}{_page_number(request)}#d-{slug}")


@signed_in
@require_POST
def remove(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    person = _reader(request)
    entry = own_entry(person, pk, slug)
    found = entry.reading_list
    remove_from_list(entry=entry, by=person)
    return HttpResponseRedirect(f"{found.get_absolute_url()}?{urlencode({'removed': slug})}")


@signed_in
@require_POST
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Put the document into the list chosen, into a new one, or into “Read later”."""
    person = _reader(request)
    found = visible_document(person, slug)
    if found.current_revision is None:
        raise Http404
    try:
        chosen = _chosen(request, person)
        is_new = add_to_list(reading_list=chosen, document=found, by=person)
    except (Conflict, Invalid) as error:
        messages.error(request, str(error))
        return redirect(found)
    messages.success(request, f"{'Added to' if is_new else 'It is already in'} “{chosen.name}”.")
    return redirect(chosen if request.POST.get("next") == chosen.get_absolute_url() else found)


def _chosen(request: HttpRequest, person: Person) -> ReadingList:
    if name := request.POST.get("name", "").strip():
        return create_list(name=name, by=person)
    asked = request.POST.get("list", "")
    if not asked:
        return default_list(by=person)
    if not (asked.isascii() and asked.isdecimal() and len(asked) <= _DIGITS):
        raise Http404
    return own_list(person, int(asked))


def own_list(person: Person, pk: int) -> ReadingList:
    """The person's own list of this number; 404 for any other."""
    return get_object_or_404(ReadingList.objects.visible_to(person), pk=pk)


def own_entry(person: Person, pk: int, slug: str) -> ListEntry:
    """The document in the person's own list; 404 for any other."""
    rows = ListEntry.objects.filter(reading_list__in=ReadingList.objects.visible_to(person)).select_related(
        "reading_list"
    )
    return get_object_or_404(rows, reading_list=pk, document__slug=slug)


def _reader(request: HttpRequest) -> Person:
    person = person_of(request)
    if not person.can_sign_in:
        raise Http404
    return person


def _page(request: HttpRequest, person: Person, found: ReadingList, form: ListForm) -> dict[str, Any]:
    visible = Document.objects.visible_to(person).exclude(current_revision=None)
    rows = found.entries.filter(document__in=visible).select_related("document", "document__current_revision")
    removed = request.GET.get("removed", "")
    undo = visible.filter(slug=removed).exclude(list_entries__reading_list=found).select_related("current_revision")
    return {
        "list": found,
        "form": form,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "undo": undo.first() if removed else None,
    }


def _page_number(request: HttpRequest) -> str:
    page = request.POST.get("page", "")
    return f"?{urlencode({'page': page})}" if page.isascii() and page.isdecimal() and len(page) < _DIGITS else ""
