"""Who reads a consult along, and who asks on: a page beside the consult, and the one for what somebody left."""

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consults.models import Consult, OnBehalf
from consults.services import leaving, people
from consults.views.reading import visible
from portal.common import present
from portal.members.access import person_of, signed_in
from portal.members.models import Person
from portal.members.policy import can_deactivate
from portal.members.views.helpers import carry_out


class ColleagueForm(forms.Form):
    """One of the people offered."""

    person = forms.ModelChoiceField(Person.objects.none(), label="Colleague", empty_label="Choose a colleague")

    def __init__(self, *args: object, among: "QuerySet[Person]", **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["person"].queryset = among  # type: ignore[attr-defined]
        self.fields["person"].label_from_instance = lambda one: one.name  # type: ignore[attr-defined]


def of_practice(request: HttpRequest, number: str) -> Consult:
    """The consult, for clinicians of the organization it is asked for; nobody else has this page."""
    row = visible(request, number)
    if row.organization_id not in person_of(request).actor.clinician_in:
        raise Http404
    return row


@signed_in
@require_safe
def around(request: HttpRequest, number: str) -> HttpResponse:
    """Those of the practice who follow it, and handing it to one of them."""
    row, by = of_practice(request, number), person_of(request)
    watchers = list(row.watchers.select_related("person", "added_by"))
    among = people.colleagues(row.organization_id, besides=by)
    page = {
        "consult": row,
        "watchers": watchers,
        "behalf": OnBehalf.objects.filter(consult=row).select_related("colleague", "written_by").first(),
        "is_mine": row.requester_id == by.pk,
        "follows": any(one.person_id == by.pk for one in watchers),
        "may_pass_on": row.requester_id == by.pk and row.state in people.UNFINISHED,
        "add_form": ColleagueForm(among=among.exclude(pk__in=[one.person_id for one in watchers]), auto_id="add_%s"),
        "pass_form": ColleagueForm(among=among, auto_id="pass_%s"),
    }
    return render(request, "consults/around.html", page)


@signed_in
@require_POST
def watch(request: HttpRequest, number: str) -> HttpResponse:
    """A colleague follows, or (nobody named) I do."""
    row, by = of_practice(request, number), person_of(request)
    person = _chosen(request, row) if request.POST.get("person") else by
    if person:
        done = f"You follow {number}." if person == by else f"{person.name} follows {number} and has been told."
        carry_out(request, lambda: people.watch(row, by=by, person=person, at=present.now()), done)
    return redirect("consult-people", number=number)


@signed_in
@require_POST
def unwatch(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    row, by = of_practice(request, number), person_of(request)
    watcher = get_object_or_404(row.watchers.select_related("person"), person=pk)
    done = f"{watcher.person.name} does not follow {number} any more."
    carry_out(request, lambda: people.unwatch(row, by=by, person=watcher.person), done)
    return _back(request, number)


@signed_in
@require_POST
def pass_on(request: HttpRequest, number: str) -> HttpResponse:
    """The requester hands it to a colleague."""
    row, by = of_practice(request, number), person_of(request)
    if to := _chosen(request, row):
        done = f"{to.name} asks on in your place. You follow it until you stop."
        carry_out(request, lambda: people.pass_on(row, by=by, to=to, at=present.now()), done)
    return _back(request, number)


def _chosen(request: HttpRequest, row: Consult) -> Person | None:
    form = ColleagueForm(request.POST, among=people.colleagues(row.organization_id))
    if form.is_valid():
        found: Person = form.cleaned_data["person"]
        return found
    messages.error(request, "Choose a clinician of your own organization.")
    return None


def _back(request: HttpRequest, number: str) -> HttpResponse:
    """To the page again, or home where nothing of it may be read any more."""
    still = Consult.objects.visible_to(person_of(request)).filter(number=number).exists()
    return redirect("consult-people", number=number) if still else redirect("home")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def left(request: HttpRequest, pk: int) -> HttpResponse:
    """What a person leaves unfinished, for those who administer them: how many, and to whom they go."""
    by = person_of(request)
    member = get_object_or_404(Person.objects.visible_to(by), pk=pk)
    if not can_deactivate(by.actor, member.actor):
        raise Http404
    heirs = leaving.heirs(member)
    form = ColleagueForm(request.POST or None, among=heirs)
    if request.method == "POST" and form.is_valid():
        to = form.cleaned_data["person"]
        n = leaving.hand_on(member, by=by, to=to, at=present.now())
        messages.success(request, f"{to.name} has taken over {n} consult{'' if n == 1 else 's'}.")
        return redirect("person-consults", pk=pk)
    return render(request, "consults/left.html", {"member": member, "n": leaving.unfinished(member), "form": form})
