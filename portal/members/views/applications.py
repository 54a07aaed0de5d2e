"""Applications of organizations, for administrators of the network: the list, one of them, and what is done with it."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from portal.common.notices import mark_read_at
from portal.members import checklist
from portal.members.access import needs, person_of
from portal.members.application_forms import ReasonForm, TextForm, WelcomeForm
from portal.members.kept import posted_or_kept
from portal.members.models import Organization
from portal.members.models_applications import Application, ApplicationQuerySet
from portal.members.policy import Action
from portal.members.services import vetting as services
from portal.members.views.helpers import attempt, carry_out, paged

NOTE = "For colleagues; the applicant does not see it. It stays as it is written."
NEXT = "It becomes active when its first agreement is signed."
ASK = "The applicant is mailed a link, and reads and answers it on that page."


@require_safe
@needs(Action.MANAGE_ORGANIZATION)
def applications(request: HttpRequest) -> HttpResponse:
    """Those that wait, unless the address asks for others; with how many are in each state."""
    rows = Application.objects.visible_to(person_of(request))
    words = request.GET.get("q", "").strip()
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(city__icontains=words) | Q(contact_name__icontains=words))
    counts = counted(rows)
    known = [value for value, _ in Application.State.choices if value != Application.State.UNCONFIRMED]
    shown = request.GET.get("state", Application.State.WAITING)
    found = rows.filter(state=shown) if shown in known else rows
    page = {
        "tabs": [(value, Application.State(value).label, counts.get(value, 0)) for value in known],
        "all": sum(counts.values()),
        "shown": shown if shown in known else "all",
        "words": words,
        "page": paged(request, found.select_related("organization", "decided_by")),
    }
    return render(request, "members/applications.html", page)


def counted(rows: ApplicationQuerySet) -> dict[str, int]:
    """How many are in each state."""
    return dict(rows.order_by().values_list("state").annotate(number=Count("pk")))


@require_safe
@needs(Action.MANAGE_ORGANIZATION)
def application(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    mark_read_at(person_of(request), request.path)
    return _page(request, found)


def _found(request: HttpRequest, pk: int) -> Application:
    rows = Application.objects.visible_to(person_of(request)).select_related("organization", "decided_by", "invitation")
    return get_object_or_404(rows, pk=pk)


def _page(
    request: HttpRequest, found: Application, *, note: TextForm | None = None, question: TextForm | None = None
) -> HttpResponse:
    ticks, rows = services.done(found), checklist.items()
    page = {
        "row": found,
        "is_open": found.state in Application.UNDECIDED,
        "checks": [(item, ticks.get(item.key)) for item in rows],
        "lacking": checklist.missing(ticks, rows),
        "notes": found.notes.select_related("by"),
        "note": note or _note_form(),
        "question": question or _question_form(),
    }
    return render(request, "members/application.html", page)


def _note_form(request: HttpRequest | None = None) -> TextForm:
    return TextForm(request and request.POST, label="Note", help_text=NOTE, prefix="note")


def _question_form(request: HttpRequest | None = None) -> TextForm:
    return TextForm(request and request.POST, label="Question", help_text=ASK, prefix="ask")


@require_POST
@needs(Action.MANAGE_ORGANIZATION)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """One item ticked, or its tick taken back."""
    found, by = _found(request, pk), person_of(request)
    item, is_done = request.POST.get("item", ""), request.POST.get("done") == "yes"
    done = "Ticked." if is_done else "The tick is taken back."
    carry_out(request, lambda: services.tick(found, by=by, item=item, is_done=is_done, at=timezone.now()), done)
    return redirect(found)


@require_POST
@needs(Action.MANAGE_ORGANIZATION)
def note(request: HttpRequest, pk: int) -> HttpResponse:
    found, by, form = _found(request, pk), person_of(request), _note_form(request)
    if form.is_valid() and attempt(
        form, lambda: services.add_note(found, by=by, text=form.cleaned_data["text"], at=timezone.now())
    ):
        messages.success(request, "The note is kept.")
        return redirect(found)
    return _page(request, found, note=form)


@require_POST
@needs(Action.MANAGE_ORGANIZATION)
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    found, by, form = _found(request, pk), person_of(request), _question_form(request)
    if form.is_valid() and attempt(
        form, lambda: services.ask(found, by=by, text=form.cleaned_data["text"], at=timezone.now())
    ):
        messages.success(request, f"The question is on its way to {found.contact_name}.")
        return redirect(found)
    return _page(request, found, question=form)


@needs(Action.MANAGE_ORGANIZATION)
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the reason, then does it."""
    found, by = _found(request, pk), person_of(request)
    form = ReasonForm(posted_or_kept(request), help_text="The applicant reads it on the page of their link.")

    def run() -> object:
        return services.decline(found, by=by, reason=form.cleaned_data["reason"], at=timezone.now())

    if request.method == "POST" and form.is_valid() and attempt(form, run):
        messages.success(request, f"The application of {found.name} is declined; its contact is told.")
        return redirect(found)
    return render(request, "members/application_decline.html", {"row": found, "form": form})


@needs(Action.MANAGE_ORGANIZATION)
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks how the organization begins, then makes it and invites its first administrator."""
    found, by = _found(request, pk), person_of(request)
    form = WelcomeForm(posted_or_kept(request), initial=WelcomeForm.suggested(found))
    made: list[Organization] = []

    def run() -> None:
        made.append(services.accept(found, by=by, welcome=form.welcome(), at=timezone.now()))

    if request.method == "POST" and form.is_valid() and attempt(form, run):
        messages.success(request, f"{made[0].name} is joining, and its first administrator invited. {NEXT}")
        return redirect(made[0])
    lacking = checklist.missing(services.done(found), checklist.items())
    page = {"row": found, "form": form, "lacking": lacking, "is_open": found.state in Application.UNDECIDED}
    return render(request, "members/application_accept.html", page)
