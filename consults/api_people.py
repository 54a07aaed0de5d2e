"""People around a consult, and what follows from the answer, over REST: the same services as the pages."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults import results
from consults.api import IDEMPOTENCY, PROBLEM, person_of
from consults.models import BillingDecision, Consult, PeerReview
from consults.serializers import BriefPerson, NoBody
from consults.services import deciding, leaving, people, reviewing, thanking
from knowledge.models import Document
from portal.common import present
from portal.common.rest import once
from portal.members.models import Person, Specialty
from portal.members.policy import can_deactivate


class PersonBody(serializers.Serializer[Any]):
    person = serializers.IntegerField(help_text="The colleague's identifier")


class Watching(serializers.Serializer[Any]):
    """Those of the requester's practice who follow a consult, and for whom it was written."""

    requester = BriefPerson()
    on_behalf_of = BriefPerson(allow_null=True)
    written_by = BriefPerson(allow_null=True)
    watchers = BriefPerson(many=True)


class Left(serializers.Serializer[Any]):
    unfinished = serializers.IntegerField()
    heirs = BriefPerson(many=True)


class ConditionShape(serializers.Serializer[Any]):
    text = serializers.CharField()
    met = serializers.BooleanField(allow_null=True, help_text="null: nobody has said yet")


class BillingShape(serializers.Serializer[Any]):
    minutes = serializers.IntegerField()
    suggested = serializers.CharField(allow_blank=True)
    conditions = ConditionShape(many=True)
    decided = serializers.CharField(allow_null=True, help_text="The code confirmed; empty where none is billed")
    decided_minutes = serializers.IntegerField(allow_null=True, help_text="The minutes it was decided on")
    to_confirm = serializers.BooleanField(help_text="Decided on other minutes than these: to be confirmed anew")
    refused_because = serializers.CharField(allow_blank=True)


class BillingBody(serializers.Serializer[Any]):
    """``refused_because`` refuses the code; without it, the code is confirmed."""

    seen = serializers.BooleanField(allow_null=True, default=None)
    billed_lately = serializers.BooleanField(allow_null=True, default=None)
    consent = serializers.BooleanField(default=False)
    refused_because = serializers.CharField(max_length=200, allow_blank=True, default="")


class DecisionShape(serializers.ModelSerializer[BillingDecision]):
    number = serializers.CharField(source="consult.number")
    specialist = BriefPerson()
    minutes = serializers.IntegerField(source="minutes_now", help_text="As they are on record now")
    decided_minutes = serializers.IntegerField(source="minutes", help_text="Those it was decided on")
    to_confirm = serializers.SerializerMethodField(help_text="The two differ: the specialist confirms it anew")

    class Meta:
        model = BillingDecision
        fields = (
            "number",
            "specialist",
            "minutes",
            "decided_minutes",
            "to_confirm",
            "code",
            "refused_because",
            "decided_at",
        )

    def get_to_confirm(self, row: BillingDecision) -> bool:
        minutes: int = row.minutes_now  # type: ignore[attr-defined] # annotated by decided_in
        return deciding.is_stale(row, minutes=minutes)


class SurveyShare(serializers.Serializer[Any]):
    answer = serializers.CharField(source="label")
    n = serializers.IntegerField()
    of = serializers.IntegerField()
    percent = serializers.IntegerField()


class CloseOutFigures(serializers.Serializer[Any]):
    n = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True, help_text="Median, of 5")
    seconds = serializers.FloatField(allow_null=True, help_text="Median time to fill in the survey")
    courses = SurveyShare(many=True)
    referrals = SurveyShare(many=True)


class UsedShape(serializers.Serializer[Any]):
    document = serializers.CharField(source="document.slug")
    readers = serializers.IntegerField()
    answered = serializers.IntegerField()
    thanked = serializers.IntegerField()


class MyResultsShape(serializers.Serializer[Any]):
    results = CloseOutFigures()
    comments = serializers.ListField(child=serializers.CharField())
    faqs = UsedShape(many=True)


class PeerReviewShape(serializers.ModelSerializer[PeerReview]):
    number = serializers.CharField(source="consult.number")
    specialist = BriefPerson()
    reviewer = BriefPerson(allow_null=True)
    scores = serializers.DictField(child=serializers.IntegerField(allow_null=True))

    class Meta:
        model = PeerReview
        fields = ("number", "month", "specialist", "reviewer", "scores", "note", "done_at")


class PeerReviewsShape(serializers.Serializer[Any]):
    to_do = PeerReviewShape(many=True)
    done = PeerReviewShape(many=True)


class ReviewBody(serializers.Serializer[Any]):
    """Each of the ten items: 1 to 5, or null where it does not apply."""

    scores = serializers.DictField(child=serializers.IntegerField(allow_null=True))
    note = serializers.CharField(max_length=reviewing.MAX_NOTE, allow_blank=True, default="")


class PercentBody(serializers.Serializer[Any]):
    percent = serializers.IntegerField(min_value=0, max_value=100)


