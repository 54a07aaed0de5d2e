"""Which invoice a bank line pays, and how it is explained."""

from datetime import date

import pytest

from portal.fees.bankline import plain
from portal.fees.matching import Known, Open, Paid, Seen, Suggestion, numbers_in, suggest

PRAIRIE, LAKESIDE = 1, 2
FIRST = Open(11, "INV-2026-00001", PRAIRIE, date(2026, 1, 31), 140_400)
SECOND = Open(12, "INV-2026-00002", PRAIRIE, date(2026, 2, 28), 100_000)
OTHER = Open(21, "INV-2026-00012", LAKESIDE, date(2026, 1, 31), 55_500)
PAID = Paid(5, PRAIRIE, 140_400, date(2026, 1, 10), "REF-778", ("INV-2026-00001",))


def known(
    *, ibans: dict[str, int] | None = None, payers: dict[str, int] | None = None, paid: tuple[Paid, ...] = ()
) -> Known:
    names = {PRAIRIE: "Prairie Health", LAKESIDE: "Lakeside Medical Group"}
    rows = {row.invoice: row for row in (FIRST, SECOND, OTHER)}
    return Known(rows, names, ibans or {}, payers or {}, paid)


def found(
    cents: int, text: str = "", *, payer: str = "", iban: str = "", returns: bool = False, **more: object
) -> Suggestion:
    return suggest(Seen(cents, "USD", text, payer, iban, returns=returns), known(**more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["INV-2026-00001", "inv 2026 00001", "re: INV202600001.", "INV-2026-0 0001 thanks", "x/INV.2026.00001/12345"],
)
def test_a_number_is_found_however_it_is_spaced(text: str) -> None:
    assert numbers_in(text, [FIRST.number, OTHER.number]) == [FIRST.number]


@pytest.mark.parametrize("text", ["INV-2026-000011", "XINV-2026-00001", "2026-00001", ""])
def test_it_is_never_part_of_another(text: str) -> None:
    assert numbers_in(text, [FIRST.number]) == []


def test_the_number_and_the_exact_amount_are_sure() -> None:
    it = found(140_400, "INV-2026-00001")
    assert it.is_sure
    assert (it.account, it.parts) == (PRAIRIE, {11: 140_400})
    assert it.words == (
        "The text names INV-2026-00001.",
        "The amount is exactly what is open of INV-2026-00001.",
    )


def test_one_payment_for_two_invoices() -> None:
    it = found(240_400, "INV-2026-00001 and INV-2026-00002")
    assert it.is_sure
    assert it.parts == {11: 140_400, 12: 100_000}


def test_a_part_and_too_much_are_said() -> None:
    part = found(40_000, "INV-2026-00001")
    assert part.is_sure
    assert part.parts == {11: 40_000}
    assert "$1,004.00 less" in part.words[-1]
    over = found(150_000, "INV-2026-00001")
    assert over.parts == {11: 140_400}
    assert "$96.00 more, which stays as credit" in over.words[-1]


def test_a_payer_seen_before_and_the_amount_are_sure_and_the_name_alone_nearly() -> None:
    it = found(100_000, iban="DE1", ibans={"DE1": PRAIRIE})
    assert it.is_sure
    assert it.parts == {12: 100_000}
    assert "has paid for Prairie Health before" in it.words[0]
    named = found(100_000, payer="PRAIRIE HEALTH, Inc.")
    assert named.parts == {12: 100_000}
    assert named.is_sure
    short = found(100, payer="Prairie Health", payers={plain("Prairie Health"): PRAIRIE})
    assert not short.is_sure
    assert short.parts == {11: 100}


def test_a_known_payer_with_another_amount_pays_the_first_due_and_is_looked_at() -> None:
    it = found(150_000, iban="DE1", ibans={"DE1": PRAIRIE})
    assert not it.is_sure
    assert it.parts == {11: 140_400, 12: 9_600}


def test_a_number_of_one_and_an_account_of_another_is_not_sure() -> None:
    it = found(140_400, "INV-2026-00001", iban="DE2", ibans={"DE2": LAKESIDE})
    assert not it.is_sure
    assert "look twice" in it.words[1]


def test_invoices_of_two_organizations_are_left_to_a_person() -> None:
    it = found(195_900, "INV-2026-00001 INV-2026-00012")
    assert (it.account, it.score) == (None, 0)


def test_an_amount_alone_is_a_hint_and_nothing_is_nothing() -> None:
    it = found(55_500)
    assert not it.is_sure
    assert it.parts == {21: 55_500}
    assert found(1).account is None


def test_nothing_owed_stays_as_credit() -> None:
    rest = known(ibans={"DE1": PRAIRIE})
    rest.open.clear()
    it = suggest(Seen(5_000, "USD", "", "", "DE1"), rest)
    assert (it.account, it.parts) == (PRAIRIE, {})
    assert "owes nothing" in it.words[-1]


def test_what_a_line_takes_the_next_one_does_not_see() -> None:
    rest = known()
    rest.take({11: 100_000})
    assert rest.open[11].cents == 40_400
    rest.take({11: 40_400})
    assert 11 not in rest.open


def test_a_returned_debit_names_its_payment() -> None:
    it = found(-140_400, "return REF-778", returns=True, paid=(PAID,))
    assert it.is_sure
    assert (it.undoes, it.account) == (5, PRAIRIE)
    assert found(-140_400, "RETURN INV-2026-00001", returns=True, paid=(PAID,)).is_sure
    assert found(-140_400, "rent", paid=(PAID,)).undoes is None, "the amount alone is nothing"
    assert found(-140_399, "return REF-778", returns=True, paid=(PAID,)).undoes is None


def test_two_payments_that_fit_alike_are_left_to_a_person() -> None:
    twin = Paid(6, PRAIRIE, 140_400, date(2026, 1, 11), "REF-779", ("INV-2026-00001",))
    assert found(-140_400, "INV-2026-00001", returns=True, paid=(PAID, twin)).undoes is None
