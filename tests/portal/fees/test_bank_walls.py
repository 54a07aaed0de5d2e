"""What the database itself holds to for bank files, reminders and what a provider said."""

import uuid
from collections.abc import Callable

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from psycopg import sql

from portal.common import tenancy
from portal.fees.models import (
    Account,
    BankFile,
    BankLayout,
    BankLine,
    Checkout,
    Correspondence,
    ProviderEvent,
    ProviderMove,
    Reminder,
)
from tests import database
from tests.cast import Cast
from tests.portal.fees.bank import brought, csv_of, row
from tests.portal.fees.helpers import NOON, billed, signed

OF_ACCOUNTS = (Checkout, Correspondence, ProviderMove, Reminder)
NETWORKS_OWN = (BankFile, BankLayout, BankLine, ProviderEvent)
INSERT_ONLY = (Checkout, ProviderMove, Reminder)


def checkout(account: Account, cast: Cast, session: str) -> Checkout:
    invoice = account.invoices.get()
    return Checkout.objects.create(
        key=uuid.uuid4(),
        account=account,
        invoice=invoice,
        session=session,
        cents=1,
        started_by=cast.admin_prairie,
        started_at=NOON,
    )


def reminder(account: Account, level: int = 1) -> Reminder:
    return Reminder.objects.create(
        account=account,
        invoice=account.invoices.get(),
        level=level,
        since=NOON.date(),
        open_cents=5,
        language="en",
        paper="a4",
        sent_at=NOON,
        sent_to=[],
    )


def all_of_it(cast: Cast) -> Account:
    """At least one row of Prairie Health in every table."""
    agreement = signed(cast)
    billed(cast, agreement)
    account = agreement.account
    brought(cast, csv_of(row("5.00")))
    ProviderEvent.objects.create(event="evt_1", said={}, outcome="nothing", received_at=NOON)
    ProviderMove.objects.create(account=account, kind="paid", name="pi_1", intent="pi_1", at=NOON)
    Correspondence.objects.create(account=account)
    checkout(account, cast, "cs_1")
    reminder(account)
    return account


@pytest.mark.django_db
def test_every_table_is_walled() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        walled = {name for (name,) in cursor.fetchall()}
    assert {model._meta.db_table for model in (*OF_ACCOUNTS, *NETWORKS_OWN)} <= walled


@pytest.mark.django_db
def test_an_organization_sees_its_own_and_nothing_of_the_bank(cast: Cast) -> None:
    all_of_it(cast)
    with tenancy.only([cast.prairie.pk]):
        assert all(model._default_manager.exists() for model in OF_ACCOUNTS)
        assert not any(model._default_manager.exists() for model in NETWORKS_OWN)
    for scope in ([cast.lakeside.pk], []):
        with tenancy.only(scope):
            assert not any(model._default_manager.exists() for model in (*OF_ACCOUNTS, *NETWORKS_OWN))


@pytest.mark.django_db
def test_another_organization_writes_none_of_it(cast: Cast) -> None:
    account = all_of_it(cast)
    attempts: list[Callable[[], Model]] = [
        lambda: ProviderMove.objects.create(account=account, kind="paid", name="x", intent="x", at=NOON),
        lambda: ProviderEvent.objects.create(event="evt_2", said={}, outcome="nothing", received_at=NOON),
        lambda: BankLayout.objects.create(header="x", columns={}, made_by=cast.network_admin, made_at=NOON),
    ]
    for attempt in attempts:
        for scope in ([cast.lakeside.pk], []):
            with (
                tenancy.only(scope),
                pytest.raises(DatabaseError, match="row-level security"),
                transaction.atomic(),
            ):
                attempt()


@pytest.mark.django_db
@pytest.mark.parametrize("model", INSERT_ONLY, ids=lambda model: model.__name__)
def test_the_application_changes_and_removes_none_that_is_kept(cast: Cast, model: type[Model]) -> None:
    all_of_it(cast)
    table = sql.Identifier(model._meta.db_table)
    for statement in (sql.SQL("UPDATE {} SET id = id").format(table), sql.SQL("DELETE FROM {}").format(table)):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_not_even_the_owner_changes_them(committed_cast: Cast) -> None:
    all_of_it(committed_cast)
    with database.owner_connection(autocommit=True) as owner:
        owner.execute("SET consilium.organizations = '*'")
        for model in INSERT_ONLY:
            table = sql.Identifier(model._meta.db_table)
            for statement in (sql.SQL("UPDATE {} SET id = id"), sql.SQL("DELETE FROM {}")):
                with pytest.raises(psycopg.errors.RaiseException, match="never changed"):
                    owner.execute(statement.format(table))


@pytest.mark.django_db
def test_each_level_each_move_and_each_line_is_there_once(cast: Cast) -> None:
    account = all_of_it(cast)
    line = BankLine.objects.get()
    line.pk = None
    attempts: list[Callable[[], object]] = [
        lambda: reminder(account),
        lambda: ProviderMove.objects.create(account=account, kind="paid", name="pi_1", intent="z", at=NOON),
        lambda: ProviderEvent.objects.create(event="evt_1", said={}, outcome="nothing", received_at=NOON),
        lambda: line.save(force_insert=True),
        lambda: BankLine.objects.update(state="booked"),
        lambda: BankLine.objects.update(state="aside"),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError, match=r"_once|key|booked_as_something|for_a_reason"), transaction.atomic():
            attempt()
    assert reminder(account, 2).level == 2
