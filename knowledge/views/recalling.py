"""Changed practice: what is asked of a reader, and who has confirmed."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from knowledge.asked import asked
from knowledge.models import Acknowledgement, AcknowledgementQuerySet, Document, Revision
from knowledge.services import acknowledge as confirm
from knowledge.services import remind_people, remind_readers
from knowledge.services.reminding import Reminded
from knowledge.views.reading import visible_document
from portal.common.refusals import Conflict, Refused
from portal.common.templatetags.words import count
from portal.members.access import needs, person_of, require, signed_in
from portal.members.forms import named
from portal.members.models import Organization, Person, Role
from portal.members.policy import Action
from portal.members.views.helpers import as_csv, carry_out, paged

STATES = (("open", "Not yet"), ("done", "Acknowledged"), ("superseded", "Overtaken by a newer change"))


@signed_in
@require_POST
def acknowledge(request: HttpRequest, slug: str) -> HttpResponse:
    """The reader confirms; the revision that was read comes with the form."""
    person = person_of(request)
    document = visible_document(person, slug)
    number = request.POST.get("revision", "")
    is_number = number.isascii() and number.isdecimal() and len(number) < 7
    rows = Acknowledgement.objects.filter(person=person, document=document).select_related("revision", "document")
    found = get_object_or_404(rows, revision__number=number if is_number else None)
    done = f"You have acknowledged what changed in “{found.revision.title}”."
    carry_out(request, lambda: confirm(acknowledgement=found, by=person), done)
    return redirect("changes" if request.POST.get("next") == reverse("changes") else document)


@signed_in
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """What changed in practice for the reader: what they have not confirmed first, then what they have."""
    person = person_of(request)
    documents = Document.objects.visible_to(person)
    rows = Acknowledgement.objects.filter(person=person, superseded_at=None, document__in=documents)
    rows = rows.filter(Q(document__retired_at=None) | Q(acknowledged_at__isnull=False))
    rows = rows.select_related("document", "document__current_revision", "revision")
    page = paged(request, rows.order_by(F("acknowledged_at").desc(nulls_first=True), "-told_at", "-pk"))
    return render(request, "knowledge/changes.html", {"page": page, "asked": asked(person, list(page))})


@needs(Action.EDIT_DOCUMENTS)
@require_safe
def acknowledgements(request: HttpRequest, slug: str) -> HttpResponse:
    """Who has confirmed a document's change of practice and who has not; ?revision= an earlier change."""
    person = person_of(request)
    document = visible_document(person, slug)
    told = Revision.objects.filter(document=document, acknowledgements__isnull=False).distinct()
    revisions = list(told.only("number", "title", "published_at", "document").order_by("-number"))
    asked_for = request.GET.get("revision", "")
    revision = next((row for row in revisions if str(row.number) == asked_for), revisions[0] if revisions else None)
    every = Acknowledgement.objects.visible_to(person).filter(revision=revision)
    places = Organization.objects.filter(roles__person__acknowledgements__revision=revision).distinct()
    rows = _narrowed(request, every)
    if place := request.GET.get("organization"):
        rows = rows.filter(person__roles__organization__slug=place).distinct()
    if request.GET.get("format") == "csv":
        return _as_csv(f"{document.slug}-acknowledgements", rows)
    context = {
        "document": document,
        "title": document.current_revision.title if document.current_revision else document.slug,
        "revision": revision,
        "revisions": revisions,
        "is_last": bool(revisions) and revision == revisions[0],
        "changes": revision.declared_changes.filter(significance="practice") if revision else [],
        "places": places,
        **_listed(request, every, rows),
    }
    return render(request, "knowledge/acknowledgements.html", context)


@needs(Action.EDIT_DOCUMENTS)
@require_POST
def remind(request: HttpRequest, slug: str) -> HttpResponse:
    document = visible_document(person_of(request), slug)
    _say(request, remind_readers(document=document, by=person_of(request)))
    return redirect("document-acknowledgements", slug)


