"""The directory of specialists, and what each says of themselves."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from portal.members import directory
from portal.members.access import person_of, signed_in
from portal.members.forms import SpecialistProfileForm
from portal.members.kept import posted_or_kept
from portal.members.models import SpecialistProfile, Specialty
from portal.members.services.specialists import save_specialist_profile
from portal.members.views.helpers import ROWS, attempt

_LONGEST_WORDS = 100


@signed_in
@require_safe
def specialists(request: HttpRequest) -> HttpResponse:
    """Who answers for the network: ?specialty=, ?language= and ?q= narrow the list."""
    if not person_of(request).can_sign_in:
        raise Http404
    offered, spoken = list(Specialty.objects.all()), directory.languages()
    slug, language = request.GET.get("specialty", ""), request.GET.get("language", "")
    chosen = next((row for row in offered if row.slug == slug), None)
    language = language if language in spoken else ""
    words = request.GET.get("q", "")[:_LONGEST_WORDS]
    people = directory.specialists(specialties=[chosen.pk] if chosen else None, language=language, words=words)
    page = Paginator(directory.with_profiles(people), ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [directory.listed(person) for person in page],
        "offered": offered,
        "languages": spoken,
        "specialty": chosen,
        "language": language,
        "words": words,
        "is_narrowed": bool(chosen or language or words),
    }
    return render(request, "members/specialists.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """What a specialist says of themselves; there is no such page for anyone else."""
    person = person_of(request)
    if not person.actor.specialist_in:
        raise Http404
    found = SpecialistProfile.objects.filter(person=person).first() or SpecialistProfile(person=person)
    shown = {
        "languages": ", ".join(found.languages),
        "interests": found.interests,
        "answers_when": found.answers_when,
        "is_listed": found.is_listed,
    }
    form = SpecialistProfileForm(posted_or_kept(request), initial=shown)
    is_right = request.method == "POST" and form.is_valid()
    if is_right and attempt(form, lambda: save_specialist_profile(**form.values(), by=person)):
        messages.success(request, "Your entry in the directory is saved.")
        return redirect("specialist-profile")
    return render(request, "members/specialist_profile.html", {"form": form})
