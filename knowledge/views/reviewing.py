"""The review of one revision: its page, deciding, and what editors do about its reviewers."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from knowledge.models import Review, Revision
from knowledge.rendering import rendered
from knowledge.reviewforms import DecideForm, People, RemarkForm, ReplyForm, ReviewerForm
from knowledge.reviewpage import place_choices, published_before, remarked, remarks_of, rows_of
from knowledge.services import (
    add_reviewer,
    claim_review,
    decide,
    remind_reviewer,
    replace_reviewer,
    withdraw_submission,
)
from knowledge.views.history import VIEWS, compared
from portal.common.notices import mark_read_at
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.access import needs, person_of, signed_in
from portal.members.kept import take
from portal.members.policy import Action
from portal.members.views.helpers import attempt, carry_out

_LARGEST_NUMBER = 1_000_000
State = Revision.State


@signed_in
@require_safe
def review(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A revision with its differences, the remarks on it, and who has decided what."""
    revision = reviewed(request, slug, number)
    mark_read_at(person_of(request), request.path)
    return page(request, revision)


def reviewed(request: HttpRequest, slug: str, number: int) -> Revision:
    """The revision, if this person may open its review; 404 otherwise, as if it did not exist."""
    revisions = Revision.objects.under_review_for(person_of(request))
    revisions = revisions.select_related("document__current_revision", "author", "submitted_by", "based_on")
    return get_object_or_404(revisions, document__slug=slug, number=min(number, _LARGEST_NUMBER))


def address_of(revision: Revision, name: str = "review", *more: int) -> str:
    return reverse(name, args=[revision.document.slug, revision.number, *more])


def page(
    request: HttpRequest, revision: Revision, bound: Mapping[str, Any] = MappingProxyType({}), *, status: int = 200
) -> HttpResponse:
    """The page of a review; ``bound`` holds the forms that were sent and need attention, by name."""
    person, document = person_of(request), revision.document
    recommendations, remarks, rows = (
        list(revision.recommendations.all()),
        remarks_of(revision),
        rows_of(revision, person),
    )
    body = rendered(revision)
    before = revision.based_on or published_before(revision)
    is_editor, is_open = person.actor.is_editor, revision.state == State.IN_REVIEW
    people = People(revision) if is_editor and is_open else None
    for remark in remarks:
        remark.form = _reply_form(request, revision, remark.pk, bound)  # type: ignore[attr-defined]
    place = request.GET.get("place", "")
    context = {
        "document": document,
        "revision": revision,
        "current": document.current_revision,
        "pair": (before, revision) if before else None,
        "compared": compared(before, revision) if before else None,
        "view": "side" if request.GET.get("view") == "side" else "inline",
        "views": VIEWS,
        "body": body,
        "remarked": remarked(recommendations, body.html, remarks),
        "references": list(revision.references.all()),
        "score_items": revision.calculator["items"] if revision.calculator else [],
        "contributors": list(revision.contributors.all()),
        "rows": [(row, _reviewer_form(people, row.review, bound)) for row in rows],
        "mine": next((row for row in rows if row.may_decide), None),
        "approvals": sum(row.review.decision == Review.Decision.APPROVED for row in rows),
        "is_open": is_open,
        "may_settle": revision.published_at is None,
        "may_manage": is_editor and is_open,
        "may_withdraw": is_editor and revision.state in (State.IN_REVIEW, State.APPROVED),
        "follows_on": document.revisions.filter(state=State.DRAFT).first() if is_editor else None,
        "decide_form": bound.get("decide") or DecideForm(take(request, address_of(revision, "review-decide"))),
        "remark_form": bound.get("remark")
        or RemarkForm(
            take(request, address_of(revision, "review-remark")),
            places=place_choices(recommendations),
            initial={"place": place},
        ),
        "add_form": bound.get("add") or (ReviewerForm(people=people, place="add") if people else None),
    }
    return render(request, "knowledge/review.html", context, status=status)


def _reply_form(request: HttpRequest, revision: Revision, remark: int, bound: Mapping[str, Any]) -> ReplyForm:
    sent: ReplyForm | None = bound.get(f"reply-{remark}")
    return sent or ReplyForm(take(request, address_of(revision, "remark-reply", remark)), remark=remark)


