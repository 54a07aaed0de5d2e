"""Following documents and specialties, and the list of what one follows."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_POST, require_safe

from knowledge.models import DigestChoice, Document
from knowledge.services import digest_frequency, follow, unfollow
from knowledge.views.reading import visible_document
from portal.members.access import person_of, signed_in
from portal.members.models import Person, Specialty


@signed_in
@require_POST
def follow_document(request: HttpRequest, slug: str) -> HttpResponse:
    found = _published(person_of(request), slug)
    follow(what=found, by=person_of(request))
    messages.success(request, f"You follow “{_title(found)}”: you are told when it changes.")
    return _back(request, found.get_absolute_url())


@signed_in
@require_POST
def unfollow_document(request: HttpRequest, slug: str) -> HttpResponse:
    found = _published(person_of(request), slug)
    unfollow(what=found, by=person_of(request))
    return _stopped(request, "document", found.slug, _title(found), found.get_absolute_url())


@signed_in
@require_POST
def follow_specialty(request: HttpRequest, slug: str) -> HttpResponse:
    found = _specialty(person_of(request), slug)
    follow(what=found, by=person_of(request))
    messages.success(request, f"You follow {found.name}: you are told when one of its documents is new or changes.")
    return _back(request, _browse(found))


@signed_in
@require_POST
def unfollow_specialty(request: HttpRequest, slug: str) -> HttpResponse:
    found = _specialty(person_of(request), slug)
    unfollow(what=found, by=person_of(request))
    return _stopped(request, "specialty", found.slug, found.name, _browse(found))


@signed_in
@require_safe
def following(request: HttpRequest) -> HttpResponse:
    """What one follows; ?stopped= names what one has just ceased to follow, to take that back."""
    person = person_of(request)
    documents = Document.objects.visible_to(person).filter(current_revision__isnull=False, follows__person=person)
    context = {
        "specialties": Specialty.objects.filter(follows__person=person).order_by("name"),
        "documents": documents.select_related("current_revision").order_by("current_revision__title", "pk"),
        "digest_frequency": digest_frequency(person),
        "digest_choices": DigestChoice.Frequency.choices,
        "undo": _undo(person, request.GET.get("stopped", "")),
    }
    return render(request, "knowledge/following.html", context)


def _undo(person: Person, stopped: str) -> dict[str, str] | None:
    """The name of what is no longer followed, and the address that follows it again."""
    kind, _, slug = stopped.replace("\0", "").partition(":")
    if kind == "document":
        row = Document.objects.visible_to(person).filter(slug=slug).exclude(follows__person=person)
        document = row.exclude(current_revision=None).select_related("current_revision").first()
        return {"name": _title(document), "url": reverse("document-follow", args=[slug])} if document else None
    specialty = Specialty.objects.filter(slug=slug).exclude(follows__person=person).first()
    if kind == "specialty" and specialty:
        return {"name": specialty.name, "url": reverse("specialty-follow", args=[slug])}
    return None


def _published(person: Person, slug: str) -> Document:
    found = visible_document(person, slug)
    if found.current_revision is None:
        raise Http404
    return found


def _specialty(person: Person, slug: str) -> Specialty:
    if not person.can_sign_in:
        raise Http404
    return get_object_or_404(Specialty, slug=slug)


def _title(document: Document) -> str:
    return document.current_revision.title if document.current_revision else document.slug


def _browse(specialty: Specialty) -> str:
    return f"{reverse('documents')}?{urlencode({'specialty': specialty.slug})}"


def _stopped(request: HttpRequest, kind: str, slug: str, name: str, here: str) -> HttpResponse:
    """From the list, back to it with a way to undo; elsewhere the button that follows again is the undo."""
    if request.POST.get("next") == reverse("following"):
        return HttpResponseRedirect(f"{reverse('following')}?{urlencode({'stopped': f'{kind}:{slug}'})}")
    messages.success(request, f"You no longer follow “{name}”.")
    return _back(request, here)


def _back(request: HttpRequest, default: str) -> HttpResponse:
    """To the page the button stood on, when it is one of ours."""
    asked = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None, require_https=request.is_secure())
    return redirect(asked if is_ours and asked.startswith("/") else default)
