"""What is pointed out as a likely identifier, and what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.common.identifiers import find


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Mr. Gunderson has AF", "a person's name"),
        ("patient named Alma Reyes, 60", "a person's name"),
        ("DOB 3/14/1951", "a date of birth"),
        ("born on March 3, 1950", "a date of birth"),
        ("MRN 00482913", "a record number"),
        ("medical record number: A1234567", "a record number"),
        ("call me at (785) 555-0134", "a telephone number"),
        ("ssn 123-45-6789", "a social security number"),
        ("write to ana@clinic.example", "an e-mail address"),
        ("admitted 11/03/2026", "an exact date"),
        ("seen on 3 November 2026", "an exact date"),
        ("a 93-year-old woman", "an age over 89"),
        ("lives at 12 Maple Street", "a street address"),
        ("see https://example.org/x", "a web or network address"),
    ],
)
def test_pointed_out(text: str, kind: str) -> None:
    assert kind in {finding.kind for finding in find(text)}


@pytest.mark.parametrize(
    "text",
    [
        "72-year-old man with AF, CHA2DS2-VASc 4, eGFR 22 mL/min, weight 70 kg",
        "Apixaban 2.5 mg or 5 mg twice daily? Creatinine 2.4 mg/dL, Hb 11.2.",
        "BP 142/88, HR 110, SpO2 92 % on 2 L; lactate 3.1 then 2.0 at 3 h",
        "No response after 2 days of ceftriaxone 1 g; CURB-65 of 3",
        "Parkinson disease and Crohn disease; Glasgow Coma Scale 14",
        "Symptoms for 10-14 days, 3/6 systolic murmur, T 38.5",
        "Patient with Graves disease; Wells score 4.5",
        "",
    ],
)
def test_left_alone(text: str) -> None:
    assert find(text) == []


@given(st.text(max_size=300))
def test_findings_are_in_order_apart_and_stand_in_the_text(text: str) -> None:
    end = 0
    for finding in find(text):
        assert end <= finding.start < finding.end <= len(text)
        assert finding.words in text
        end = finding.end
