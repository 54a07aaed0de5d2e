"""Asking over REST: what a section asks of a question, drafts that may still lack it, and what reading answered."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults import figures, gate, read_instead
from consults.api import IDEMPOTENCY, PROBLEM, created, person_of
from consults.models import Consult
from consults.policy import may_see_reading, may_set_gate
from consults.serializers import ConsultRow, DocumentsField, LanguageField, OwnOrganizationField, PersonField
from consults.services import drafting, gating, sending, setting_aside
from consults.services.drafting import Content
from knowledge.models import Document
from portal.common import identifiers, present
from portal.common.refusals import Refused
from portal.common.rest import once
from portal.members.models import Specialty
from portal.members.policy import Denied

LONGEST = 20_000


class RuleShape(serializers.Serializer[Any]):
    """What is asked of one field. ``least`` counts characters, where the field is required."""

    need = serializers.ChoiceField(choices=list(gate.NEEDS.items()))
    least = serializers.IntegerField(min_value=0, max_value=gate.LONGEST_LEAST, default=0)
    why = serializers.CharField(max_length=gate.LONGEST_WHY, allow_blank=True, default="")


class RulesShape(serializers.Serializer[Any]):
    """By field. What is left out is as the network has it."""

    reason = RuleShape(required=False)
    question = RuleShape(required=False)
    summary = RuleShape(required=False)
    tried = RuleShape(required=False)
    results = RuleShape(required=False)
    medicines = RuleShape(required=False)


class GateShape(serializers.Serializer[Any]):
    """A section's gate. ``version`` is null where it has not said anything, and the network's holds."""

    version = serializers.IntegerField(read_only=True, allow_null=True)
    made_at = serializers.DateTimeField(read_only=True, allow_null=True)
    rules = RulesShape()
    consent = serializers.ChoiceField(choices=list(gate.CONSENTS.items()), default=gate.NO_CONSENT)


class GapShape(serializers.Serializer[Any]):
    """What a draft still lacks: which field, what to do, and why it matters."""

    field = serializers.CharField()
    act = serializers.CharField()
    why = serializers.CharField()


class FindingShape(serializers.Serializer[Any]):
    """What looks like an identifier, and the word that would stand for it."""

    kind = serializers.CharField()
    words = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    word = serializers.SerializerMethodField()

    def get_word(self, finding: identifiers.Finding) -> str:
        return identifiers.WORDS[finding.kind]


class QuestionDraft(serializers.ModelSerializer[Consult]):
    """One's own draft, with what it still lacks before it can be sent."""

    specialty = serializers.SlugRelatedField[Specialty](slug_field="slug", read_only=True, allow_null=True)
    documents = serializers.SlugRelatedField[Document](slug_field="slug", many=True, read_only=True)
    missing = serializers.SerializerMethodField()
    advice = serializers.SerializerMethodField(help_text="About the question; it never keeps it from being sent")

    class Meta:
        model = Consult
        fields = (
            "number",
            "specialty",
            "reason",
            "urgency",
            "language",
            *gate.TEXTS,
            "documents",
            "set_aside_at",
            "missing",
            "advice",
        )

    @extend_schema_field(GapShape(many=True))
    def get_missing(self, draft: Consult) -> list[dict[str, Any]]:
        return list(GapShape(gating.gaps(draft, consented=False), many=True).data)

    def get_advice(self, draft: Consult) -> str:
        return gate.advice(draft.question)


class QuestionDraftBody(serializers.Serializer[Any]):
    """A question as far as it is written. Anything may be missing."""

    specialty = serializers.SlugRelatedField(slug_field="slug", queryset=Specialty.objects.all(), required=False)
    reason = serializers.ChoiceField(choices=Consult.Reason.choices, required=False)
    urgency = serializers.ChoiceField(choices=Consult.Urgency.choices, default="standard")
    language = LanguageField()
    question = serializers.CharField(max_length=300, required=False, allow_blank=True)
    summary = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)
    tried = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)
    results = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)
    medicines = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)
    documents = DocumentsField(many=True, queryset=Document.objects.none(), required=False)
    assignee = PersonField(required=False, allow_null=True)
    organization = OwnOrganizationField(required=False)


class SendBody(serializers.Serializer[Any]):
    """What its author states: that what looks like an identifier is none, and that the patient agreed."""

    attested = serializers.BooleanField(default=False)
    consented = serializers.BooleanField(default=False)


