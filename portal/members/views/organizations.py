"""Organizations: the network's list of them, and one of them."""

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal.members.access import needs, person_of, require, signed_in
from portal.members.forms import OrganizationForm
from portal.members.kept import posted_or_kept
from portal.members.models import Organization, OrganizationQuerySet
from portal.members.models_applications import Application, MembershipPeriod
from portal.members.places import tree
from portal.members.policy import Action, can
from portal.members.services import organizations as services
from portal.members.views.helpers import as_csv, attempt, carry_out, in_order, paged

SORTS = ("name", "tier", "head_count", "created_at")
ACTIVE_PEOPLE = Count("roles__person", filter=Q(roles__person__is_active=True), distinct=True)


@needs(Action.SEE_ORGANIZATIONS)
def organizations(request: HttpRequest) -> HttpResponse:
    """The network's list; an organization's administrators see their own, and add none."""
    if request.method == "POST":
        require(person_of(request), Action.MANAGE_ORGANIZATION)
    form = OrganizationForm(posted_or_kept(request))
    if request.method == "POST" and form.is_valid() and _create(request, form):
        messages.success(request, f"{form.cleaned_data['name']} is added. Invite its first administrator next.")
        return redirect("organizations")
    rows = in_order(request, _found(request), SORTS)
    if request.GET.get("format") == "csv":
        return _as_csv(rows)
    page = {
        "form": form if can(person_of(request).actor, Action.MANAGE_ORGANIZATION) else None,
        "page": paged(request, rows),
        "tiers": Organization.Tier.choices,
        "memberships": Organization.Membership.choices,
        "waiting": Application.objects.visible_to(person_of(request)).filter(state=Application.State.WAITING).count(),
        "asked": request.GET,
    }
    return render(request, "members/organizations.html", page)


def _create(request: HttpRequest, form: OrganizationForm) -> bool:
    return attempt(form, lambda: services.create_organization(by=person_of(request), **form.cleaned_data))


def _found(request: HttpRequest) -> OrganizationQuerySet:
    """Those the address asks for: words of the name, a tier, active or not."""
    rows = Organization.objects.visible_to(person_of(request)).annotate(head_count=ACTIVE_PEOPLE)
    if words := request.GET.get("q", "").strip():
        rows = rows.filter(Q(name__icontains=words) | Q(facilities__name__icontains=words)).distinct()
    if (tier := request.GET.get("tier")) in Organization.Tier.values:
        rows = rows.filter(tier=tier)
    state = request.GET.get("state")
    if state == "deactivated":
        return rows.exclude(deactivated_at=None)
    return rows.filter(deactivated_at=None, membership=state) if state in Organization.Membership.values else rows


def _as_csv(rows: "QuerySet[Organization]") -> HttpResponse:
    header = ("name", "tier", "time zone", "people", "since", "membership", "deactivated")
    columns = ("name", "tier", "time_zone", "head_count", "created_at", "membership", "deactivated_at")
    return as_csv("organizations", header, ([getattr(row, column) for column in columns] for row in rows))


@signed_in
def organization(request: HttpRequest, slug: str) -> HttpResponse:
    found = visible(request, slug)
    if request.method == "POST":
        require(person_of(request), Action.MANAGE_ORGANIZATION)
    form = _facts(found, posted_or_kept(request))
    if request.method == "POST" and form.is_valid() and _update(request, found, form):
        messages.success(request, "The organization is saved.")
        return redirect(found)
    return _page(request, found, form)


def _facts(found: Organization, data: QueryDict | None = None) -> OrganizationForm:
    fields = ("name", "tier", "time_zone", "second_factor_required")
    return OrganizationForm(data, initial={field: getattr(found, field) for field in fields})


def _update(request: HttpRequest, found: Organization, form: OrganizationForm) -> bool:
    by = person_of(request)
    return attempt(form, lambda: services.update_organization(by=by, organization=found, **form.cleaned_data))


def _page(request: HttpRequest, found: Organization, form: OrganizationForm) -> HttpResponse:
    actor = person_of(request).actor
    page = {
        "organization": found,
        "facilities": tree(found.facilities.all()),
        "head_count": found.roles.filter(person__is_active=True).values("person").distinct().count(),
        "may_manage": bool(can(actor, Action.MANAGE_ORGANIZATION)),
        "may_keep": bool(can(actor, Action.KEEP_HOUSE, found.pk)),
        "may_manage_people": bool(can(actor, Action.MANAGE_PEOPLE, found.pk)),
        "periods": MembershipPeriod.objects.visible_to(person_of(request)).filter(organization=found),
        "form": form,
    }
    return render(request, "members/organization.html", page)


@needs(Action.MANAGE_ORGANIZATION)
def deactivate(request: HttpRequest, slug: str) -> HttpResponse:
    """Asks once, then does it."""
    found, by = visible(request, slug), person_of(request)
    if request.method != "POST":
        return render(request, "members/organization_deactivate.html", {"organization": found})
    done = f"{found.name} is deactivated. Its people are signed out."
    carry_out(request, lambda: services.deactivate_organization(by=by, organization=found), done)
    return redirect(found)


@require_POST
@needs(Action.MANAGE_ORGANIZATION)
def reactivate(request: HttpRequest, slug: str) -> HttpResponse:
    found, by = visible(request, slug), person_of(request)
    done = f"{found.name} is active again."
    carry_out(request, lambda: services.reactivate_organization(by=by, organization=found), done)
    return redirect(found)


def visible(request: HttpRequest, slug: str) -> Organization:
    """The organization, or 404 for outsiders as for one that does not exist."""
    return get_object_or_404(Organization.objects.visible_to(person_of(request)), slug=slug)
