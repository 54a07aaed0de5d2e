"""REST shapes of plans, agreements, invoices, payments and accounts. Amounts are whole cents."""

from typing import Any

from rest_framework import serializers

from portal.fees.models import Account, Agreement, CreditNote, Invoice, InvoiceLine, Payment, Plan, PlanVersion, Terms
from portal.members.models import Organization


class AccountBrief(serializers.ModelSerializer[Account]):
    organization = serializers.SlugRelatedField[Organization](slug_field="slug", read_only=True)

    class Meta:
        model = Account
        fields = ("id", "organization", "currency")


class AccountRow(AccountBrief):
    owed_cents = serializers.IntegerField(source="owed")
    left_cents = serializers.IntegerField(source="left", help_text="Paid or credited, and not used yet")
    standing = serializers.CharField(source="state")
    standing_since = serializers.DateField(source="state_since", allow_null=True)
    suspends_on = serializers.DateField(allow_null=True)

    class Meta:
        model = Account
        fields = (*AccountBrief.Meta.fields, "owed_cents", "left_cents", "standing", "standing_since", "suspends_on")


class InvoiceRow(serializers.ModelSerializer[Invoice]):
    """An invoice in a list. ``number`` is null of a draft; ``until`` is the day after the last."""

    kind = serializers.CharField(help_text="period, change or usage")
    account = AccountBrief()
    total_cents = serializers.IntegerField()
    open_cents = serializers.SerializerMethodField()

    class Meta:
        model = Invoice
        fields = (
            "id",
            "number",
            "kind",
            "account",
            "agreement",
            "starts_on",
            "until",
            "final_from",
            "issued_on",
            "due_on",
            "net_cents",
            "tax_cents",
            "total_cents",
            "open_cents",
        )

    def get_open_cents(self, row: Any) -> int:
        return int(row.total_cents - row.paid - row.written_off) if row.number else 0


class LineShape(serializers.ModelSerializer[InvoiceLine]):
    kind = serializers.CharField()
    left_cents = serializers.SerializerMethodField(help_text="Before tax, not yet credited")

    class Meta:
        model = InvoiceLine
        fields = (
            "id",
            "kind",
            "text",
            "starts_on",
            "until",
            "quantity",
            "unit_cents",
            "discount_cents",
            "cents",
            "tax_points",
            "tax_cents",
            "left_cents",
        )

    def get_left_cents(self, row: Any) -> int:
        return int(row.cents - row.taken)


class AllocationShape(serializers.Serializer[Any]):
    """What paid an invoice. Taken back, it is there again with a minus, and says which it releases."""

    id = serializers.IntegerField()
    payment = serializers.IntegerField(source="payment_id", allow_null=True)
    credit_note = serializers.IntegerField(source="credit_note_id", allow_null=True)
    invoice = serializers.IntegerField(source="invoice_id")
    cents = serializers.IntegerField()
    releases = serializers.IntegerField(source="releases_id", allow_null=True)
    at = serializers.DateTimeField()


class NoteRow(serializers.ModelSerializer[CreditNote]):
    kind = serializers.CharField(help_text="change, ending or correction")
    total_cents = serializers.IntegerField()

    class Meta:
        model = CreditNote
        fields = ("id", "number", "invoice", "kind", "reason", "issued_on", "net_cents", "tax_cents", "total_cents")


class NoteDetail(NoteRow):
    account = AccountBrief()
    left_cents = serializers.SerializerMethodField()
    allocations = AllocationShape(many=True)

    class Meta:
        model = CreditNote
        fields = (*NoteRow.Meta.fields, "account", "left_cents", "allocations")

    def get_left_cents(self, row: CreditNote) -> int:
        return int(self.context["left"])


class InvoiceDetail(InvoiceRow):
    lines = serializers.SerializerMethodField()
    credit_notes = NoteRow(many=True)
    allocations = AllocationShape(many=True)

    class Meta:
        model = Invoice
        fields = (*InvoiceRow.Meta.fields, "lines", "credit_notes", "allocations")

    def get_lines(self, row: Invoice) -> LineShape(many=True):  # type: ignore[valid-type]
        return LineShape(self.context["lines"], many=True).data


class PaymentRow(serializers.ModelSerializer[Payment]):
    account = AccountBrief()
    left_cents = serializers.IntegerField(source="left")

    class Meta:
        model = Payment
        fields = ("id", "account", "cents", "left_cents", "received_on", "method", "reference", "recorded_at")


class PaymentDetail(PaymentRow):
    allocations = AllocationShape(many=True)

    class Meta:
        model = Payment
        fields = (*PaymentRow.Meta.fields, "allocations")


