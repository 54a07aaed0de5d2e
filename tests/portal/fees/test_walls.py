"""What the database itself holds to, with the application's filters and services left out."""

from collections.abc import Callable
from datetime import date

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from psycopg import sql

from portal.common import tenancy
from portal.fees.models import (
    Account,
    Agreement,
    Allocation,
    Book,
    CreditLine,
    CreditNote,
    Entry,
    Extension,
    Hold,
    Invoice,
    InvoiceLine,
    Payment,
    Plan,
    PlanVersion,
    Posting,
    Refund,
    Series,
    StandingRecord,
    Terms,
    UsageRecord,
    WriteOff,
)
from portal.fees.pricing import Usage
from portal.fees.services import crediting, invoicing, paying, standing
from tests import database
from tests.cast import Cast
from tests.portal.fees.helpers import NOON, billed, drafted, noon, paid, signed

SHARED = (Plan, PlanVersion, Series)
"""Of no organization: what is offered, and the last number given."""

WALLED = (
    Account,
    Agreement,
    Allocation,
    CreditLine,
    CreditNote,
    Entry,
    Extension,
    Hold,
    Invoice,
    InvoiceLine,
    Payment,
    Posting,
    Refund,
    StandingRecord,
    Terms,
    UsageRecord,
    WriteOff,
)
IN_THE_BANK_TESTS = {
    apps.get_model("fees", name)
    for name in (
        *("BankFile", "BankLayout", "BankLine", "Checkout"),
        *("Correspondence", "ProviderEvent", "ProviderMove", "Reminder"),
    )
}
"""Walled, too: `test_bank_walls.py` looks at them."""

IN_THE_RENEWAL_TESTS = {apps.get_model("fees", name) for name in ("Renewal", "RenewalReminder")}
"""And `test_renewal_walls.py` at these."""

KEPT = [
    model for model in (*WALLED, PlanVersion) if model not in (Account, Agreement, Invoice, InvoiceLine, UsageRecord)
]


def all_of_it(cast: Cast) -> Agreement:
    """At least one row of Prairie Health in every table, and one of Lakeside's account."""
    agreement, admin = signed(cast), cast.network_admin
    signed(cast, cast.lakeside, version=agreement.terms.get().version)
    invoice = billed(cast, agreement)
    standing.hold(invoice, by=admin, kind="dispute", until=date(2026, 3, 1), reason="One facility closed", at=NOON)
    note = crediting.credit(invoice, by=admin, reason="All of it", at=NOON)
    paying.release(note.allocations.get(), by=admin, at=NOON)
    paying.refund(note, by=admin, cents=1, reason="Cash", at=NOON)
    paying.write_off(invoice, by=admin, cents=5, reason="Rounding", at=NOON)
    paid(cast, agreement.account, 100)
    invoicing.record_usage(agreement, by=admin, number=0, used=Usage(1), at=noon(date(2026, 2, 1)))
    standing.extend(agreement.account, by=admin, until=date(2026, 3, 1), reason="New bank", at=NOON)
    standing.review(agreement.account, at=NOON)
    return agreement


@pytest.mark.django_db
class TestRowLevelSecurity:
    def test_every_table_of_the_app_is_walled_or_known_to_be_shared(self) -> None:
        assert set(apps.get_app_config("fees").get_models()) == {
            *WALLED,
            *SHARED,
            *IN_THE_BANK_TESTS,
            *IN_THE_RENEWAL_TESTS,
        }
        with connection.cursor() as cursor:
            cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
            walled = {name for (name,) in cursor.fetchall()}
        assert {model._meta.db_table for model in WALLED} <= walled

    def test_another_organization_sees_none_of_it(self, cast: Cast) -> None:
        agreement = all_of_it(cast)
        with tenancy.only([cast.prairie.pk]):
            assert {model for model in WALLED if not model._default_manager.exists()} == set()
        with tenancy.only([cast.lakeside.pk]):
            seen = {model for model in WALLED if model._default_manager.exists()}
            assert seen == {Account, Agreement, Terms}
            assert not Agreement.objects.filter(pk=agreement.pk).exists()
        with tenancy.only([]):
            assert not any(model._default_manager.exists() for model in WALLED)

    def test_another_organization_writes_none_of_it(self, cast: Cast) -> None:
        agreement = all_of_it(cast)
        account, admin = agreement.account, cast.network_admin
        attempts: list[Callable[[], Model]] = [
            lambda: Account.objects.create(organization=cast.prairie, currency="EUR"),
            lambda: Payment.objects.create(
                account=account, cents=1, received_on=NOON, method="bank", recorded_at=NOON, recorded_by=admin
            ),
            lambda: Entry.objects.create(account=account, kind="payment", document=99, day=NOON, at=NOON),
            lambda: StandingRecord.objects.create(account=account, state="suspended", since=NOON),
        ]
        for attempt in attempts:
            with (
                tenancy.only([cast.lakeside.pk]),
                pytest.raises(DatabaseError, match="row-level security"),
                transaction.atomic(),
            ):
                attempt()


