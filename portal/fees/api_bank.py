"""REST: bank files and lines, reminders, and paying online. The same services as the pages."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.common.rest import Pages, once
from portal.fees import presenting_bank
from portal.fees.bankcsv import DATES, DECIMALS, Layout
from portal.fees.models import Account, BankFile, BankLine, Hold, Invoice, Payment, Reminder
from portal.fees.services import bank_booking, bank_reading, checkouts, standing
from portal.members.access import require
from portal.members.models import Person
from portal.members.policy import Action

PROBLEM = {(code, "application/problem+json"): OpenApiTypes.OBJECT for code in (400, 401, 403, 404, 409)}
KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="The same write sent twice is one")
STATE = OpenApiParameter("state", str, enum=BankLine.State.values, description="Those that wait, unless given")
LARGEST = 1_000_000


class BankFileShape(serializers.Serializer[Any]):
    """A file and what became of its lines."""

    id = serializers.IntegerField(source="file.pk")
    name = serializers.CharField(source="file.name")
    kind = serializers.CharField(source="file.kind")
    state = serializers.CharField(source="file.state")
    problem = serializers.CharField(source="file.problem")
    total = serializers.IntegerField(source="file.total")
    done = serializers.IntegerField(source="file.done")
    waiting = serializers.IntegerField(source="counts.waiting")
    confirmed = serializers.IntegerField(source="counts.confirmed")
    booked = serializers.IntegerField(source="counts.booked")
    aside = serializers.IntegerField(source="counts.aside")
    seen = serializers.IntegerField(source="counts.seen", help_text="Known from an earlier file")
    bad = serializers.ListField(source="file.bad", help_text="Pairs of a line and what is wrong with it")


class BankLineShape(serializers.ModelSerializer[BankLine]):
    """``parts`` are cents by the identifier of an invoice, as suggested; ``words`` say why."""

    organization = serializers.CharField(source="account.organization.slug", default=None, allow_null=True)
    parts = serializers.DictField(child=serializers.IntegerField())
    words = serializers.ListField(child=serializers.CharField())
    state = serializers.CharField()

    class Meta:
        model = BankLine
        fields = (
            "id",
            "file",
            "line",
            "day",
            "cents",
            "currency",
            "text",
            "payer",
            "reference",
            "state",
            "organization",
            "parts",
            "undoes",
            "score",
            "words",
            "reason",
            "payment",
            "refund",
        )


class BankLayoutAsked(serializers.Serializer[Any]):
    """Which column is what, by its name in the first line."""

    day = serializers.CharField()
    date_format = serializers.CharField(help_text=f"One of {', '.join(DATES)}")
    decimal = serializers.CharField(help_text="A point or a comma")
    amount = serializers.CharField(required=False, default="")
    direction = serializers.CharField(required=False, default="")
    credit = serializers.CharField(required=False, default="")
    debit = serializers.CharField(required=False, default="")
    text = serializers.CharField(required=False, default="")
    payer = serializers.CharField(required=False, default="")
    iban = serializers.CharField(required=False, default="")
    reference = serializers.CharField(required=False, default="")
    currency = serializers.CharField(required=False, default="")
    always = serializers.RegexField(r"^[A-Z]{3}$", required=False, default="USD")

    def validate_date_format(self, value: str) -> str:
        if value not in DATES:
            raise serializers.ValidationError("This is none of the forms of a day.")
        return value

    def validate_decimal(self, value: str) -> str:
        if value not in DECIMALS:
            raise serializers.ValidationError("Give a point or a comma.")
        return value


class BankFileAsked(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    content = serializers.CharField(max_length=LARGEST, trim_whitespace=False, help_text="The file's text")
    layout = BankLayoutAsked(required=False, help_text="For a CSV whose columns nobody has named yet")


class BankConfirmAsked(serializers.Serializer[Any]):
    lines = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=5000)


class BankConfirmShape(serializers.Serializer[Any]):
    booked = serializers.IntegerField()
    later = serializers.IntegerField(help_text="Being booked by a worker")
    left = serializers.ListField(child=serializers.IntegerField(), help_text="Lines that could not be booked")


class BankMatchAsked(serializers.Serializer[Any]):
    """``pays``: cents by the number of an invoice."""

    organization = serializers.SlugField()
    pays = serializers.DictField(child=serializers.IntegerField(min_value=1), required=False, default=dict)


class BankTakeBackAsked(serializers.Serializer[Any]):
    payment = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(max_length=300)


class BankReasonAsked(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class InvoiceHoldAsked(serializers.Serializer[Any]):
    invoice = serializers.CharField(max_length=20, help_text="Its number")
    kind = serializers.CharField(help_text="dispute or promise")
    until = serializers.DateField()
    reason = serializers.CharField(max_length=300)


class InvoiceHoldShape(serializers.ModelSerializer[Hold]):
    invoice = serializers.CharField(source="invoice.number")
    kind = serializers.CharField()

    class Meta:
        model = Hold
        fields = ("id", "invoice", "kind", "until", "reason", "made_at")


class ReminderShape(serializers.ModelSerializer[Reminder]):
    organization = serializers.CharField(source="account.organization.slug")
    invoice = serializers.CharField(source="invoice.number")
    currency = serializers.CharField(source="account.currency")
    sent_to = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Reminder
        fields = (
            "id",
            "organization",
            "invoice",
            "level",
            "since",
            "open_cents",
            "currency",
            "language",
            "sent_at",
            "sent_to",
        )


class PayOnlineShape(serializers.Serializer[Any]):
    url = serializers.URLField(help_text="The provider's page")


class OnlineRefundAsked(serializers.Serializer[Any]):
    cents = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(max_length=300)


class OnlineRefundShape(serializers.Serializer[Any]):
    refund = serializers.CharField(help_text="The provider's name for it; booked when the provider says so")


def person_of(request: Request, action: Action) -> Person:
    assert isinstance(request.user, Person)
    require(request.user, action)
    return request.user


def body_of(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    body = kind(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def found(rows: Any, **which: Any) -> Any:
    """The row, or nothing here."""
    row = rows.filter(**which).first()
    if row is None:
        raise Http404
    return row


def file_shape(file: BankFile) -> dict[str, Any]:
    return dict(BankFileShape({"file": file, "counts": presenting_bank.counts(file)}).data)


class BankFiles(APIView):
    @extend_schema(operation_id="bank_files_list", responses={200: BankFileShape(many=True), **PROBLEM})
    def get(self, request: Request) -> Response:
        """The newest twenty files of the bank."""
        person_of(request, Action.KEEP_FEES)
        return Response([file_shape(row) for row in BankFile.objects.defer("content")[:20]])

    @extend_schema(
        operation_id="bank_files_create",
        parameters=[KEY],
        request=BankFileAsked,
        responses={200: BankFileShape, 201: BankFileShape, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Bring a file: read into lines with suggestions, nothing booked. The same file again is the one there is."""
        person, asked, now = person_of(request, Action.KEEP_FEES), body_of(BankFileAsked, request), timezone.now()

        def write() -> Response:
            content = asked["content"].encode()
            file, is_new = bank_reading.bring(by=person, name=asked["name"], content=content, at=now)
            if file.state == BankFile.State.COLUMNS and "layout" in asked:
                layout = Layout(**asked["layout"])
                file = bank_reading.say_columns(file, by=person, layout=layout, at=now)
            return Response(file_shape(file), status=201 if is_new else 200)

        return once(request, write)