def _reviewer_form(people: People | None, review: Review, bound: Mapping[str, Any]) -> ReviewerForm | None:
    sent: ReviewerForm | None = bound.get(f"replace-{review.pk}")
    if people is None or review.decision:
        return None
    return sent or ReviewerForm(people=people, place=f"replace-{review.pk}", review=review)


@signed_in
@require_POST
def decide_review(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Approve, or ask for changes."""
    revision, person = reviewed(request, slug, number), person_of(request)
    mine = next((row.review for row in rows_of(revision, person) if row.may_decide), None)
    form = DecideForm(request.POST)
    if mine is None:
        if revision.state == State.IN_REVIEW:
            raise PermissionDenied("No review of this revision waits for your decision.")
        messages.error(request, f"This revision is not in review any more: {revision.get_state_display().lower()}.")
        return page(request, revision, {"decide": form}, status=409)
    if not form.is_valid():
        return page(request, revision, {"decide": form})
    try:
        after = decide(review=mine, by=person, **form.cleaned_data)
    except Invalid as error:
        for field, text in error.fields.items():
            form.add_error(field, text)
        return page(request, revision, {"decide": form})
    except (Conflict, Refused) as error:
        messages.error(request, str(error))
        return page(request, reviewed(request, slug, number), {"decide": form}, status=409)
    messages.success(request, _said(after))
    return redirect(address_of(revision))


def _said(revision: Revision) -> str:
    if revision.state == State.RETURNED:
        return "You asked for changes. The author was told and goes on in a new draft."
    return "Approved. It can be published now." if revision.state == State.APPROVED else "Your approval is recorded."


@needs(Action.EDIT_DOCUMENTS)
@require_POST
def withdraw(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Take it back out of review; the work goes on in the draft."""
    revision = reviewed(request, slug, number)
    try:
        withdraw_submission(revision=revision, by=person_of(request))
    except (Conflict, Refused) as error:
        messages.error(request, str(error))
        return redirect(address_of(revision))
    messages.success(request, f"Revision {number} is withdrawn and kept as history. This draft goes on from it.")
    return redirect("document-draft", slug=slug)


@needs(Action.EDIT_DOCUMENTS)
@require_POST
def add(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Name one more reviewer."""
    revision = reviewed(request, slug, number)
    form = ReviewerForm(request.POST, people=People(revision), place="add")
    if form.is_valid():
        values, by = form.cleaned_data, person_of(request)
        if attempt(form, lambda: add_reviewer(revision=revision, by=by, **values)):
            messages.success(request, f"{values['reviewer'].name} is asked to review it.")
            return redirect(address_of(revision))
    return page(request, revision, {"add": form})


@needs(Action.EDIT_DOCUMENTS)
@require_POST
def replace(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    """Name another reviewer, deputy or day."""
    revision = reviewed(request, slug, number)
    row = get_object_or_404(revision.reviews.select_related("revision"), pk=pk)
    form = ReviewerForm(request.POST, people=People(revision), place=f"replace-{pk}", review=row)
    if form.is_valid():
        values, by = form.cleaned_data, person_of(request)
        if attempt(form, lambda: replace_reviewer(review=row, by=by, **values)):
            messages.success(request, f"{values['reviewer'].name} reviews it.")
            return redirect(address_of(revision))
    return page(request, revision, {f"replace-{pk}": form})


def button(service: Callable[..., object], done: str) -> Callable[..., HttpResponseRedirect]:
    """The view of a single button at one review."""

    @needs(Action.EDIT_DOCUMENTS)
    @require_POST
    def pressed(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
        revision = reviewed(request, slug, number)
        row = get_object_or_404(revision.reviews.select_related("revision", "reviewer"), pk=pk)
        carry_out(request, lambda: service(review=row, by=person_of(request)), done.format(name=row.reviewer.name))
        return redirect(address_of(revision))

    return pressed  # type: ignore[return-value]


claim = button(claim_review, "The review is yours. {name} was told.")
remind = button(remind_reviewer, "A reminder is on its way.")
