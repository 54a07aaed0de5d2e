"""Reviews and remarks over REST: the same services as the pages."""

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from knowledge import services
from knowledge.models import Remark, Review, Revision
from knowledge.review_serializers import (
    AddBody,
    DecideBody,
    MyReviewShape,
    NothingBody,
    RemarkBody,
    RemarkShape,
    ReplaceBody,
    ReviewedRevision,
    ReviewShape,
    SubmitBody,
    WithdrawnShape,
)
from knowledge.reviewpage import remarks_of
from knowledge.services.publishing import require_editor
from knowledge.services.reviewing import require_decider
from portal.common.rest import HEADER, Pages, once
from portal.members.models import Person

IDEMPOTENCY = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, description="The same key twice is one write, and gives the same answer."
)
PROBLEM = {(code, "application/problem+json"): OpenApiTypes.OBJECT for code in (400, 401, 403, 404, 409)}
PAGES = [OpenApiParameter("page", int), OpenApiParameter("page_size", int, description="At most 100")]
LARGEST = 1_000_000
LARGEST_KEY = 2**62


def person_of(request: Request) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def draft_of(request: Request, slug: str, number: int) -> Revision:
    """A revision that an editor may submit; one that has left draft too, so that its state is the answer."""
    person = person_of(request)
    rows = Revision.objects.visible_to(person) if person.actor.is_editor else Revision.objects.none()
    return _one(rows, slug, number)


def reviewed(request: Request, slug: str, number: int) -> Revision:
    """A revision whose review the person may open; 404 otherwise."""
    return _one(Revision.objects.under_review_for(person_of(request)), slug, number)


def _one(rows: Any, slug: str, number: int) -> Revision:
    found: Revision | None = (
        rows.filter(document__slug=slug, number=min(number, LARGEST))
        .select_related("document", "author", "based_on")
        .prefetch_related(
            "recommendations", "references", "reviews__reviewer", "reviews__deputy", "reviews__decided_by"
        )
        .first()
    )
    if found is None:
        raise Http404
    return found


