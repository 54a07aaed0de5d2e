"""What an organization lets its directory do here: tokens, and what the directory's groups stand for."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.members.access import person_of, signed_in
from portal.members.kept import posted_or_kept
from portal.members.models_sso import DirectoryGroup
from portal.members.services import provisioning as services
from portal.members.sso_forms import GroupRoleForm, ProvisioningTokenForm
from portal.members.views.helpers import attempt, carry_out, paged
from portal.members.views.single_sign_on import mine


@signed_in
@never_cache
def directory(request: HttpRequest, slug: str) -> HttpResponse:
    """The page; making a token asks for the password again, for it outlives the session."""
    mine(request, slug)
    if request.method != "POST":
        return _page(request, slug)
    page: HttpResponse = _make(request, slug)
    return page


@reauthentication_required  # type: ignore[untyped-decorator] # allauth has no types
def _make(request: HttpRequest, slug: str) -> HttpResponse:
    found, by, secrets = mine(request, slug), person_of(request), []
    form = ProvisioningTokenForm(posted_or_kept(request))
    if form.is_valid():
        name, at = form.cleaned_data["name"], timezone.now()
        attempt(form, lambda: secrets.append(services.make_token(by=by, organization=found, name=name, at=at)[1]))
    return _page(request, slug, form=None if secrets else form, secrets=secrets)


def _page(
    request: HttpRequest,
    slug: str,
    form: ProvisioningTokenForm | None = None,
    secrets: list[str] | None = None,
) -> HttpResponse:
    found = mine(request, slug)
    groups = paged(
        request, DirectoryGroup.objects.filter(organization=found).annotate(size=Count("members")).order_by("id")
    )
    page = {
        "organization": found,
        "form": form or ProvisioningTokenForm(posted_or_kept(request) if request.method != "POST" else None),
        "secrets": secrets or [],
        "tokens": found.provisioning_tokens.filter(revoked_at=None).select_related("created_by"),
        "page": groups,
        "groups": [(row, GroupRoleForm(initial={"role": row.role}, auto_id=f"group{row.pk}_%s")) for row in groups],
        "head_count": found.directory_people.count(),
        "address": request.build_absolute_uri("/scim/v2"),
    }
    return render(request, "members/provisioning.html", page)


@require_POST
@signed_in
def revoke(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    found, by = mine(request, slug), person_of(request)
    token = get_object_or_404(found.provisioning_tokens, pk=pk)
    done = f"The token {token.name} is revoked."
    carry_out(request, lambda: services.revoke_token(by=by, token=token, at=timezone.now()), done)
    return redirect("provisioning", slug=slug)


@require_POST
@signed_in
def group_role(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    found, by, form = mine(request, slug), person_of(request), GroupRoleForm(request.POST)
    group = get_object_or_404(found.directory_groups.select_related("organization"), pk=pk)
    if not form.is_valid():
        messages.error(request, "Choose a role from the list.")
        return redirect("provisioning", slug=slug)
    role, done = form.cleaned_data["role"], f"The group {group.name} is set."
    carry_out(request, lambda: services.say_role_of_group(by=by, group=group, role=role), done)
    return redirect("provisioning", slug=slug)
