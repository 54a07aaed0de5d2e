"""Asking to join by one's address; and, for administrators, their domains and who asks."""

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.common.notices import mark_read_at
from portal.common.refusals import Conflict
from portal.members.access import person_of, require, signed_in
from portal.members.models import Organization
from portal.members.models_domains import OrganizationDomain
from portal.members.models_roster import JoinRequest
from portal.members.policy import Action, can
from portal.members.roster_forms import ApproveForm, DomainForm, JoinForm, MailboxForm
from portal.members.services import domains
from portal.members.services import joining as services
from portal.members.views.helpers import attempt, carry_out, paged
from portal.members.views.organizations import visible


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """For anyone: the same answer for every address."""
    form = JoinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="ask_to_join"):
            form.add_error(None, "Too many requests from here. Wait a few minutes and try again.")
        else:
            values = form.cleaned_data
            services.ask_to_join(email=values["email"], name=values["name"], at=timezone.now())
            return redirect("join-sent")
    return render(request, "members/join.html", {"form": form})


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "members/join_sent.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def proof(request: HttpRequest, secret: str) -> HttpResponse:
    """Where the mailed link leads: the button proves the address, opening the page does nothing."""
    found = services.find_request(secret, now=timezone.now())
    if found is None:
        return render(request, "members/invitation_gone.html", status=404)
    if request.method != "POST":
        return render(request, "members/join_proof.html", {"row": found})
    try:
        services.prove_address(secret=secret, at=timezone.now())
    except Conflict:
        return render(request, "members/invitation_gone.html", status=404)
    return render(request, "members/join_proven.html", {"row": found})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Where the mail to whoever runs a domain leads."""
    row = domains.asked_about(token)
    if row is None:
        return render(request, "members/invitation_gone.html", status=404)
    said = ""
    if request.method == "POST":
        try:
            domains.confirm_by_link(token=token, at=timezone.now())
            said = f"Thank you. {row.domain} is confirmed as a domain of {row.organization}."
        except Conflict as error:
            said = str(error)
    return render(request, "members/domain_confirm.html", {"row": row, "said": said})


def _place(request: HttpRequest, slug: str) -> Organization:
    found = visible(request, slug)
    require(person_of(request), Action.MANAGE_PEOPLE, found.pk)
    return found


@require_safe
@signed_in
def joining(request: HttpRequest, slug: str) -> HttpResponse:
    """Who asks to join, and the organization's domains."""
    return _page(request, _place(request, slug), DomainForm())


def _page(request: HttpRequest, place: Organization, adding: DomainForm) -> HttpResponse:
    person = person_of(request)
    mark_read_at(person, request.path)
    rows = paged(request, JoinRequest.objects.visible_to(person).waiting().filter(organization=place))
    # The same choices for all, asked for once.
    choices = [("", "None"), *place.facilities.values_list("pk", "name")]
    forms = [ApproveForm(organization=place, auto_id=f"id_{row.pk}_%s") for row in rows]
    for one in forms:
        one.fields["facility"].choices = choices  # type: ignore[attr-defined]
    page = {
        "organization": place,
        "page": rows,
        "asking": list(zip(rows, forms, strict=True)),
        "domains": place.domains.select_related("confirmed_by"),
        "may_confirm": bool(can(person.actor, Action.MANAGE_ORGANIZATION)),
        "mailboxes": domains.MAILBOXES,
        "form": adding,
    }
    return render(request, "members/joining.html", page)


@require_POST
@signed_in
def add_domain(request: HttpRequest, slug: str) -> HttpResponse:
    place, by, form = _place(request, slug), person_of(request), DomainForm(request.POST)
    if form.is_valid() and attempt(
        form, lambda: domains.add_domain(by=by, organization=place, domain=form.cleaned_data["domain"])
    ):
        messages.success(request, "The domain is listed. It counts once it is confirmed.")
        return redirect("joining", slug=slug)
    return _page(request, place, form)


def _domain(request: HttpRequest, slug: str, pk: int) -> OrganizationDomain:
    rows = OrganizationDomain.objects.select_related("organization").filter(organization=_place(request, slug))
    return get_object_or_404(rows, pk=pk)


@require_POST
@signed_in
def confirm_domain(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    row, by = _domain(request, slug, pk), person_of(request)
    require(by, Action.MANAGE_ORGANIZATION)
    carry_out(
        request,
        lambda: domains.confirm_domain(by=by, row=row, at=timezone.now()),
        f"{row.domain} is confirmed as a domain of {row.organization}.",
    )
    return redirect("joining", slug=slug)


@require_POST
@signed_in
def ask_to_confirm(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    row, by, form = _domain(request, slug, pk), person_of(request), MailboxForm(request.POST)
    mailbox = form.cleaned_data["mailbox"] if form.is_valid() else ""
    done = f"A link is on its way to {mailbox}@{row.domain}."
    carry_out(request, lambda: domains.ask_to_confirm(by=by, row=row, mailbox=mailbox), done)
    return redirect("joining", slug=slug)


@require_POST
@signed_in
def remove_domain(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    row, by = _domain(request, slug, pk), person_of(request)
    carry_out(request, lambda: domains.remove_domain(by=by, row=row), f"{row.domain} is taken off the list.")
    return redirect("joining", slug=slug)


def _request(request: HttpRequest, slug: str, pk: int) -> JoinRequest:
    rows = JoinRequest.objects.visible_to(person_of(request)).filter(organization=_place(request, slug))
    return get_object_or_404(rows, pk=pk)


@require_POST
@signed_in
def approve(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    row, by = _request(request, slug, pk), person_of(request)
    form = ApproveForm(request.POST, organization=row.organization)
    if form.is_valid():
        values = form.cleaned_data
        carry_out(
            request,
            lambda: services.approve(
                by=by, row=row, role=values["role"], facility=values["facility"], at=timezone.now()
            ),
            f"An invitation is on its way to {row.email}.",
        )
    else:
        messages.error(request, "Choose a role and a facility from the lists. Nothing was sent.")
    return redirect("joining", slug=slug)


@require_POST
@signed_in
def decline(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    row, by = _request(request, slug, pk), person_of(request)
    done = f"{row.name} is told that the request was declined."
    carry_out(request, lambda: services.decline(by=by, row=row, at=timezone.now()), done)
    return redirect("joining", slug=slug)