def values_of(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    body = shape(data=request.data or {})
    body.is_valid(raise_exception=True)
    values: dict[str, Any] = body.validated_data
    return values


class MyReviews(APIView):
    serializer_class = MyReviewShape
    pagination_class = Pages

    @extend_schema(
        operation_id="reviews_list",
        parameters=[OpenApiParameter("waiting", bool, description="Only those that are waited for"), *PAGES],
        responses={200: MyReviewShape(many=True), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """My reviews and those I stand in for, the first due first."""
        rows = Review.objects.for_person(person_of(request), timezone.now())
        if request.query_params.get("waiting", "").lower() in ("1", "true", "yes"):
            rows = rows.waited_for()
        rows = rows.select_related("revision__document", "reviewer", "deputy", "decided_by").order_by("due_on", "pk")
        pages = Pages()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(MyReviewShape(page, many=True).data)


class ReviewedView(APIView):
    @extend_schema(operation_id="documents_revisions_review", responses={200: ReviewedRevision, **PROBLEM})
    def get(self, request: Request, slug: str, number: int) -> Response:
        """A revision under review with its text and its reviews, for editors and those asked to review it."""
        return Response(ReviewedRevision(reviewed(request, slug, number)).data)


class Submit(APIView):
    @extend_schema(
        operation_id="documents_revisions_submit",
        request=SubmitBody,
        parameters=[IDEMPOTENCY],
        responses={200: ReviewedRevision, **PROBLEM},
    )
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Send a draft to review: its text is frozen and the reviewers are asked."""
        return once(request, lambda: self._submit(request, slug, number))

    def _submit(self, request: Request, slug: str, number: int) -> Response:
        revision, values = draft_of(request, slug, number), values_of(SubmitBody, request)
        named = [(row["reviewer"], row["deputy"]) for row in values["reviewers"]]
        services.submit_revision(revision=revision, reviewers=named, due_on=values["due_on"], by=person_of(request))
        return Response(ReviewedRevision(reviewed(request, slug, number)).data)


class Withdraw(APIView):
    @extend_schema(
        operation_id="documents_revisions_withdraw",
        request=NothingBody,
        parameters=[IDEMPOTENCY],
        responses={200: WithdrawnShape, **PROBLEM},
    )
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Take a revision out of review: it is kept as history, and a draft goes on from it."""
        return once(request, lambda: self._withdraw(request, slug, number))

    def _withdraw(self, request: Request, slug: str, number: int) -> Response:
        draft = services.withdraw_submission(revision=reviewed(request, slug, number), by=person_of(request))
        return Response(WithdrawnShape({"returned": number, "draft": draft.number}).data)


class Reviews(APIView):
    @extend_schema(operation_id="documents_reviews_list", responses={200: ReviewShape(many=True), **PROBLEM})
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Who reviews it, and who decided what."""
        return Response(ReviewShape(reviewed(request, slug, number).reviews.all(), many=True).data)

    @extend_schema(
        operation_id="documents_reviews_create",
        request=AddBody,
        parameters=[IDEMPOTENCY],
        responses={201: ReviewShape, **PROBLEM},
    )
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Ask one more person to review it."""
        return once(request, lambda: self._add(request, slug, number))

    def _add(self, request: Request, slug: str, number: int) -> Response:
        revision = reviewed(request, slug, number)
        require_editor(person_of(request))
        review = services.add_reviewer(revision=revision, by=person_of(request), **values_of(AddBody, request))
        return Response(ReviewShape(review).data, status=201)


class ReviewAct(APIView):
    """One act on one review. Subclasses name its body and its service, and say whether it is for editors."""

    body: type[serializers.Serializer[Any]]
    service: Callable[..., object]
    for_editors: bool

    def post(self, request: Request, slug: str, number: int, pk: int) -> Response:
        return once(request, lambda: self._act(request, slug, number, pk))

    def _act(self, request: Request, slug: str, number: int, pk: int) -> Response:
        rows = reviewed(request, slug, number).reviews.filter(pk=min(pk, LARGEST_KEY))
        review = rows.select_related("revision__document", "reviewer").first()
        if review is None:
            raise Http404
        if self.for_editors:
            require_editor(person_of(request))
        elif not review.decision:
            require_decider(review, person_of(request))
        type(self).service(review=review, by=person_of(request), **values_of(self.body, request))
        return Response(ReviewShape(rows.select_related("reviewer", "deputy", "decided_by").get()).data)


def act(
    name: str, body: type[serializers.Serializer[Any]], service: Callable[..., object], *, for_editors: bool = True
) -> type[ReviewAct]:
    """The view of one act, described in the schema by the first sentence of its service."""
    attributes = {"body": body, "service": staticmethod(service), "for_editors": for_editors}
    view = type(f"Review{name.title()}View", (ReviewAct,), attributes)
    described = extend_schema(
        operation_id=f"documents_reviews_{name}",
        summary=(service.__doc__ or name).partition(".")[0],
        request=body,
        parameters=[IDEMPOTENCY],
        responses={200: ReviewShape, **PROBLEM},
    )
    return extend_schema_view(post=described)(view)


ACTS = {
    "decide": act("decide", DecideBody, services.decide, for_editors=False),
    "replace": act("replace", ReplaceBody, services.replace_reviewer),
    "claim": act("claim", NothingBody, services.claim_review),
    "remind": act("remind", NothingBody, services.remind_reviewer),
}


class Remarks(APIView):
    @extend_schema(operation_id="documents_remarks_list", responses={200: RemarkShape(many=True), **PROBLEM})
    def get(self, request: Request, slug: str, number: int) -> Response:
        """What was remarked on a revision, oldest first, with replies."""
        return Response(RemarkShape(remarks_of(reviewed(request, slug, number)), many=True).data)

    @extend_schema(
        operation_id="documents_remarks_create",
        request=RemarkBody,
        parameters=[IDEMPOTENCY],
        responses={201: RemarkShape, **PROBLEM},
    )
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Remark on words of a place, on a whole place, or on the whole; or reply to a remark, which is given back."""
        return once(request, lambda: self._add(request, slug, number))

    def _add(self, request: Request, slug: str, number: int) -> Response:
        revision, values = reviewed(request, slug, number), values_of(RemarkBody, request)
        parent = values.pop("reply_to")
        values["parent"] = _remark(revision, parent) if parent is not None else None
        remark = services.add_remark(revision=revision, by=person_of(request), **values)
        shown = next(row for row in remarks_of(revision) if row.pk in (remark.pk, remark.parent_id))
        return Response(RemarkShape(shown).data, status=201)


class SettleRemark(APIView):
    """Settle a remark, or open it again."""

    service: Callable[..., Remark]

    def post(self, request: Request, slug: str, number: int, pk: int) -> Response:
        return once(request, lambda: self._settle(request, slug, number, pk))

    def _settle(self, request: Request, slug: str, number: int, pk: int) -> Response:
        revision = reviewed(request, slug, number)
        remark = type(self).service(remark=_remark(revision, pk), by=person_of(request))
        return Response(RemarkShape(next(row for row in remarks_of(revision) if row.pk == remark.pk)).data)


def settling(name: str, service: Callable[..., Remark]) -> type[SettleRemark]:
    view = type(f"Remark{name.title()}View", (SettleRemark,), {"service": staticmethod(service)})
    described = extend_schema(
        operation_id=f"documents_remarks_{name}",
        summary=(service.__doc__ or name).partition(".")[0],
        request=NothingBody,
        parameters=[IDEMPOTENCY],
        responses={200: RemarkShape, **PROBLEM},
    )
    return extend_schema_view(post=described)(view)


SETTLING = {
    "resolve": settling("resolve", services.resolve_remark),
    "reopen": settling("reopen", services.reopen_remark),
}


def _remark(revision: Revision, pk: int) -> Remark:
    found = revision.remarks.filter(pk=max(0, min(pk, LARGEST_KEY))).select_related("revision").first()
    if found is None:
        raise Http404
    return found
