"""People of an organization and of the network: lists, invitations, and one person's roles."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal.members import leaving
from portal.members.access import needs, person_of, require, signed_in
from portal.members.forms import InviteForm, RoleForm, named
from portal.members.kept import posted_or_kept
from portal.members.models import Invitation, Organization, Person, Role
from portal.members.models_roster import JoinRequest
from portal.members.policy import Action, can_deactivate, can_give, can_keep_facts, can_stand_in, shared
from portal.members.roster_forms import FactsForm, facts_of
from portal.members.services import invitations, people, roles
from portal.members.views.helpers import attempt, carry_out, paged
from portal.members.views.organizations import visible


@signed_in
def of_organization(request: HttpRequest, slug: str) -> HttpResponse:
    found = visible(request, slug)
    require(person_of(request), Action.MANAGE_PEOPLE, found.pk)
    return _list(request, found)


@needs(Action.MANAGE_NETWORK_STAFF)
def of_network(request: HttpRequest) -> HttpResponse:
    return _list(request, None)


def _list(request: HttpRequest, place: Organization | None) -> HttpResponse:
    """Everyone with a role in the organization, or for the network; and the form to invite another."""
    by = person_of(request)
    form = InviteForm(posted_or_kept(request), organization=place)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if attempt(form, lambda: invitations.invite(by=by, email=email, **form.place)):
            messages.success(request, f"An invitation is on its way to {email}.")
            return redirect(request.path)
    held = Role.objects.filter(organization=place).select_related("organization", "specialty")
    rows = Person.objects.visible_to(by).filter(roles__organization=place, roles__isnull=False).distinct()
    if words := request.GET.get("q", "").strip():
        rows = rows.filter(named(words))
    page = {
        "organization": place,
        "page": paged(request, rows.prefetch_related(Prefetch("roles", held, to_attr="held"))),
        "invitations": _open_invitations(place),
        "form": form,
        "asked": request.GET,
        "asking": JoinRequest.objects.visible_to(by).waiting().filter(organization=place).count() if place else 0,
    }
    return render(request, "members/people.html", page)


def _open_invitations(place: Organization | None) -> "list[Invitation]":
    rows = Invitation.objects.filter(organization=place, accepted_at=None, revoked_at=None)
    return list(rows.select_related("invited_by", "organization", "specialty")[:100])


@signed_in
def person(request: HttpRequest, pk: int) -> HttpResponse:
    by, member = person_of(request), _member(request, pk)
    return _person_page(request, by, member, _facts(by, member))


def _facts(by: Person, member: Person, data: QueryDict | None = None) -> FactsForm:
    actor = member.actor
    places = actor.organizations if by.actor.is_network_administrator else shared(by.actor, actor)
    return FactsForm(data, places=places, initial=facts_of(member))


def _person_page(request: HttpRequest, by: Person, member: Person, facts: FactsForm) -> HttpResponse:
    held = list(member.roles.select_related("organization", "specialty"))
    page = {
        "member": member,
        "roles": [(role, bool(can_give(by.actor, role.name, role.organization_id))) for role in held],
        "may_stand_in": member.is_active and can_stand_in(by.actor, member.actor),
        "may_deactivate": can_deactivate(by.actor, member.actor),
        "facts": facts if can_keep_facts(by.actor, member.actor) and member.actor.organizations else None,
        "left": leaving.left_by(member) if can_deactivate(by.actor, member.actor) else [],
        "forms": [(place, _role_form(place)) for place in _places(by, member)],
    }
    return render(request, "members/person.html", page)


@require_POST
@signed_in
def keep_facts(request: HttpRequest, pk: int) -> HttpResponse:
    """Facility, specialty and NPI, as the organization keeps them."""
    by, member = person_of(request), _member(request, pk)
    form = _facts(by, member, request.POST)
    if form.is_valid() and attempt(form, lambda: people.keep_facts(by=by, person=member, **form.cleaned_data)):
        messages.success(request, f"What is kept of {member.name} is saved.")
        return redirect("person", pk=pk)
    return _person_page(request, by, member, form)


def _role_form(place: Organization | None) -> RoleForm:
    return RoleForm(organization=place, auto_id=f"id_{place.pk if place else 'network'}_%s")


def _places(by: Person, member: Person) -> list[Organization | None]:
    """Where ``by`` may give roles: organizations they administer; for the network's administrators those of the member,
    and the network.
    """
    network = by.actor.is_network_administrator
    reach = by.actor.administrator_of | (member.actor.organizations if network else frozenset())
    mine = Organization.objects.filter(pk__in=reach, deactivated_at=None)
    return [*mine, None] if network else [*mine]


@require_POST
@signed_in
def give_role(request: HttpRequest, pk: int) -> HttpResponse:
    by, member = person_of(request), _member(request, pk)
    slug = request.POST.get("organization")
    place = visible(request, slug) if slug else None
    form = RoleForm(request.POST, organization=place)
    if form.is_valid():
        carry_out(request, lambda: roles.give_role(by=by, person=member, **form.place), "The role is given.")
    else:
        messages.error(request, "Choose a role from the list.")
    return redirect("person", pk=member.pk)


@require_POST
@signed_in
def remove_role(request: HttpRequest, pk: int, role: int) -> HttpResponse:
    by, member = person_of(request), _member(request, pk)
    found = get_object_or_404(member.roles.select_related("person", "organization"), pk=role)
    carry_out(request, lambda: roles.remove_role(by=by, role=found), f"The role {found} is removed.")
    still = Person.objects.visible_to(by).filter(pk=pk).exists()
    return redirect("person", pk=pk) if still else redirect("home")


@signed_in
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks once, then does it."""
    by, member = person_of(request), _member(request, pk)
    if request.method != "POST":
        decision = can_deactivate(by.actor, member.actor)
        left, heirs = (leaving.left_by(member), leaving.heirs_of(member)) if decision else ([], [])
        page = {"member": member, "decision": decision, "left": left, "heirs": heirs}
        return render(request, "members/person_deactivate.html", page)
    done = f"{member.name} is deactivated and signed out everywhere."
    chosen = request.POST.get("heir", "")
    heir = next((one for one in leaving.heirs_of(member) if str(one.pk) == chosen), None)
    if chosen and heir is None:
        messages.error(request, "Choose a colleague from the list. Nothing was changed.")
        return redirect("person-deactivate", pk=pk)
    carry_out(request, lambda: people.deactivate_person(by=by, person=member, heir=heir), done)
    return redirect("person", pk=pk)


@require_POST
@signed_in
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    by, member = person_of(request), _member(request, pk)
    carry_out(request, lambda: people.reactivate_person(by=by, person=member), f"{member.name} can sign in again.")
    return redirect("person", pk=pk)


def _member(request: HttpRequest, pk: int) -> Person:
    return get_object_or_404(Person.objects.visible_to(person_of(request)), pk=pk)