class AnsweredBody(serializers.Serializer[Any]):
    document = serializers.CharField(max_length=200, help_text="The identifier of the document that answered it")


class TextOnly(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=LONGEST, trim_whitespace=False)


class RedactedShape(serializers.Serializer[Any]):
    findings = FindingShape(many=True)
    redacted = serializers.CharField(help_text="The text with each of them replaced. Never to be called de-identified")


class ExpectedShape(serializers.Serializer[Any]):
    """Seconds from question to answer over the last 90 days; null where fewer than eleven answers would say so."""

    n = serializers.IntegerField(allow_null=True)
    median_seconds = serializers.IntegerField(allow_null=True)
    low_seconds = serializers.IntegerField(allow_null=True, help_text="A quarter came sooner")
    high_seconds = serializers.IntegerField(allow_null=True, help_text="A quarter took longer")


class ReadRow(serializers.Serializer[Any]):
    document = serializers.SlugField()
    questions = serializers.IntegerField()


class ReadShape(serializers.Serializer[Any]):
    """How often reading answered a question. Nothing under eleven; ``total`` is null where it would give one away."""

    days = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    documents = ReadRow(many=True)
    withheld = serializers.IntegerField(help_text="Documents not shown: fewer than eleven each")


def _specialty(slug: str) -> Specialty:
    found = Specialty.objects.filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def _content(body: QuestionDraftBody) -> tuple[int | None, Content]:
    values = dict(body.validated_data)
    place = values.pop("organization", None)
    values["named_specialist"] = values.pop("assignee", None)
    return place.pk if place else None, Content(**values)


def _draft(request: Request, number: str) -> Consult:
    """One's own draft, ended by reading or not; 404 for anyone else's and for what was sent."""
    found = Consult.objects.filter(number=number, requester=person_of(request), state=Consult.State.DRAFT).first()
    if found is None:
        raise Http404
    return found