@pytest.mark.django_db
@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_the_application_changes_and_removes_no_row_that_is_kept(cast: Cast, model: type[Model]) -> None:
    all_of_it(cast)
    table = sql.Identifier(model._meta.db_table)
    for statement in (sql.SQL("UPDATE {} SET id = id").format(table), sql.SQL("DELETE FROM {}").format(table)):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_not_even_the_owner_of_the_tables_changes_them(committed_cast: Cast) -> None:
    all_of_it(committed_cast)
    changes, removal = sql.SQL("UPDATE {} SET id = id"), sql.SQL("DELETE FROM {}")
    with database.owner_connection(autocommit=True) as owner:
        owner.execute("SET consilium.organizations = '*'")
        for model in (*KEPT, Invoice, InvoiceLine):
            if model is Invoice:  # the drafts among them may change
                owner.execute(
                    "DELETE FROM fees_invoiceline USING fees_invoice i WHERE invoice_id = i.id AND number IS NULL"
                )
                owner.execute("DELETE FROM fees_invoice WHERE number IS NULL")
            for statement in (changes, removal):
                with pytest.raises(psycopg.errors.RaiseException, match=r"never changed|final"):
                    owner.execute(statement.format(sql.Identifier(model._meta.db_table)))


@pytest.mark.django_db
class TestFinalInvoices:
    def test_nothing_of_one_is_changed(self, cast: Cast) -> None:
        invoice = billed(cast, signed(cast))
        line = invoice.lines.first()
        assert line
        attempts: list[Callable[[], object]] = [
            lambda: Invoice.objects.filter(pk=invoice.pk).update(net_cents=1),
            lambda: Invoice.objects.filter(pk=invoice.pk).update(number=None, series=None, sequence=None),
            lambda: InvoiceLine.objects.filter(pk=line.pk).update(cents=1),
            lambda: InvoiceLine.objects.filter(pk=line.pk).delete(),
            lambda: InvoiceLine.objects.create(
                **{f.attname: getattr(line, f.attname) for f in line._meta.concrete_fields if not f.primary_key}
                | {"position": 9}
            ),
        ]
        for attempt in attempts:
            with pytest.raises(DatabaseError, match="final"), transaction.atomic():
                attempt()

    def test_a_line_does_not_move_into_one(self, cast: Cast) -> None:
        agreement = signed(cast)
        invoice, draft = billed(cast, agreement), drafted(cast, agreement, 1)
        with pytest.raises(DatabaseError, match="final"), transaction.atomic():
            draft.lines.update(invoice=invoice)

    def test_none_is_made_without_having_been_a_draft(self, cast: Cast) -> None:
        invoice = billed(cast, signed(cast))
        invoice.pk, invoice.sequence, invoice.number = None, 7, "INV-2026-00007"
        with pytest.raises(DatabaseError, match="draft before"), transaction.atomic():
            invoice.save(force_insert=True)


def check_now() -> None:
    """What the database looks at when a transaction commits, looked at now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
class TestEntries:
    def entry(self, cast: Cast, *cents: int) -> None:
        agreement = signed(cast)
        with transaction.atomic():
            entry = Entry.objects.create(account=agreement.account, kind="payment", document=99, day=NOON, at=NOON)
            for book, amount in zip(Book, cents, strict=False):
                Posting.objects.create(entry=entry, account=agreement.account, book=book, cents=amount)
            check_now()

    @pytest.mark.parametrize("cents", [(), (5,), (5, -4), (5, 5, -11)])
    def test_one_that_does_not_balance_is_not_kept(self, cast: Cast, cents: tuple[int, ...]) -> None:
        with pytest.raises(DatabaseError, match="does not balance"):
            self.entry(cast, *cents)

    def test_one_that_balances_is(self, cast: Cast) -> None:
        self.entry(cast, 5, 6, -11)

    def test_none_has_postings_of_another_account(self, cast: Cast) -> None:
        one, other = signed(cast).account, signed(cast, cast.lakeside).account
        entry = Entry.objects.create(account=one, kind="payment", document=99, day=NOON, at=NOON)
        Posting.objects.create(entry=entry, account=one, book=Book.CASH, cents=5)
        Posting.objects.create(entry=entry, account=other, book=Book.CREDIT, cents=-5)
        with pytest.raises(DatabaseError, match="another account"):
            check_now()


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"last": 3}, {"last": 1}, {"last": 0}, {"prefix": "INV-1999-", "last": 2}])
def test_numbers_of_a_series_go_up_by_one(cast: Cast, change: dict[str, object]) -> None:
    billed(cast, signed(cast))
    with pytest.raises(DatabaseError, match="by one"), transaction.atomic():
        Series.objects.filter(last=1).update(**change)
    with pytest.raises(DatabaseError, match="by one"), transaction.atomic():
        Series.objects.create(prefix="X-", last=4)
    with pytest.raises(DatabaseError, match="by one"), transaction.atomic():
        connection.cursor().execute("DELETE FROM fees_series WHERE prefix LIKE 'CN%' OR last = 1")