def _practice(request: Request, number: str) -> Consult:
    person = person_of(request)
    rows = Consult.objects.visible_to(person).exclude(state=Consult.State.DRAFT)
    return get_object_or_404(rows.filter(organization__in=person.actor.clinician_in), number=number)


def _colleague(request: Request, row: Consult) -> Person:
    body = PersonBody(data=request.data)
    body.is_valid(raise_exception=True)
    found = people.colleagues(row.organization_id).filter(pk=body.validated_data["person"]).first()
    if found is None:
        raise serializers.ValidationError({"person": "Choose a clinician of your own organization."})
    return found


def _around(row: Consult) -> Response:
    row = Consult.objects.select_related("requester", "on_behalf__colleague", "on_behalf__written_by").get(pk=row.pk)
    behalf = getattr(row, "on_behalf", None)
    shown = {
        "requester": row.requester,
        "on_behalf_of": behalf and behalf.colleague,
        "written_by": behalf and behalf.written_by,
        "watchers": [one.person for one in row.watchers.select_related("person")],
    }
    return Response(Watching(shown).data)


class People(APIView):
    @extend_schema(operation_id="consults_people", responses={200: Watching, **PROBLEM})
    def get(self, request: Request, number: str) -> Response:
        """Who follows a consult: for clinicians of its organization who may read it."""
        return _around(_practice(request, number))


class Watch(APIView):
    @extend_schema(
        operation_id="consults_watch",
        request=PersonBody,
        parameters=[IDEMPOTENCY],
        responses={200: Watching, **PROBLEM},
    )
    def post(self, request: Request, number: str) -> Response:
        """Let a colleague follow, or follow oneself."""

        def write() -> Response:
            row = _practice(request, number)
            people.watch(row, by=person_of(request), person=_colleague(request, row), at=present.now())
            return _around(row)

        return once(request, write)


class Unwatch(APIView):
    @extend_schema(
        operation_id="consults_unwatch",
        request=PersonBody,
        parameters=[IDEMPOTENCY],
        responses={200: Watching, **PROBLEM},
    )
    def post(self, request: Request, number: str) -> Response:
        """Stop following; the requester may end it for a colleague."""

        def write() -> Response:
            row = _practice(request, number)
            people.unwatch(row, by=person_of(request), person=_colleague(request, row))
            return _around(row)

        return once(request, write)


class PassOn(APIView):
    @extend_schema(
        operation_id="consults_pass_on",
        request=PersonBody,
        parameters=[IDEMPOTENCY],
        responses={200: Watching, **PROBLEM},
    )
    def post(self, request: Request, number: str) -> Response:
        """Hand one's unfinished consult to a colleague. The clock goes on."""

        def write() -> Response:
            row = _practice(request, number)
            people.pass_on(row, by=person_of(request), to=_colleague(request, row), at=present.now())
            return _around(row)

        return once(request, write)