class GateView(APIView):
    @extend_schema(operation_id="gate_retrieve", responses={200: GateShape, **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """What a section asks of a question before it takes it; for everyone signed in."""
        return Response(self._shown(_specialty(slug)))

    @extend_schema(
        operation_id="gate_replace", request=GateShape, parameters=[IDEMPOTENCY], responses={200: GateShape, **PROBLEM}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Ask this from now on, as a new version; for the section lead and administrators of the network."""

        def write() -> Response:
            specialty, person = _specialty(slug), person_of(request)
            if isinstance(decision := may_set_gate(person.actor, specialty.pk), Denied):
                raise Refused(decision.reason)
            body = GateShape(data=request.data)
            body.is_valid(raise_exception=True)
            rules = {name: gate.Rule(**rule) for name, rule in body.validated_data["rules"].items()}
            gating.define(by=person, specialty=specialty, rules=rules, consent=body.validated_data["consent"])
            return Response(self._shown(specialty))

        return once(request, write)

    def _shown(self, specialty: Specialty) -> dict[str, Any]:
        version = gating.version_of(specialty.pk)
        present = version.gate if version else gate.NETWORK
        return dict(
            GateShape(
                {
                    "version": version.number if version else None,
                    "made_at": version.made_at if version else None,
                    "rules": present.as_json(),
                    "consent": present.consent,
                }
            ).data
        )


class ReadInsteadView(APIView):
    @extend_schema(operation_id="read_instead_retrieve", responses={200: ReadShape, **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """Which documents answered questions before they were asked; for the section lead, editors, administrators."""
        specialty = _specialty(slug)
        if isinstance(decision := may_see_reading(person_of(request).actor, specialty.pk), Denied):
            raise Refused(decision.reason)
        found = read_instead.figure(specialty, now=timezone.now())
        rows = [{"document": document.slug, "questions": n} for document, n in found.rows]
        shape = {
            "days": figures.WINDOW.days,
            "total": found.total,
            "documents": rows,
            "withheld": found.withheld,
        }
        return Response(ReadShape(shape).data)


class ExpectedView(APIView):
    @extend_schema(operation_id="expected_retrieve", responses={200: ExpectedShape, **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """How long a specialty's answers took lately, with their spread; for everyone signed in."""
        found = figures.expected_time(_specialty(slug).pk, now=timezone.now())
        shape = {
            "n": found.n if found.median is not None else None,
            "median_seconds": found.median and round(found.median.total_seconds()),
            "low_seconds": found.low and round(found.low.total_seconds()),
            "high_seconds": found.high and round(found.high.total_seconds()),
        }
        return Response(ExpectedShape(shape).data)


class Identifiers(APIView):
    @extend_schema(operation_id="identifiers_find", request=TextOnly, responses={200: RedactedShape, **PROBLEM})
    def post(self, request: Request) -> Response:
        """What looks like an identifier in a text, and the text with it replaced. Nothing is kept."""
        body = TextOnly(data=request.data)
        body.is_valid(raise_exception=True)
        text = body.validated_data["text"]
        shape = {"findings": identifiers.find(text), "redacted": identifiers.redact(text)[0]}
        return Response(RedactedShape(shape).data)


class Drafts(APIView):
    @extend_schema(
        operation_id="drafts_create",
        request=QuestionDraftBody,
        parameters=[IDEMPOTENCY],
        responses={201: QuestionDraft, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Keep a question that is not sent yet. No clock starts."""

        def write() -> Response:
            if not person_of(request).actor.clinician_in:
                raise Refused("Only clinicians of a member organization ask the network's specialists.")
            body = QuestionDraftBody(data=request.data, context={"request": request})
            body.is_valid(raise_exception=True)
            place, content = _content(body)
            draft = drafting.start_draft(
                by=person_of(request), organization_id=place, content=content, at=present.now()
            )
            headers = {"Location": f"/api/v1/drafts/{draft.number}/"}
            return Response(QuestionDraft(draft).data, status=201, headers=headers)

        return once(request, write)


class DraftView(APIView):
    @extend_schema(operation_id="drafts_retrieve", responses={200: QuestionDraft, **PROBLEM})
    def get(self, request: Request, number: str) -> Response:
        """One's own draft, with what it still lacks."""
        return Response(QuestionDraft(_draft(request, number)).data)

    @extend_schema(
        operation_id="drafts_replace",
        request=QuestionDraftBody,
        parameters=[IDEMPOTENCY],
        responses={200: QuestionDraft, **PROBLEM},
    )
    def post(self, request: Request, number: str) -> Response:
        """Keep it anew: what is left out is emptied."""

        def write() -> Response:
            draft, body = _draft(request, number), QuestionDraftBody(data=request.data, context={"request": request})
            body.is_valid(raise_exception=True)
            place, content = _content(body)
            row = drafting.save_draft(
                draft, by=person_of(request), content=content, at=present.now(), organization_id=place
            )
            return Response(QuestionDraft(row).data)

        return once(request, write)


class DraftSending(APIView):
    @extend_schema(
        operation_id="drafts_send", request=SendBody, parameters=[IDEMPOTENCY], responses={201: ConsultRow, **PROBLEM}
    )
    def post(self, request: Request, number: str) -> Response:
        """Send it, where it has what its section asks for. The promised time starts now."""

        def write() -> Response:
            draft, body = _draft(request, number), SendBody(data=request.data or {})
            body.is_valid(raise_exception=True)
            sent = sending.send(draft, by=person_of(request), at=present.now(), **body.validated_data)
            return created(request, sent.number)

        return once(request, write)


class DraftAnswered(APIView):
    @extend_schema(
        operation_id="drafts_answered",
        request=AnsweredBody,
        parameters=[IDEMPOTENCY],
        responses={200: QuestionDraft, **PROBLEM},
    )
    def post(self, request: Request, number: str) -> Response:
        """A document answered it: end the draft, and count that for the document without a name."""

        def write() -> Response:
            draft, body = _draft(request, number), AnsweredBody(data=request.data)
            body.is_valid(raise_exception=True)
            person = person_of(request)
            document = Document.objects.visible_to(person).filter(slug=body.validated_data["document"]).first()
            if document is None:
                raise serializers.ValidationError({"document": ["No document of this identifier."]})
            row = setting_aside.set_aside(draft, by=person, document=document, at=present.now())
            return Response(QuestionDraft(row).data)

        return once(request, write)


class DraftTakingUp(APIView):
    @extend_schema(
        operation_id="drafts_take_up", request=None, parameters=[IDEMPOTENCY], responses={200: QuestionDraft, **PROBLEM}
    )
    def post(self, request: Request, number: str) -> Response:
        """It did not answer it after all: a draft again, and not counted."""

        def write() -> Response:
            row = setting_aside.take_up(_draft(request, number), by=person_of(request), at=present.now())
            return Response(QuestionDraft(row).data)

        return once(request, write)