class BankFileView(APIView):
    @extend_schema(operation_id="bank_files_retrieve", responses={200: BankFileShape, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        person_of(request, Action.KEEP_FEES)
        return Response(file_shape(found(BankFile.objects.defer("content"), pk=pk)))


class BankLines(APIView):
    @extend_schema(
        operation_id="bank_lines_list",
        parameters=[STATE, OpenApiParameter("file", int), OpenApiParameter("page", int)],
        responses={200: BankLineShape(many=True), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Lines in one of their states, of one file or of all."""
        person_of(request, Action.KEEP_FEES)
        state = request.query_params.get("state", "")
        rows = BankLine.objects.filter(state=state if state in BankLine.State.values else "waiting")
        if (file := request.query_params.get("file", "")).isdecimal() and len(file) < 19:
            rows = rows.filter(file=int(file))
        pages = Pages()
        page = pages.paginate_queryset(rows.select_related("account__organization"), request, view=self)
        return Response(BankLineShape(page or [], many=True).data)


class BankConfirm(APIView):
    @extend_schema(
        operation_id="bank_lines_confirm",
        parameters=[KEY],
        request=BankConfirmAsked,
        responses={200: BankConfirmShape, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Book the suggestions of these lines; what is booked already is left alone."""
        person, asked = person_of(request, Action.KEEP_FEES), body_of(BankConfirmAsked, request)

        def write() -> Response:
            outcome = bank_booking.confirm(asked["lines"], by=person, at=timezone.now())
            left = [row.pk for row, _ in outcome.left]
            return Response({"booked": outcome.booked, "later": outcome.later, "left": left})

        return once(request, write)


class LineAct(APIView):
    """An act on one line of the bank."""

    asked: type[serializers.Serializer[Any]] | None = BankReasonAsked

    def act(self, line: BankLine, person: Person, asked: dict[str, Any]) -> BankLine:
        raise NotImplementedError

    def answer(self, request: Request, pk: int) -> Response:
        person = person_of(request, Action.KEEP_FEES)
        line: BankLine = found(BankLine.objects.select_related("account__organization"), pk=pk)
        asked = body_of(self.asked, request) if self.asked else {}
        return once(request, lambda: Response(BankLineShape(self.act(line, person, asked)).data))


class MatchLine(LineAct):
    asked = BankMatchAsked

    @extend_schema(
        operation_id="bank_lines_match",
        parameters=[KEY],
        request=BankMatchAsked,
        responses={200: BankLineShape, **PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Book a line as a payment of an organization; what its invoices leave stays as credit."""
        return self.answer(request, pk)

    def act(self, line: BankLine, person: Person, asked: dict[str, Any]) -> BankLine:
        accounts = Account.objects.filter(currency=line.currency)
        account: Account = found(accounts, organization__slug=asked["organization"])
        invoices = {row.number: row for row in Invoice.objects.filter(account=account, number__in=asked["pays"])}
        if missing := asked["pays"].keys() - invoices.keys():
            raise serializers.ValidationError({"pays": f"No such invoice of theirs: {', '.join(sorted(missing))}"})
        pays = {invoices[number]: cents for number, cents in asked["pays"].items()}
        return bank_booking.match_by_hand(line, by=person, account=account, pays=pays, at=timezone.now())


class TakeBackLine(LineAct):
    asked = BankTakeBackAsked

    @extend_schema(
        operation_id="bank_lines_take_back",
        parameters=[KEY],
        request=BankTakeBackAsked,
        responses={200: BankLineShape, **PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Book a line as the bank's taking back of a payment."""
        return self.answer(request, pk)

    def act(self, line: BankLine, person: Person, asked: dict[str, Any]) -> BankLine:
        payment: Payment = found(Payment.objects.select_related("account"), pk=asked["payment"])
        reason = asked["reason"]
        return bank_booking.return_by_hand(line, by=person, payment=payment, reason=reason, at=timezone.now())


class AsideLine(LineAct):
    @extend_schema(
        operation_id="bank_lines_set_aside",
        parameters=[KEY],
        request=BankReasonAsked,
        responses={200: BankLineShape, **PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """A line that is no organization's payment."""
        return self.answer(request, pk)

    def act(self, line: BankLine, person: Person, asked: dict[str, Any]) -> BankLine:
        return bank_booking.set_aside(line, by=person, reason=asked["reason"], at=timezone.now())


class TakeUpLine(LineAct):
    asked = None

    @extend_schema(
        operation_id="bank_lines_take_up", parameters=[KEY], request=None, responses={200: BankLineShape, **PROBLEM}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Put a line that was set aside back among those to be matched."""
        return self.answer(request, pk)

    def act(self, line: BankLine, person: Person, asked: dict[str, Any]) -> BankLine:
        return bank_booking.take_up(line, by=person)


class Reminders(APIView):
    @extend_schema(
        operation_id="reminders_list",
        parameters=[OpenApiParameter("page", int)],
        responses={200: ReminderShape(many=True), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Letters that were sent: all for the network, an organization's for its administrators."""
        person = person_of(request, Action.SEE_INVOICES)
        rows = Reminder.objects.filter(account__in=Account.objects.visible_to(person))
        pages = Pages()
        page = pages.paginate_queryset(rows.select_related("account__organization", "invoice"), request, view=self)
        return Response(ReminderShape(page or [], many=True).data)


class Holds(APIView):
    @extend_schema(
        operation_id="holds_create",
        parameters=[KEY],
        request=InvoiceHoldAsked,
        responses={201: InvoiceHoldShape, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Leave an open invoice alone up to and with a day: it is disputed, or promised for then."""
        person, asked = person_of(request, Action.KEEP_FEES), body_of(InvoiceHoldAsked, request)
        invoice: Invoice = found(Invoice.objects.select_related("account"), number=asked.pop("invoice"))

        def write() -> Response:
            row = standing.hold(invoice, by=person, at=timezone.now(), **asked)
            return Response(InvoiceHoldShape(row).data, status=201)

        return once(request, write)


class PayInvoice(APIView):
    @extend_schema(
        operation_id="invoices_pay", parameters=[KEY], request=None, responses={200: PayOnlineShape, **PROBLEM}
    )
    def post(self, request: Request, number: str) -> Response:
        """The provider's page on which what is open of an invoice is paid."""
        person = person_of(request, Action.SEE_INVOICES)
        seen = Invoice.objects.visible_to(person).select_related("account__organization")
        invoice: Invoice = found(seen, number=number)
        return once(request, lambda: Response({"url": checkouts.start(invoice, by=person, at=timezone.now())}))


class RefundPayment(APIView):
    @extend_schema(
        operation_id="payments_refund_online",
        parameters=[KEY],
        request=OnlineRefundAsked,
        responses={202: OnlineRefundShape, **PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Ask the provider to pay back part or all of a payment that came through it."""
        person, asked = person_of(request, Action.KEEP_FEES), body_of(OnlineRefundAsked, request)
        payment: Payment = found(Payment.objects.select_related("account"), pk=pk)

        def write() -> Response:
            name = checkouts.ask_refund(payment, by=person, at=timezone.now(), **asked)
            return Response({"refund": name}, status=202)

        return once(request, write)