class VersionShape(serializers.ModelSerializer[PlanVersion]):
    """Prices are cents of a year. Bands: up to so many clinicians (null: any), and the price."""

    dues = serializers.DictField(child=serializers.IntegerField(), help_text="Cents by tier")
    bands = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField(allow_null=True)))

    class Meta:
        model = PlanVersion
        fields = (
            "id",
            "number",
            "currency",
            "dues",
            "facility_cents",
            "bands",
            "included_consults",
            "included_calls",
            "included_hours",
            "consult_cents",
            "call_cents",
            "hour_cents",
            "discount_points",
            "tax_name",
            "tax_points",
            "made_at",
        )


class PlanShape(serializers.ModelSerializer[Plan]):
    versions = VersionShape(many=True)

    class Meta:
        model = Plan
        fields = ("id", "name", "withdrawn_at", "versions")


class TermsShape(serializers.ModelSerializer[Terms]):
    plan = serializers.CharField(source="version.plan.name")
    version = serializers.IntegerField(source="version.number")
    tier = serializers.CharField()

    class Meta:
        model = Terms
        fields = ("starts_on", "plan", "version", "tier", "facilities", "clinicians", "discount_points")


class AgreementShape(serializers.ModelSerializer[Agreement]):
    """``until`` is the day after the last; ``ended_on`` the same where it ended early."""

    account = AccountBrief()
    terms = TermsShape(many=True)

    class Meta:
        model = Agreement
        fields = (
            "id",
            "account",
            "starts_on",
            "until",
            "cycle",
            "days_to_pay",
            "draft_days",
            "ended_on",
            "ended_because",
            "terms",
        )


class EffectShape(serializers.Serializer[Any]):
    """One thing an act books, drafts or brings about."""

    text = serializers.CharField()
    cents = serializers.IntegerField(allow_null=True)
    lines = serializers.SerializerMethodField()

    def get_lines(self, row: Any) -> list[dict[str, Any]]:
        return [{"text": text, "cents": cents} for text, cents in row.lines]


class BalanceShape(serializers.Serializer[Any]):
    currency = serializers.CharField()
    owed_cents = serializers.IntegerField(source="owed.1")
    left_cents = serializers.IntegerField(source="left.1")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {"currency": instance.currency, "owed_cents": instance.owed[1], "left_cents": instance.left[1]}


class OutcomeShape(serializers.Serializer[Any]):
    """What an act did, or with ``preview=true`` would do. ``id`` is of what it made, where it made something."""

    done = serializers.BooleanField()
    id = serializers.IntegerField(allow_null=True)
    mark = serializers.CharField(help_text="Send it as agreed, and the act is done as it was shown or not at all")
    effects = EffectShape(many=True)
    balances = BalanceShape(many=True)


class AgedShape(serializers.Serializer[Any]):
    organization = serializers.CharField(source="account.organization.slug")
    currency = serializers.CharField(source="account.currency")
    columns = serializers.ListField(child=serializers.IntegerField(), help_text="Cents, in the order of the names")
    total_cents = serializers.IntegerField(source="total")


class AgeingShape(serializers.Serializer[Any]):
    day = serializers.DateField()
    names = serializers.ListField(child=serializers.CharField())
    rows = AgedShape(many=True)


class PostingShape(serializers.Serializer[Any]):
    book = serializers.CharField()
    cents = serializers.IntegerField(help_text="Plus is debit, minus is credit")


class EntryShape(serializers.Serializer[Any]):
    kind = serializers.CharField()
    document = serializers.IntegerField()
    day = serializers.DateField()
    postings = PostingShape(many=True)


class MovementShape(serializers.Serializer[Any]):
    kind = serializers.CharField(source="entry.kind")
    document = serializers.IntegerField(source="entry.document")
    day = serializers.DateField(source="entry.day")
    cents = serializers.IntegerField()
    balance_cents = serializers.IntegerField(source="balance")


class AccountStatement(serializers.Serializer[Any]):
    """Balances above nought are owed, below is money left."""

    first = serializers.DateField()
    last = serializers.DateField()
    opening_cents = serializers.IntegerField(source="opening")
    movements = MovementShape(many=True)
    closing_cents = serializers.IntegerField(source="closing")


class ComingShape(serializers.Serializer[Any]):
    day = serializers.DateField()
    what = serializers.CharField()


class HistoryShape(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    what = serializers.CharField()
    why = serializers.ListField(child=serializers.CharField())


class StandingShape(serializers.Serializer[Any]):
    state = serializers.CharField()
    since = serializers.DateField(allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField())
    coming = ComingShape(many=True)
    history = HistoryShape(many=True)
