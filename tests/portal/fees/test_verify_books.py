"""`manage.py verify_books` on books that balance, and on books that somebody bent with the triggers off."""

from collections.abc import Iterator
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command

from portal.fees.models import Agreement, Invoice
from tests import database
from tests.cast import Cast
from tests.portal.fees.helpers import billed, paid
from tests.portal.fees.test_walls import all_of_it


def run() -> str:
    out = StringIO()
    call_command("verify_books", stdout=out)
    return out.getvalue()


def fails() -> str:
    """What it printed and with what it failed."""
    out = StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("verify_books", stdout=out)
    return out.getvalue() + str(failure.value)


@pytest.fixture
def bent(committed_cast: Cast) -> Iterator[psycopg.Connection]:
    """A connection of the owner with the app's triggers off, on books with one of everything; they come back on."""
    all_of_it(committed_cast)
    agreement = Agreement.objects.get(account__organization=committed_cast.lakeside)
    billed(committed_cast, agreement)
    paid(committed_cast, agreement.account, 5_000)
    tables = (
        "invoice",
        "invoiceline",
        "creditnote",
        "creditline",
        "payment",
        "allocation",
        "entry",
        "posting",
        "series",
    )
    with database.owner_connection(autocommit=True) as owner:
        owner.execute("SET consilium.organizations = '*'")
        for table in tables:
            owner.execute(f"ALTER TABLE fees_{table} DISABLE TRIGGER USER")
        try:
            yield owner
        finally:
            for table in tables:
                owner.execute(f"ALTER TABLE fees_{table} ENABLE TRIGGER USER")


def test_books_that_balance(committed_cast: Cast) -> None:
    assert run() == "0 accounts, 0 entries, 0 faults\n"
    all_of_it(committed_cast)
    assert run() == "2 accounts, 8 entries, 0 faults\n"


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "UPDATE fees_posting SET cents = cents + 1 WHERE id = (SELECT min(id) FROM fees_posting)",
            "sum of its postings is 1",
        ),
        ("DELETE FROM fees_posting", "the sum of its postings is None, and should be 0"),
        ("UPDATE fees_posting SET cents = cents * 2", "what is posted"),
        ("UPDATE fees_payment SET cents = 999 WHERE cents = 5000", "what is posted"),
        (
            "UPDATE fees_invoice SET net_cents = net_cents + 1 WHERE number = 'INV-2026-00001'",
            "INV-2026-00001: its net and its tax",
        ),
        ("UPDATE fees_invoiceline SET cents = cents - 1", "its net and its tax"),
        ("UPDATE fees_invoice SET sequence = 9, number = 'INV-2026-00009' WHERE sequence = 1", "without [1]"),
        ("UPDATE fees_invoice SET number = 'INV-2026-00077' WHERE sequence = 1", "a number is INV-2026-00077"),
        ("UPDATE fees_series SET last = last + 1", "1 to 3"),
        ("UPDATE fees_creditline SET cents = cents + 100000000", "what was taken back"),
        ("UPDATE fees_creditnote SET tax_cents = tax_cents + 1", "Credit note CN-2026-00001: its net and its tax"),
        ("UPDATE fees_allocation SET cents = 100000000 WHERE cents = 5000", "what is open or left is -"),
        ("UPDATE fees_entry SET document = document + 999 WHERE kind = 'payment'", "there is no such document"),
        ("UPDATE fees_posting SET account_id = (SELECT max(id) FROM fees_account)", "the account of a posting"),
    ],
)
def test_what_does_not_balance_is_named_and_fails(bent: psycopg.Connection, statement: str, named: str) -> None:
    bent.execute(statement)
    found = fails()
    assert named in found
    assert " 0 faults" not in found


def test_what_is_bent_is_as_long_as_the_tests_need(bent: psycopg.Connection) -> None:
    assert Invoice.objects.final().count() == 2
    assert run().endswith(" 0 faults\n")