@signed_in
@require_safe
def of_organization(request: HttpRequest, slug: str) -> HttpResponse:
    """An organization's people and what they have confirmed, over all documents; for those who manage them."""
    organization = _managed(request, slug)
    every = Acknowledgement.objects.visible_to(person_of(request)).of_people_of([organization.pk])
    rows = _narrowed(request, every)
    if request.GET.get("format") == "csv":
        return _as_csv(f"{organization.slug}-acknowledgements", rows)
    return render(
        request,
        "knowledge/organization_acknowledgements.html",
        {"organization": organization, **_listed(request, every, rows)},
    )


@signed_in
@require_POST
def remind_organization(request: HttpRequest, slug: str) -> HttpResponse:
    organization = _managed(request, slug)
    try:
        _say(request, remind_people(organization=organization, by=person_of(request)))
    except (Conflict, Refused) as error:
        messages.error(request, str(error))
    return redirect("organization-acknowledgements", slug)


def _managed(request: HttpRequest, slug: str) -> Organization:
    """The organization, or 404 for outsiders; 403 for those of its people who do not manage it."""
    organization = get_object_or_404(Organization.objects.visible_to(person_of(request)), slug=slug)
    require(person_of(request), Action.MANAGE_PEOPLE, organization.pk)
    return organization


def _narrowed(request: HttpRequest, rows: AcknowledgementQuerySet) -> AcknowledgementQuerySet:
    """By ?state= and words of the person's name or address; only people who are still here."""
    rows = rows.of_those_here()
    state, words = request.GET.get("state", ""), request.GET.get("q", "").strip()[:100]
    if state == "open":
        rows = rows.open()
    elif state == "done":
        rows = rows.exclude(acknowledged_at=None)
    elif state == "superseded":
        rows = rows.exclude(superseded_at=None)
    if words:
        rows = rows.filter(person__in=Person.objects.filter(named(words)).values("pk"))
    held = Role.objects.exclude(organization=None).select_related("organization")
    return (
        rows.select_related("person", "revision", "document")
        .prefetch_related(Prefetch("person__roles", held, to_attr="held"))
        .order_by("person__name", "person_id", "-told_at", "-pk")
    )


def _listed(request: HttpRequest, every: AcknowledgementQuerySet, rows: "QuerySet[Acknowledgement]") -> dict[str, Any]:
    here = every.of_those_here()
    figures = here.aggregate(
        told=Count("pk"),
        done=Count("pk", filter=Q(acknowledged_at__isnull=False)),
        waiting=Count("pk", filter=Q(acknowledged_at=None, superseded_at=None, document__retired_at=None)),
    )
    return {"figures": figures, "page": paged(request, rows), "states": STATES, "asked": request.GET}


def _as_csv(name: str, rows: "Iterable[Acknowledgement]") -> HttpResponse:
    header = ("name", "e-mail", "organizations", "document", "revision", "why", "told", "reminders", "acknowledged")
    return as_csv(
        name,
        header,
        (
            (
                row.person.name,
                row.person.email,
                ", ".join(_places(row.person)),
                row.document.slug,
                row.revision.number,
                row.get_why_display(),
                row.told_at.isoformat(timespec="minutes"),
                row.reminders,
                row.acknowledged_at.isoformat(timespec="minutes") if row.acknowledged_at else "",
            )
            for row in rows
        ),
    )


def _places(person: Person) -> dict[str, None]:
    """The names of the organizations a listed person belongs to, each once."""
    return dict.fromkeys(role.organization.name for role in vars(person)["held"])


def _say(request: HttpRequest, done: Reminded) -> None:
    parts = [f"{count(done.people, 'person,people')} reminded."] if done.people else ["Nobody was left to remind."]
    if done.spared:
        parts.append(f"{count(done.spared, 'person was,people were')} reminded earlier today.")
    messages.success(request, " ".join(parts))
