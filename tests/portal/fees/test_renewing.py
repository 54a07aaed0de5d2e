"""The arithmetic of renewals: a year is the sum of its invoices, marks come once and in order, words are exact."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.fees import pricing, renewing
from portal.fees.pricing import Band, Size, Usage
from portal.fees.proration import Stretch, period
from portal.fees.renewing import Mark, Side

END = date(2027, 1, 1)
CENTS = st.integers(0, 5_000_000)


def side(dues: int = 0, facility: int = 0, band: int = 0, discount: int = 0, tax: int = 0, facilities: int = 1) -> Side:
    terms = pricing.Terms("USD", dues, facility, (Band(None, band),), Usage(), 0, 0, 0, discount, tax)
    return Side(terms, Size(facilities, 10))


@given(CENTS, CENTS, CENTS, st.integers(0, 10_000), st.integers(0, 40), st.sampled_from([1, 3, 12]))
def test_a_year_before_tax_is_what_its_invoices_come_to(
    dues: int, facility: int, band: int, discount: int, facilities: int, months: int
) -> None:
    """To the cent without a discount; with one each invoice rounds its own, by a cent a line at most."""
    it = side(dues, facility, band, discount, 0, facilities)
    billed = 0
    for number in range(12 // months):
        whole = period(date(2027, 1, 1), months, number)
        billed += sum(line.cents for line in pricing.recurring(it.terms, it.size, whole, whole.stretch))
    year = renewing.of_a_year(it)["A year"]
    assert abs(year - billed) <= (0 if discount in (0, 10_000) else 3 * 12 // months)


def test_side_by_side_names_each_part_of_either_year() -> None:
    rows = renewing.beside(side(dues=100), side(band=300, tax=1000))
    assert [(row.name, row.old, row.new, row.more) for row in rows] == [
        ("Network dues", 100, 0, -100),
        ("Clinicians", 0, 300, 300),
        ("Tax", 0, 30, 30),
        ("A year", 100, 330, 230),
    ]


@given(st.sets(st.integers(1, 400), max_size=6), st.integers(1, 400))
def test_looked_at_each_day_every_mark_after_the_offer_comes_once_on_its_day(days: set[int], before: int) -> None:
    offered_on = END - timedelta(days=before)
    marks = list(renewing.marks(END, tuple(days), offered_on=offered_on))
    last, sent, today = None, [], offered_on
    while today < END:
        if mark := renewing.due(marks, today, last=last):
            sent.append((mark, today))
            last = mark.days_before
        today += timedelta(days=1)
    assert [mark for mark, _ in sent] == marks
    assert all(mark.due_on == day for mark, day in sent)
    assert [mark.days_before for mark in marks] == sorted((day for day in days if day < before), reverse=True)


def test_nothing_is_due_before_the_first_mark_or_from_the_end_on() -> None:
    marks = [Mark(30, END - timedelta(days=30))]
    assert renewing.due(marks, END - timedelta(days=31), last=None) is None
    assert renewing.due(marks, END - timedelta(days=1), last=None) == marks[0]
    assert renewing.due(marks, END, last=None) is None


@pytest.mark.parametrize(
    ("size", "words"),
    [(Size(1, 1), "1 facility and 1 clinician,"), (Size(2, 1200), "2 facilities and 1,200 clinicians,")],
)
def test_the_sentence_counts_rightly_and_names_the_last_day(size: Size, words: str) -> None:
    said = renewing.sentence("A Group", Stretch(END, date(2028, 1, 1)), "Standard, version 2", 123_456, "EUR", size)
    assert words in said
    assert "from 1 January 2027 up to and with 31 December 2027" in said
    assert "1,234.56" in said
