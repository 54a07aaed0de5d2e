"""Remarks on a revision: made, answered, settled and opened again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from knowledge.models import Remark, Revision
from knowledge.reviewforms import RemarkForm, ReplyForm
from knowledge.reviewpage import place_choices
from knowledge.services import add_remark, reopen_remark, resolve_remark
from knowledge.views.reviewing import address_of, page, reviewed
from portal.members.access import person_of, signed_in
from portal.members.views.helpers import attempt, carry_out


@signed_in
@require_POST
def remark(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Remark on a place, or on words of it."""
    revision, by = reviewed(request, slug, number), person_of(request)
    form = RemarkForm(request.POST, places=place_choices(revision.recommendations.all()))
    if form.is_valid():
        made: list[Remark] = []
        if attempt(form, lambda: made.append(add_remark(revision=revision, by=by, **form.cleaned_data))):
            messages.success(request, "Your remark stands below its passage.")
            return redirect(f"{address_of(revision)}#remark-{made[0].pk}")
    return page(request, revision, {"remark": form})


@signed_in
@require_POST
def reply(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    revision, by = reviewed(request, slug, number), person_of(request)
    parent, form = _remark(revision, pk), ReplyForm(request.POST, remark=pk)
    text = form.cleaned_data.get("text", "") if form.is_valid() else ""
    if form.is_valid() and attempt(form, lambda: add_remark(revision=revision, parent=parent, text=text, by=by)):
        return redirect(f"{address_of(revision)}#remark-{pk}")
    return page(request, revision, {f"reply-{pk}": form})


@signed_in
@require_POST
def resolve(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    revision, by = reviewed(request, slug, number), person_of(request)
    found = _remark(revision, pk)
    carry_out(request, lambda: resolve_remark(remark=found, by=by), "The remark is settled.")
    return _back(request, revision, pk)


@signed_in
@require_POST
def reopen(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    revision, by = reviewed(request, slug, number), person_of(request)
    found = _remark(revision, pk)
    carry_out(request, lambda: reopen_remark(remark=found, by=by), "The remark is open again.")
    return _back(request, revision, pk)


def _remark(revision: Revision, pk: int) -> Remark:
    return get_object_or_404(revision.remarks.select_related("revision"), pk=pk, parent=None)


def _back(request: HttpRequest, revision: Revision, pk: int) -> HttpResponseRedirect:
    """To the page the button stood on, when it is one of ours."""
    asked = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None, require_https=request.is_secure())
    return redirect(asked if is_ours and asked.startswith("/") else f"{address_of(revision)}#remark-{pk}")
