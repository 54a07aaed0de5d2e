"""Bank files as banks write them: every mark, sign and date; camt.053 of both versions; and what is refused."""

import contextlib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.fees import bankcsv, camt
from portal.fees.bankcsv import Layout, number
from portal.fees.bankline import Bad, Movement, UnreadableFileError, keyed
from tests.portal.fees.bank import LAYOUT, camt_of, csv_of, entry, row


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("1,234.56", ".", "1234.56"),
        ("1.234,56", ",", "1234.56"),
        ("1 234,5", ",", "1234.5"),
        ("1'234.50", ".", "1234.50"),
        ("-12", ".", "-12"),
        ("−12,00", ",", "-12"),
        ("12.00-", ".", "-12"),
        ("(12.00)", ".", "-12"),
        ("$5.10", ".", "5.10"),
        ("7,00 EUR", ",", "7"),
        ("+3.00", ".", "3"),
    ],
)
def test_amounts(text: str, decimal: str, expected: str) -> None:
    assert number(text, decimal) == Decimal(expected)


@pytest.mark.parametrize(("text", "decimal"), [("1.234,56", "."), ("12,34", "."), ("", "."), ("1e5", "."), ("٣", ".")])
def test_what_is_no_amount_with_this_mark_is_refused_rather_than_guessed(text: str, decimal: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        number(text, decimal)


@given(st.integers(min_value=-(10**11), max_value=10**11), st.sampled_from(".,"))
def test_an_amount_written_either_way_is_read_back(cents: int, decimal: str) -> None:
    text = f"{Decimal(cents) / 100:,.2f}"
    if decimal == ",":
        text = text.translate(str.maketrans(".,", ",."))
    assert number(text, decimal) * 100 == cents


def read(content: bytes, layout: Layout) -> list[Movement | Bad]:
    table = bankcsv.table(content)
    bankcsv.check(table, layout)
    return list(bankcsv.read(table, layout))


@pytest.mark.parametrize(("form", "day"), bankcsv.DATES.items())
def test_every_form_of_a_day(form: str, day: str) -> None:
    layout = Layout("Day", form, ".", amount="Amount")
    found = read(f"Day;Amount\n{day};1.00".encode(), layout)
    assert [getattr(line, "day", None) for line in found] == [date(2026, 11, 25)]


def test_one_column_for_each_way_and_a_column_that_says_which() -> None:
    two = Layout("D", "%Y-%m-%d", ",", credit="In", debit="Out")
    found = read(b"D;In;Out\n2026-01-02;5,00;\n2026-01-02;;3,00\n2026-01-02;-;1,00\n2026-01-02;1,00;1,00", two)
    assert [line.cents if isinstance(line, Movement) else "bad" for line in found] == [500, -300, "bad", "bad"]
    way = Layout("D", "%Y-%m-%d", ".", amount="A", direction="W")
    found = read(b"D,A,W\n2026-01-02,5,CR\n2026-01-02,5,debit\n2026-01-02,5,?", way)
    assert [line.cents if isinstance(line, Movement) else "bad" for line in found] == [500, -500, "bad"]


def test_bad_lines_are_named_and_the_others_read() -> None:
    content = csv_of(
        row("5.00", "a"), row("x"), row("5.00", day="1.1.2026"), "short", row("0.00"), row("1.005"), row("2")
    )
    found = read(content, LAYOUT)
    assert [line.line for line in found] == [2, 3, 4, 5, 6, 7, 8]
    words = {line.line: line.what for line in found if isinstance(line, Bad)}
    assert set(words) == {3, 4, 5, 6, 7}
    assert "“x” is not an amount" in words[3]
    assert "2026-11-25" in words[4]
    assert "columns" in words[5]
    assert "nought" in words[6]
    assert "parts of a cent" in words[7]


def test_windows_letters_tabs_and_quotes() -> None:
    content = 'Day\tAmount\tPayer\n2026-01-02\t1.00\t"Müller, & Co\nKG"'.encode("cp1252")
    found = read(content, Layout("Day", "%Y-%m-%d", ".", amount="Amount", payer="Payer"))
    assert isinstance(found[0], Movement)
    assert found[0].payer == "Müller, & Co KG"


@pytest.mark.parametrize("content", [b"", b"a\nb", b"a,a\n1,2", b"\x00\x01,\x00"])
def test_what_is_no_table(content: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        bankcsv.table(content)


def test_a_layout_must_name_columns_that_are_there_and_one_way_to_the_amount() -> None:
    table = bankcsv.table(b"a,b\n1,2")
    for layout in (
        Layout("z", "%Y", ".", amount="b"),
        Layout("a", "%Y", "."),
        Layout("a", "%Y", ".", amount="b", credit="a"),
        Layout("a", "%Y", ".", credit="b", direction="a"),
    ):
        with pytest.raises(ValueError, match="column"):
            bankcsv.check(table, layout)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for reading in (bankcsv.table, camt.statement):
        with contextlib.suppress(UnreadableFileError):
            reading(content)


@pytest.mark.parametrize("version", ["02", "08"])
def test_a_statement(version: str) -> None:
    content = camt_of(
        entry("1404.00", text="INV-2026-00001", payer="Prairie Health", iban="DE1", ref="B1", version=version),
        entry("10.00", way="DBIT", text="Fee", payer="The bank", ref="B2", version=version),
        entry("3.00", way="DBIT", more="<RvslInd>true</RvslInd>", payer="Prairie Health", ref="B3", version=version),
        version=version,
    )
    found = camt.statement(content)
    assert all(isinstance(line, Movement) for line in found)
    assert [(row.cents, row.payer, row.reference, row.returns) for row in found if isinstance(row, Movement)] == [
        (140_400, "Prairie Health", "B1", False),
        (-1_000, "The bank", "B2", False),
        (-300, "Prairie Health", "B3", True),
    ]
    first = found[0]
    assert isinstance(first, Movement)
    assert (first.text, first.iban, first.day, first.currency) == ("INV-2026-00001", "DE1", date(2026, 1, 1), "USD")
    assert first.own == "GB33BUKB20201555555555"


def test_an_entry_of_several_is_each_of_them_and_pending_ones_wait() -> None:
    detail = "<TxDtls><Amt Ccy='USD'>{}</Amt><CdtDbtInd>CRDT</CdtDbtInd></TxDtls>"
    batch = entry("30.00", ref="B9").replace("</NtryDtls>", detail.format("20.00") + "</NtryDtls>")
    batch = batch.replace("<TxDtls>", "<TxDtls><AmtDtls><TxAmt><Amt Ccy='USD'>10.00</Amt></TxAmt></AmtDtls>", 1)
    pending = entry("5.00").replace("BOOK", "PDNG")
    found = camt.statement(camt_of(batch, pending))
    assert [(row.cents, row.reference) for row in found if isinstance(row, Movement)] == [
        (1000, "B9/1"),
        (2000, "B9/2"),
    ]
    assert len(found) == 2


def test_bad_movements_are_named() -> None:
    found = camt.statement(camt_of(entry("1.234"), entry("5", way="SIDEWAYS"), entry("6")))
    assert [type(line) for line in found] == [Bad, Bad, Movement]
    assert [line.line for line in found] == [1, 2, 3]


BOMB = """<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">&b;</Document>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/hostname">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">&a;</Document>"""
TYPED = '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd"><Document/>'


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, TYPED])
def test_entities_and_document_types_are_refused(text: str) -> None:
    with pytest.raises(UnreadableFileError, match="entities or a document type"):
        camt.statement(text.encode())
    with pytest.raises(UnreadableFileError, match="entities or a document type"):
        camt.statement(text.replace('<?xml version="1.0"?>', "").encode("utf-16"))


@pytest.mark.parametrize(
    "text", ["<Document/>", "<x", "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.054.001.02'/>"]
)
def test_other_xml_is_refused(text: str) -> None:
    with pytest.raises(UnreadableFileError):
        camt.statement(text.encode())


def test_keys_follow_what_the_lines_say_not_where_they_stand() -> None:
    one, two = row("5.00", "coffee", day="2026-01-01"), row("5.00", "coffee", day="2026-01-02")
    first = dict(keyed(_good(csv_of(one, one, two))))
    later = dict(keyed(_good(csv_of(row("9"), one, one))))
    assert len(first) == 3
    assert len(first.keys() & later.keys()) == 2
    named = row("5.00", "coffee", ref="R1"), row("5.00", "tea", ref="R1")
    assert (
        len({key for key, _ in keyed(_good(csv_of(named[0])))} & {key for key, _ in keyed(_good(csv_of(named[1])))})
        == 1
    )


def _good(content: bytes) -> list[Movement]:
    return [line for line in read(content, LAYOUT) if isinstance(line, Movement)]