class PersonConsults(APIView):
    @extend_schema(operation_id="people_consults", responses={200: Left, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """How many consults a person has not finished, and who may take them over: for their administrators."""
        return self._left(self._member(request, pk))

    @extend_schema(
        operation_id="people_consults_hand_on",
        request=PersonBody,
        parameters=[IDEMPOTENCY],
        responses={200: Left, **PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Hand everything they have not finished to a colleague."""

        def write() -> Response:
            member, body = self._member(request, pk), PersonBody(data=request.data)
            body.is_valid(raise_exception=True)
            to = leaving.heirs(member).filter(pk=body.validated_data["person"]).first()
            if to is None:
                raise serializers.ValidationError({"person": "Choose a clinician of the same organization."})
            leaving.hand_on(member, by=person_of(request), to=to, at=present.now())
            return self._left(member)

        return once(request, write)

    def _member(self, request: Request, pk: int) -> Person:
        by = person_of(request)
        member = get_object_or_404(Person.objects.visible_to(by), pk=pk)
        if not can_deactivate(by.actor, member.actor):
            raise Http404
        return member

    def _left(self, member: Person) -> Response:
        return Response(Left({"unfinished": leaving.unfinished(member), "heirs": leaving.heirs(member)}).data)


class Billing(APIView):
    @extend_schema(operation_id="consults_billing", responses={200: BillingShape, **PROBLEM})
    def get(self, request: Request, number: str) -> Response:
        """The code suggested for one's own minutes, with its conditions."""
        return self._shown(self._mine(request, number), person_of(request), deciding.Said())

    @extend_schema(
        operation_id="consults_billing_decide",
        request=BillingBody,
        parameters=[IDEMPOTENCY],
        responses={200: BillingShape, **PROBLEM},
    )
    def post(self, request: Request, number: str) -> Response:
        """Confirm the code, or refuse it with a reason."""

        def write() -> Response:
            row, by, body = self._mine(request, number), person_of(request), BillingBody(data=request.data)
            body.is_valid(raise_exception=True)
            values = dict(body.validated_data)
            why = values.pop("refused_because")
            said = deciding.Said(**values)
            deciding.decide(row, by=by, said=said, refused_because=why, is_refused=bool(why), at=present.now())
            return self._shown(row, by, said)

        return once(request, write)

    def _mine(self, request: Request, number: str) -> Consult:
        by = person_of(request)
        row = get_object_or_404(Consult.objects.visible_to(by), number=number)
        if not by.actor.specialist_in or not deciding.minutes_of(row, by):
            raise Http404
        return row

    def _shown(self, row: Consult, by: Person, said: deciding.Said) -> Response:
        found = deciding.suggestion(row, person=by, said=said)
        decision = BillingDecision.objects.filter(consult=row, specialist=by).first()
        minutes = deciding.minutes_of(row, by)
        shown = {
            "minutes": minutes,
            "suggested": found.code,
            "conditions": found.conditions,
            "decided": decision.code if decision else None,
            "decided_minutes": decision.minutes if decision else None,
            "to_confirm": bool(decision and deciding.is_stale(decision, minutes=minutes)),
            "refused_because": decision.refused_because if decision else "",
        }
        return Response(BillingShape(shown).data)


class BillingMonth(APIView):
    @extend_schema(
        operation_id="billing_list",
        parameters=[OpenApiParameter("month", str, description="Such as 2026-11; the present one unless given")],
        responses={200: DecisionShape(many=True), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """A month of decisions: for section leads and the network's administrators."""
        by = person_of(request)
        if not deciding.may_export(by):
            raise Http404
        rows = deciding.decided_in(deciding.month_of(request.query_params.get("month", ""), now=timezone.now()), by=by)
        return Response(DecisionShape(rows, many=True).data)


class MyResults(APIView):
    @extend_schema(operation_id="my_results", responses={200: MyResultsShape, **PROBLEM})
    def get(self, request: Request) -> Response:
        """What requesters said of one's own answers, and how the FAQs that grew from them are used."""
        by = person_of(request)
        if not by.actor.specialist_in:
            raise Http404
        rows = thanking.close_outs(by)
        shown = {
            "results": results.results(rows),
            "comments": [row.comment for row in rows if row.comment],
            "faqs": thanking.of_author(by),
        }
        return Response(MyResultsShape(shown).data)


class Reviews(APIView):
    @extend_schema(operation_id="peer_reviews", responses={200: PeerReviewsShape, **PROBLEM})
    def get(self, request: Request) -> Response:
        """Reviews one may write, and results one may read."""
        by = person_of(request)
        if not by.actor.specialist_in:
            raise Http404
        whole = ("consult", "specialist", "reviewer")
        shown = {
            "to_do": PeerReview.objects.to_do_by(by).select_related(*whole).distinct(),
            "done": PeerReview.objects.visible_to(by).select_related(*whole)[:1000],
        }
        return Response(PeerReviewsShape(shown).data)


class Review(APIView):
    @extend_schema(
        operation_id="peer_review_write",
        request=ReviewBody,
        parameters=[IDEMPOTENCY],
        responses={200: PeerReviewShape, **PROBLEM},
    )
    def post(self, request: Request, number: str) -> Response:
        """Write a review of a colleague's answer, once."""

        def write() -> Response:
            by = person_of(request)
            row = PeerReview.objects.to_do_by(by).filter(consult__number=number).first()
            if row is None:
                raise Http404
            body = ReviewBody(data=request.data)
            body.is_valid(raise_exception=True)
            done = reviewing.write(row, by=by, at=present.now(), **body.validated_data)
            return Response(PeerReviewShape(done).data)

        return once(request, write)


class ReviewShareView(APIView):
    @extend_schema(
        operation_id="peer_review_share",
        request=PercentBody,
        parameters=[IDEMPOTENCY],
        responses={200: PercentBody, **PROBLEM},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Set how many percent of a specialty's closed consults are drawn: its section lead."""

        def write() -> Response:
            by = person_of(request)
            specialty = get_object_or_404(Specialty, slug=slug, pk__in=by.actor.leads)
            body = PercentBody(data=request.data)
            body.is_valid(raise_exception=True)
            reviewing.set_share(specialty, by=by, at=present.now(), **body.validated_data)
            return Response(body.data)

        return once(request, write)


class ThankView(APIView):
    @extend_schema(operation_id="documents_thank", request=NoBody, responses={204: None, **PROBLEM})
    def post(self, request: Request, slug: str) -> Response:
        """Thank for a published FAQ."""
        document = get_object_or_404(Document.objects.visible_to(person_of(request)), slug=slug)
        thanking.thank(document, by=person_of(request))
        return Response(status=204)

    @extend_schema(operation_id="documents_unthank", responses={204: None, **PROBLEM})
    def delete(self, request: Request, slug: str) -> Response:
        """Take one's thanks back."""
        document = get_object_or_404(Document.objects.visible_to(person_of(request)), slug=slug)
        thanking.unthank(document, by=person_of(request))
        return Response(status=204)
