"""An organization's facilities, contacts and signed documents, for its administrators and the network's."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from portal.members import downloads
from portal.members.access import needs, person_of, require, signed_in
from portal.members.house_forms import ContactForm, FacilityForm, SignedForm
from portal.members.kept import posted_or_kept
from portal.members.models import Facility, Organization
from portal.members.models_house import Contact, SignedDocument
from portal.members.policy import Action, can
from portal.members.services import places as services
from portal.members.services import signing
from portal.members.views.helpers import attempt, carry_out, paged
from portal.members.views.organizations import visible

CONTACT = ("kind", "name", "email", "phone")


def kept(request: HttpRequest, slug: str) -> Organization:
    """The organization, for who keeps its house; 404 for outsiders, the reason for others in it."""
    found = visible(request, slug)
    require(person_of(request), Action.KEEP_HOUSE, found.pk)
    return found


@signed_in
def add_facility(request: HttpRequest, slug: str) -> HttpResponse:
    found, by = kept(request, slug), person_of(request)
    form = FacilityForm(posted_or_kept(request), organization=found)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: services.add_facility(by=by, organization=found, place=form.place()))
    ):
        messages.success(request, f"{form.cleaned_data['name']} is added.")
        return redirect(found)
    return render(request, "members/facility.html", {"organization": found, "form": form})


@signed_in
def facility(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    found, by = kept(request, slug), person_of(request)
    row = get_object_or_404(found.facilities, pk=pk)
    form = FacilityForm(posted_or_kept(request), organization=found, facility=row)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: services.change_facility(by=by, facility=row, place=form.place()))
    ):
        messages.success(request, "The facility is saved.")
        return redirect(found)
    return render(request, "members/facility.html", {"organization": found, "form": form, "facility": _row(found, pk)})


def _row(found: Organization, pk: int) -> Facility:
    """As it is, whatever was typed."""
    return found.facilities.get(pk=pk)


@signed_in
def remove_facility(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Asks once, then does it."""
    found, by = kept(request, slug), person_of(request)
    row = get_object_or_404(found.facilities, pk=pk)
    if request.method != "POST":
        page = {"organization": found, "facility": row, "people": row.people.count(), "parts": row.parts.count()}
        return render(request, "members/facility_remove.html", page)
    carry_out(request, lambda: services.remove_facility(by=by, facility=row), f"{row.name} is removed.")
    return redirect(found)


@signed_in
def contacts(request: HttpRequest, slug: str) -> HttpResponse:
    found, by, form = kept(request, slug), person_of(request), ContactForm(posted_or_kept(request))
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: services.add_contact(by=by, organization=found, **form.cleaned_data))
    ):
        messages.success(request, f"{form.cleaned_data['name']} is listed.")
        return redirect("contacts", slug=slug)
    page = {"organization": found, "page": paged(request, found.contacts.all()), "form": form}
    return render(request, "members/contacts.html", page)


def _contact(found: Organization, pk: int) -> Contact:
    return get_object_or_404(found.contacts.select_related("organization"), pk=pk)


@signed_in
def contact(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    found, by = kept(request, slug), person_of(request)
    row = _contact(found, pk)
    form = ContactForm(posted_or_kept(request), initial={field: getattr(row, field) for field in CONTACT})
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: services.change_contact(by=by, contact=row, **form.cleaned_data))
    ):
        messages.success(request, "The contact is saved.")
        return redirect("contacts", slug=slug)
    return render(request, "members/contact.html", {"organization": found, "contact": row, "form": form})


@require_POST
@signed_in
def remove_contact(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    found, by = kept(request, slug), person_of(request)
    row = _contact(found, pk)
    carry_out(request, lambda: services.remove_contact(by=by, contact=row), f"{row.name} is taken off the list.")
    return redirect("contacts", slug=slug)


@signed_in
def signed(request: HttpRequest, slug: str) -> HttpResponse:
    """Signed papers: the list, and bringing one."""
    found, by = kept(request, slug), person_of(request)
    form = SignedForm(request.POST, request.FILES) if request.method == "POST" else SignedForm()

    def run() -> object:
        values = dict(form.cleaned_data)
        upload = values.pop("file")
        return signing.keep(by=by, organization=found, upload=upload, at=timezone.now(), **values)

    if request.method == "POST" and form.is_valid() and attempt(form, run):
        messages.success(request, f"{form.cleaned_data['title']} is kept.")
        return redirect("signed", slug=slug)
    page = {
        "organization": found,
        "page": paged(request, found.signed_documents.select_related("added_by", "removed_by")),
        "form": form,
        "may_remove": bool(can(by.actor, Action.MANAGE_ORGANIZATION)),
    }
    return render(request, "members/signed.html", page)


def _paper(found: Organization, key: str) -> SignedDocument:
    return get_object_or_404(found.signed_documents.select_related("organization"), key=key, removed_at=None)


@require_safe
@signed_in
def signed_file(request: HttpRequest, slug: str, key: str) -> FileResponse:
    """A paper as a download that no browser opens inside the site."""
    row = _paper(kept(request, slug), key)
    signing.read(by=person_of(request), row=row)
    return downloads.signed_paper(row)


@needs(Action.MANAGE_ORGANIZATION)
def signed_remove(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Asks once, then does it; by the network alone."""
    found, by = visible(request, slug), person_of(request)
    row = _paper(found, key)
    if request.method != "POST":
        return render(request, "members/signed_remove.html", {"organization": found, "paper": row})
    carry_out(request, lambda: signing.remove(by=by, row=row, at=timezone.now()), f"{row.title} is taken away.")
    return redirect("signed", slug=slug)
