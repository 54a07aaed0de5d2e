"""The tables of fees."""

import uuid

import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.common.tables import AtOnce


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("fees", "0001_initial"),
        ("fees", "0008_renewals"),
    ]
    dependencies = [
        ("members", "0002_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        AtOnce(
            migrations.CreateModel(
                name="Plan",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("name", models.CharField(max_length=80, unique=True)),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "withdrawn_at",
                        models.DateTimeField(blank=True, help_text="No new agreement gets it from then on", null=True),
                    ),
                ],
                options={
                    "ordering": ["name"],
                },
            ),
            migrations.CreateModel(
                name="Series",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("prefix", models.CharField(help_text="Such as INV-2026-", max_length=12, unique=True)),
                    ("last", models.PositiveIntegerField(default=0)),
                ],
                options={
                    "verbose_name_plural": "series",
                },
            ),
            migrations.CreateModel(
                name="Account",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "organization",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="accounts",
                            to="members.organization",
                        ),
                    ),
                    (
                        "currency",
                        models.CharField(
                            choices=[("USD", "USD"), ("CAD", "CAD"), ("EUR", "EUR"), ("GBP", "GBP")], max_length=3
                        ),
                    ),
                ],
                options={
                    "ordering": ["organization__name", "currency"],
                    "constraints": [models.UniqueConstraint(fields=("organization", "currency"), name="account_once")],
                },
            ),
            migrations.CreateModel(
                name="Agreement",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="agreements", to="fees.account"
                        ),
                    ),
                    ("starts_on", models.DateField()),
                    ("until", models.DateField(help_text="The day after the last")),
                    (
                        "cycle",
                        models.PositiveSmallIntegerField(
                            choices=[(1, "Every month"), (3, "Every quarter"), (12, "Every year")]
                        ),
                    ),
                    ("days_to_pay", models.PositiveSmallIntegerField(default=30)),
                    (
                        "draft_days",
                        models.PositiveSmallIntegerField(
                            default=3, help_text="How long an invoice is a draft before it is final"
                        ),
                    ),
                    ("ended_on", models.DateField(null=True)),
                    ("ended_because", models.CharField(blank=True, max_length=300)),
                    (
                        "made_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["-starts_on", "-id"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("until__gt", models.F("starts_on"))), name="agreement_has_days"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("ended_on", None),
                                models.Q(
                                    ("ended_on__gte", models.F("starts_on")), ("ended_on__lte", models.F("until"))
                                ),
                                _connector="OR",
                            ),
                            name="agreement_ends_within",
                        ),
                        django.contrib.postgres.constraints.ExclusionConstraint(
                            expressions=[
                                (
                                    models.Func(
                                        models.F("account"),
                                        models.F("account"),
                                        models.Value("[]"),
                                        function="int8range",
                                    ),
                                    "&&",
                                ),
                                (
                                    models.Func(
                                        models.F("starts_on"),
                                        django.db.models.functions.comparison.Coalesce("ended_on", "until"),
                                        function="daterange",
                                    ),
                                    "&&",
                                ),
                            ],
                            name="agreement_days_once",
                            violation_error_message="Another agreement of this account covers some of these days.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Entry",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="fees.account"
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("invoice", "Invoice"),
                                ("credit-note", "Credit note"),
                                ("payment", "Payment"),
                                ("allocation", "Allocation"),
                                ("refund", "Refund"),
                                ("write-off", "Write-off"),
                            ],
                            max_length=12,
                        ),
                    ),
                    (
                        "document",
                        models.BigIntegerField(help_text="The primary key of the invoice, credit note, payment …"),
                    ),
                    ("day", models.DateField()),
                    ("at", models.DateTimeField()),
                ],
                options={
                    "verbose_name_plural": "entries",
                    "ordering": ["at", "id"],
                    "constraints": [models.UniqueConstraint(fields=("kind", "document"), name="entry_once_a_document")],
                },
            ),
            migrations.CreateModel(
                name="Extension",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="extensions", to="fees.account"
                        ),
                    ),
                    ("until", models.DateField(help_text="The last day of it")),
                    ("reason", models.CharField(max_length=300)),
                    (
                        "given_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("given_at", models.DateTimeField()),
                ],
                options={
                    "ordering": ["given_at", "id"],
                },
            ),
            migrations.CreateModel(
                name="Invoice",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="invoices", to="fees.account"
                        ),
                    ),
                    (
                        "agreement",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="invoices", to="fees.agreement"
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("period", "Dues of a period"),
                                ("change", "After a change"),
                                ("usage", "Use beyond what is included"),
                            ],
                            max_length=10,
                        ),
                    ),
                    (
                        "period",
                        models.PositiveIntegerField(help_text="The number of the agreement's period, from nought"),
                    ),
                    ("starts_on", models.DateField(help_text="The first day it bills")),
                    ("until", models.DateField(help_text="The day after the last")),
                    ("drafted_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("final_from", models.DateTimeField(help_text="The end of the draft's window")),
                    (
                        "series",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fees.series"
                        ),
                    ),
                    ("sequence", models.PositiveIntegerField(null=True)),
                    ("number", models.CharField(max_length=20, null=True, unique=True)),
                    ("issued_on", models.DateField(null=True)),
                    ("due_on", models.DateField(null=True)),
                    ("final_at", models.DateTimeField(null=True)),
                    ("net_cents", models.PositiveBigIntegerField(default=0)),
                    ("tax_cents", models.PositiveBigIntegerField(default=0)),
                ],
                options={
                    "ordering": ["-issued_on", "-sequence", "-id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("series", "sequence"), name="invoice_number_once"),
                        models.UniqueConstraint(
                            condition=models.Q(("kind", "period")),
                            fields=("agreement", "period"),
                            name="invoice_once_a_period",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("kind", "change"), ("number", None)),
                            fields=("agreement", "period"),
                            name="invoice_one_change_draft",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("due_on", None),
                                    ("final_at", None),
                                    ("issued_on", None),
                                    ("number", None),
                                    ("sequence", None),
                                    ("series", None),
                                ),
                                models.Q(
                                    ("due_on__gte", models.F("issued_on")),
                                    ("final_at__isnull", False),
                                    ("issued_on__isnull", False),
                                    ("number__isnull", False),
                                    ("sequence__gte", 1),
                                    ("series__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="invoice_final_or_draft",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Hold",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="fees.account"
                        ),
                    ),
                    (
                        "invoice",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="fees.invoice"
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(choices=[("dispute", "Disputed"), ("promise", "Promised")], max_length=10),
                    ),
                    ("until", models.DateField(help_text="The last day of it")),
                    ("reason", models.CharField(max_length=300)),
                    (
                        "made_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("made_at", models.DateTimeField()),
                ],
                options={
                    "ordering": ["made_at", "id"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("reason", ""), _negated=True), name="hold_has_a_reason"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="CreditNote",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="credit_notes", to="fees.account"
                        ),
                    ),
                    (
                        "invoice",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="credit_notes", to="fees.invoice"
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("change", "A change of the agreement"),
                                ("ending", "The agreement ended"),
                                ("correction", "A correction"),
                            ],
                            max_length=10,
                        ),
                    ),
                    ("reason", models.CharField(max_length=300)),
                    (
                        "series",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fees.series"
                        ),
                    ),
                    ("sequence", models.PositiveIntegerField()),
                    ("number", models.CharField(max_length=20, unique=True)),
                    ("issued_on", models.DateField()),
                    ("issued_at", models.DateTimeField()),
                    (
                        "issued_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("net_cents", models.PositiveBigIntegerField()),
                    ("tax_cents", models.PositiveBigIntegerField()),
                ],
                options={
                    "ordering": ["-issued_on", "-sequence"],
                    "constraints": [
                        models.UniqueConstraint(fields=("series", "sequence"), name="credit_note_number_once"),
                        models.CheckConstraint(
                            condition=models.Q(("net_cents__gt", 0)), name="credit_note_is_for_something"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="InvoiceLine",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "invoice",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="fees.invoice"
                        ),
                    ),
                    ("position", models.PositiveSmallIntegerField()),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("dues", "Network dues"),
                                ("facilities", "Facilities"),
                                ("clinicians", "Clinicians"),
                                ("consults", "Consults"),
                                ("calls", "Calls"),
                                ("hours", "Consulting hours"),
                            ],
                            max_length=12,
                        ),
                    ),
                    ("text", models.CharField(max_length=200)),
                    (
                        "terms",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fees.terms"
                        ),
                    ),
                    ("starts_on", models.DateField()),
                    ("until", models.DateField(help_text="The day after the last")),
                    ("quantity", models.DecimalField(decimal_places=2, max_digits=10)),
                    ("unit_cents", models.PositiveBigIntegerField(help_text="Of a year; of one, for what was used")),
                    (
                        "whole_cents",
                        models.PositiveBigIntegerField(help_text="For the whole period, after the discount"),
                    ),
                    ("discount_cents", models.BigIntegerField(default=0)),
                    ("cents", models.PositiveBigIntegerField(help_text="After the discount, before tax")),
                    ("tax_points", models.PositiveIntegerField()),
                    ("tax_cents", models.PositiveBigIntegerField()),
                ],
                options={
                    "ordering": ["invoice", "position"],
                    "constraints": [
                        models.UniqueConstraint(fields=("invoice", "position"), name="invoice_line_position_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="CreditLine",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "credit_note",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="fees.creditnote"
                        ),
                    ),
                    (
                        "line",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="credits", to="fees.invoiceline"
                        ),
                    ),
                    ("text", models.CharField(max_length=260)),
                    ("cents", models.PositiveBigIntegerField()),
                    ("tax_cents", models.PositiveBigIntegerField()),
                ],
                options={
                    "ordering": ["credit_note", "id"],
                    "constraints": [models.UniqueConstraint(fields=("credit_note", "line"), name="credit_line_once")],
                },
            ),
            migrations.CreateModel(
                name="Payment",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="fees.account"
                        ),
                    ),
                    ("cents", models.PositiveBigIntegerField()),
                    ("received_on", models.DateField()),
                    (
                        "method",
                        models.CharField(
                            choices=[
                                ("bank", "Bank transfer"),
                                ("cheque", "Check"),
                                ("card", "Card"),
                                ("other", "Other"),
                            ],
                            max_length=10,
                        ),
                    ),
                    (
                        "reference",
                        models.CharField(
                            blank=True, help_text="The bank's or provider's; recorded once", max_length=120
                        ),
                    ),
                    ("recorded_at", models.DateTimeField()),
                    (
                        "recorded_by",
                        models.ForeignKey(
                            help_text="Empty: the payment provider said so",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "ordering": ["-received_on", "-id"],
                    "constraints": [
                        models.CheckConstraint(condition=models.Q(("cents__gt", 0)), name="payment_is_of_something"),
                        models.UniqueConstraint(
                            condition=models.Q(("reference", ""), _negated=True),
                            fields=("account", "method", "reference"),
                            name="payment_reference_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Allocation",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="fees.account"
                        ),
                    ),
                    (
                        "payment",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="allocations",
                            to="fees.payment",
                        ),
                    ),
                    (
                        "credit_note",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="allocations",
                            to="fees.creditnote",
                        ),
                    ),
                    (
                        "invoice",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="fees.invoice"
                        ),
                    ),
                    ("cents", models.BigIntegerField()),
                    (
                        "releases",
                        models.OneToOneField(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="released_by",
                            to="fees.allocation",
                        ),
                    ),
                    ("at", models.DateTimeField()),
                    (
                        "by",
                        models.ForeignKey(
                            help_text="Empty: the site itself",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "ordering": ["at", "id"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("credit_note", None), ("payment__isnull", False)),
                                models.Q(("credit_note__isnull", False), ("payment", None)),
                                _connector="OR",
                            ),
                            name="allocation_of_one_source",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("cents__gt", 0), ("releases", None)),
                                models.Q(("cents__lt", 0), ("releases__isnull", False)),
                                _connector="OR",
                            ),
                            name="allocation_or_release",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PlanVersion",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "plan",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="fees.plan"
                        ),
                    ),
                    ("number", models.PositiveIntegerField()),
                    (
                        "currency",
                        models.CharField(
                            choices=[("USD", "USD"), ("CAD", "CAD"), ("EUR", "EUR"), ("GBP", "GBP")], max_length=3
                        ),
                    ),
                    ("dues", models.JSONField(help_text="Cents by tier")),
                    ("facility_cents", models.PositiveBigIntegerField(default=0, help_text="For each facility")),
                    (
                        "bands",
                        models.JSONField(help_text="[up to so many clinicians or null, cents], the smallest first"),
                    ),
                    (
                        "included_consults",
                        models.PositiveIntegerField(default=0, help_text="In a year of the agreement"),
                    ),
                    ("included_calls", models.PositiveIntegerField(default=0)),
                    ("included_hours", models.DecimalField(decimal_places=2, default=0, max_digits=8)),
                    (
                        "consult_cents",
                        models.PositiveBigIntegerField(default=0, help_text="For each beyond those included"),
                    ),
                    ("call_cents", models.PositiveBigIntegerField(default=0)),
                    ("hour_cents", models.PositiveBigIntegerField(default=0)),
                    ("discount_points", models.PositiveIntegerField(default=0, help_text="Of the dues; 10,000 is all")),
                    ("tax_name", models.CharField(blank=True, max_length=40)),
                    ("tax_points", models.PositiveIntegerField(default=0, help_text="10,000 is as much again")),
                    (
                        "made_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["plan", "number"],
                    "constraints": [
                        models.UniqueConstraint(fields=("plan", "number"), name="plan_version_once"),
                        models.CheckConstraint(
                            condition=models.Q(("discount_points__lte", 10000)), name="plan_discount_at_most_all"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("tax_points__lte", 10000)), name="plan_tax_at_most_all"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Posting",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "entry",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="postings", to="fees.entry"
                        ),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="postings", to="fees.account"
                        ),
                    ),
                    (
                        "book",
                        models.CharField(
                            choices=[
                                ("receivable", "Owed by members"),
                                ("cash", "Received"),
                                ("credit", "Members' credit not yet used"),
                                ("dues", "Earned by dues"),
                                ("usage", "Earned by use beyond what is included"),
                                ("tax", "Tax to pay over"),
                                ("written-off", "Written off"),
                            ],
                            max_length=12,
                        ),
                    ),
                    ("cents", models.BigIntegerField()),
                ],
                options={
                    "ordering": ["entry", "id"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("cents", 0), _negated=True), name="posting_is_of_something"
                        ),
                        models.UniqueConstraint(fields=("entry", "book"), name="posting_once_a_book"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Refund",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="fees.account"
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[("refund", "Paid back"), ("returned", "Returned by the bank")], max_length=10
                        ),
                    ),
                    (
                        "payment",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="refunds",
                            to="fees.payment",
                        ),
                    ),
                    (
                        "credit_note",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="refunds",
                            to="fees.creditnote",
                        ),
                    ),
                    ("cents", models.PositiveBigIntegerField()),
                    ("reason", models.CharField(max_length=300)),
                    ("at", models.DateTimeField()),
                    (
                        "by",
                        models.ForeignKey(
                            help_text="Empty: the payment provider said so",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "ordering": ["-at", "-id"],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("credit_note", None), ("payment__isnull", False)),
                                models.Q(("credit_note__isnull", False), ("payment", None)),
                                _connector="OR",
                            ),
                            name="refund_of_one_source",
                        ),
                        models.CheckConstraint(condition=models.Q(("cents__gt", 0)), name="refund_is_of_something"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="StandingRecord",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="standings", to="fees.account"
                        ),
                    ),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("good", "Good"),
                                ("grace", "Grace"),
                                ("suspended", "Suspended"),
                                ("reinstated", "Reinstated"),
                            ],
                            max_length=10,
                        ),
                    ),
                    ("since", models.DateField()),
                    ("suspends_on", models.DateField(help_text="When the grace ends, unless paid", null=True)),
                    ("reasons", models.JSONField(default=list, help_text="Sentences, with dates and amounts")),
                    ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["recorded_at", "id"],
                },
            ),
            migrations.CreateModel(
                name="Terms",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "agreement",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="terms", to="fees.agreement"
                        ),
                    ),
                    (
                        "version",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fees.planversion"
                        ),
                    ),
                    (
                        "tier",
                        models.CharField(
                            choices=[("member", "Network member"), ("regional", "Regional provider of the centre")],
                            max_length=10,
                        ),
                    ),
                    ("facilities", models.PositiveIntegerField()),
                    ("clinicians", models.PositiveIntegerField()),
                    ("discount_points", models.PositiveIntegerField(help_text="Of the dues; 10,000 is all")),
                    ("starts_on", models.DateField()),
                    (
                        "made_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "verbose_name_plural": "terms",
                    "ordering": ["starts_on", "id"],
                },
            ),
            migrations.CreateModel(
                name="UsageRecord",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "agreement",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="usage", to="fees.agreement"
                        ),
                    ),
                    ("period", models.PositiveIntegerField(help_text="Its number, from nought")),
                    ("consults", models.PositiveIntegerField(default=0)),
                    ("calls", models.PositiveIntegerField(default=0)),
                    ("hours", models.DecimalField(decimal_places=2, default=0, max_digits=8)),
                    ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["agreement", "period"],
                    "constraints": [
                        models.UniqueConstraint(fields=("agreement", "period"), name="usage_once_a_period")
                    ],
                },
            ),
            migrations.CreateModel(
                name="WriteOff",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="write_offs", to="fees.account"
                        ),
                    ),
                    (
                        "invoice",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="write_offs", to="fees.invoice"
                        ),
                    ),
                    ("cents", models.PositiveBigIntegerField()),
                    ("reason", models.CharField(max_length=300)),
                    ("at", models.DateTimeField()),
                    (
                        "by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                ],
                options={
                    "ordering": ["-at", "-id"],
                    "constraints": [
                        models.CheckConstraint(condition=models.Q(("cents__gt", 0)), name="write_off_is_of_something")
                    ],
                },
            ),
            migrations.CreateModel(
                name="BankFile",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "digest",
                        models.CharField(
                            help_text="SHA-256: the same file again is the same row", max_length=64, unique=True
                        ),
                    ),
                    ("name", models.CharField(max_length=120)),
                    ("kind", models.CharField(choices=[("csv", "CSV"), ("camt", "camt.053")], max_length=4)),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("columns", "Waits for its columns"),
                                ("waiting", "Being read"),
                                ("ready", "Read"),
                                ("failed", "Could not be read"),
                            ],
                            max_length=8,
                        ),
                    ),
                    ("content", models.BinaryField(null=True)),
                    ("header", models.CharField(blank=True, max_length=64)),
                    ("total", models.PositiveIntegerField(default=0, help_text="Lines in the file, bad ones too")),
                    ("done", models.PositiveIntegerField(default=0, help_text="Lines looked at so far")),
                    (
                        "bad",
                        models.JSONField(default=list, help_text="Pairs of a line's number and what is wrong with it"),
                    ),
                    ("problem", models.CharField(blank=True, max_length=300)),
                    (
                        "brought_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("brought_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "ordering": ["-brought_at", "-id"],
                    "indexes": [
                        models.Index(condition=models.Q(("state", "waiting")), fields=["id"], name="bank_file_waiting")
                    ],
                },
            ),
            migrations.CreateModel(
                name="BankLayout",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("header", models.CharField(help_text="SHA-256 of the column names", max_length=64, unique=True)),
                    ("columns", models.JSONField(help_text="As portal.fees.bankcsv.Layout")),
                    (
                        "made_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("made_at", models.DateTimeField()),
                ],
                options={
                    "ordering": ["made_at", "id"],
                },
            ),
            migrations.CreateModel(
                name="BankLine",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "key",
                        models.CharField(
                            help_text="Of the bank's reference, or of all it says", max_length=64, unique=True
                        ),
                    ),
                    (
                        "file",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="fees.bankfile"
                        ),
                    ),
                    ("line", models.PositiveIntegerField(help_text="Its number in the file")),
                    ("day", models.DateField()),
                    ("cents", models.BigIntegerField()),
                    ("currency", models.CharField(max_length=3)),
                    ("text", models.CharField(blank=True, max_length=500)),
                    ("payer", models.CharField(blank=True, max_length=140)),
                    (
                        "iban",
                        models.CharField(
                            blank=True, help_text="Or another number of the payer's account", max_length=34
                        ),
                    ),
                    ("reference", models.CharField(blank=True, help_text="The bank's", max_length=100)),
                    (
                        "returns",
                        models.BooleanField(default=False, help_text="The bank says that it takes something back"),
                    ),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("waiting", "To be matched"),
                                ("confirmed", "Being booked"),
                                ("booked", "Booked"),
                                ("aside", "Set aside"),
                            ],
                            default="waiting",
                            max_length=9,
                        ),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="bank_lines",
                            to="fees.account",
                        ),
                    ),
                    (
                        "parts",
                        models.JSONField(default=dict, help_text="Suggested: cents by the primary key of an invoice"),
                    ),
                    (
                        "undoes",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fees.payment"
                        ),
                    ),
                    ("score", models.PositiveSmallIntegerField(default=0)),
                    ("words", models.JSONField(default=list, help_text="Why, as sentences")),
                    (
                        "payment",
                        models.OneToOneField(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="bank_line",
                            to="fees.payment",
                        ),
                    ),
                    (
                        "refund",
                        models.OneToOneField(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="bank_line",
                            to="fees.refund",
                        ),
                    ),
                    (
                        "reason",
                        models.CharField(
                            blank=True, help_text="Why it was set aside, or could not be booked", max_length=300
                        ),
                    ),
                    (
                        "settled_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("settled_at", models.DateTimeField(null=True)),
                ],
                options={
                    "ordering": ["-day", "-id"],
                    "indexes": [
                        models.Index(
                            condition=models.Q(("state", "confirmed")), fields=["id"], name="bank_line_confirmed"
                        ),
                        models.Index(fields=["state", "-day", "-id"], name="bank_line_by_state"),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("cents", 0), _negated=True), name="bank_line_is_of_something"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state", "booked"), _negated=True),
                                ("payment__isnull", False),
                                ("refund__isnull", False),
                                _connector="OR",
                            ),
                            name="bank_line_booked_as_something",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state", "aside"), _negated=True),
                                models.Q(("reason", ""), _negated=True),
                                _connector="OR",
                            ),
                            name="bank_line_aside_for_a_reason",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("payment", None), ("refund", None), _connector="OR"),
                            name="bank_line_booked_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Checkout",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "key",
                        models.UUIDField(
                            default=uuid.uuid4, editable=False, help_text="What the provider gives back", unique=True
                        ),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="checkouts", to="fees.account"
                        ),
                    ),
                    (
                        "invoice",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="checkouts", to="fees.invoice"
                        ),
                    ),
                    ("session", models.CharField(help_text="The provider's name for it", max_length=120, unique=True)),
                    ("cents", models.PositiveBigIntegerField()),
                    (
                        "started_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("started_at", models.DateTimeField()),
                ],
                options={
                    "ordering": ["-started_at", "-id"],
                },
            ),
            migrations.CreateModel(
                name="Correspondence",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "account",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="correspondence",
                            to="fees.account",
                        ),
                    ),
                    (
                        "language",
                        models.CharField(
                            choices=[("en", "English"), ("es", "Spanish"), ("fr", "French")], default="en", max_length=2
                        ),
                    ),
                    (
                        "paper",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("", "As usual where the organization is"),
                                ("us-letter", "US Letter"),
                                ("a4", "A4"),
                            ],
                            default="",
                            max_length=9,
                        ),
                    ),
                ],
                options={
                    "ordering": ["account"],
                },
            ),
            migrations.CreateModel(
                name="ProviderEvent",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("event", models.CharField(max_length=120, unique=True)),
                    ("said", models.JSONField(help_text="As portal.fees.providers.base.Said")),
                    ("intent", models.CharField(blank=True, max_length=120)),
                    (
                        "outcome",
                        models.CharField(
                            choices=[
                                ("waiting", "Waits for its payment"),
                                ("booked", "Booked"),
                                ("nothing", "Nothing to book"),
                                ("by-hand", "To be looked at"),
                            ],
                            max_length=8,
                        ),
                    ),
                    ("words", models.CharField(blank=True, max_length=300)),
                    ("received_at", models.DateTimeField()),
                ],
                options={
                    "ordering": ["received_at", "id"],
                    "indexes": [
                        models.Index(
                            condition=models.Q(("outcome", "waiting")), fields=["intent"], name="provider_event_waiting"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="ProviderMove",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="provider_moves",
                            to="fees.account",
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("paid", "Paid"),
                                ("refunded", "Paid back"),
                                ("refund-failed", "A refund came back"),
                                ("withdrawn", "Taken for a dispute"),
                                ("reinstated", "Given back after a dispute"),
                            ],
                            max_length=13,
                        ),
                    ),
                    (
                        "name",
                        models.CharField(help_text="The payment intent, the refund or the dispute", max_length=120),
                    ),
                    ("intent", models.CharField(max_length=120)),
                    (
                        "payment",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="provider_moves",
                            to="fees.payment",
                        ),
                    ),
                    (
                        "refund",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="provider_moves",
                            to="fees.refund",
                        ),
                    ),
                    ("at", models.DateTimeField()),
                ],
                options={
                    "ordering": ["at", "id"],
                    "constraints": [models.UniqueConstraint(fields=("kind", "name"), name="provider_move_once")],
                },
            ),
            migrations.CreateModel(
                name="Reminder",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="fees.account"
                        ),
                    ),
                    (
                        "invoice",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="fees.invoice"
                        ),
                    ),
                    ("level", models.PositiveSmallIntegerField()),
                    ("since", models.DateField(help_text="The day on which the level was reached")),
                    ("open_cents", models.PositiveBigIntegerField(help_text="What was open when it was sent")),
                    ("language", models.CharField(max_length=2)),
                    ("paper", models.CharField(max_length=9)),
                    ("sent_at", models.DateTimeField()),
                    ("sent_to", models.JSONField(help_text="Names of the people who were told")),
                ],
                options={
                    "ordering": ["-sent_at", "-id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("invoice", "level"), name="reminder_level_once"),
                        models.CheckConstraint(condition=models.Q(("level__gte", 1)), name="reminder_levels_from_one"),
                        models.CheckConstraint(condition=models.Q(("open_cents__gt", 0)), name="reminder_of_something"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Renewal",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="renewals", to="fees.account"
                        ),
                    ),
                    (
                        "agreement",
                        models.ForeignKey(
                            help_text="The one that ends",
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="renewals",
                            to="fees.agreement",
                        ),
                    ),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("draft", "Draft"),
                                ("offered", "Offered"),
                                ("accepted", "Accepted"),
                                ("declined", "Declined"),
                                ("withdrawn", "Withdrawn"),
                                ("lapsed", "Lapsed"),
                            ],
                            default="draft",
                            max_length=9,
                        ),
                    ),
                    ("starts_on", models.DateField()),
                    ("until", models.DateField(help_text="The day after the last")),
                    (
                        "version",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fees.planversion"
                        ),
                    ),
                    (
                        "tier",
                        models.CharField(
                            choices=[("member", "Network member"), ("regional", "Regional provider of the centre")],
                            max_length=10,
                        ),
                    ),
                    ("facilities", models.PositiveIntegerField()),
                    ("clinicians", models.PositiveIntegerField()),
                    ("discount_points", models.PositiveIntegerField(help_text="Of the dues; 10,000 is all")),
                    (
                        "cycle",
                        models.PositiveSmallIntegerField(
                            choices=[(1, "Every month"), (3, "Every quarter"), (12, "Every year")]
                        ),
                    ),
                    ("days_to_pay", models.PositiveSmallIntegerField()),
                    ("draft_days", models.PositiveSmallIntegerField()),
                    (
                        "drafted_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("drafted_at", models.DateTimeField()),
                    (
                        "offered_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("offered_at", models.DateTimeField(null=True)),
                    ("offered_to", models.JSONField(default=list, help_text="Names of the people who were told")),
                    (
                        "ended_by",
                        models.ForeignKey(
                            help_text="Empty: it is open, or it lapsed",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("ended_at", models.DateTimeField(null=True)),
                    (
                        "reason",
                        models.CharField(
                            blank=True, help_text="Why it was declined, withdrawn or lapsed", max_length=300
                        ),
                    ),
                    (
                        "signed_name",
                        models.CharField(blank=True, help_text="As whoever accepted it wrote it", max_length=120),
                    ),
                    (
                        "sentence",
                        models.CharField(blank=True, help_text="What they agreed to, as they read it", max_length=1000),
                    ),
                    (
                        "made",
                        models.OneToOneField(
                            help_text="The next agreement",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="renewal",
                            to="fees.agreement",
                        ),
                    ),
                ],
                options={
                    "ordering": ["-drafted_at", "-id"],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("state__in", ["draft", "offered", "accepted"])),
                            fields=("agreement",),
                            name="renewal_open_once",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("until__gt", models.F("starts_on"))), name="renewal_has_days"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state", "accepted"), _negated=True),
                                models.Q(
                                    ("ended_at__isnull", False),
                                    ("ended_by__isnull", False),
                                    ("made__isnull", False),
                                    models.Q(("signed_name", ""), _negated=True),
                                    models.Q(("sentence", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                            name="renewal_accepted_says_by_whom",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state", "declined"), _negated=True),
                                models.Q(("reason", ""), _negated=True),
                                _connector="OR",
                            ),
                            name="renewal_declined_says_why",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("state__in", ["draft", "withdrawn"]), ("offered_at__isnull", False), _connector="OR"
                            ),
                            name="renewal_was_offered",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="RenewalReminder",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    (
                        "account",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="renewal_reminders",
                            to="fees.account",
                        ),
                    ),
                    (
                        "renewal",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="fees.renewal"
                        ),
                    ),
                    ("days_before", models.PositiveSmallIntegerField()),
                    ("due_on", models.DateField(help_text="The day on which it was due, however late it was sent")),
                    ("sent_at", models.DateTimeField()),
                    ("sent_to", models.JSONField(help_text="Names of the people who were told")),
                ],
                options={
                    "ordering": ["due_on", "id"],
                    "constraints": [
                        models.UniqueConstraint(fields=("renewal", "days_before"), name="renewal_reminder_once")
                    ],
                },
            ),
        )
    ]
