"""What is pointed out as a likely identifier, and what is left alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.common.identifiers import find
from tests.bench.identifiers import HERE, is_covered, measured, read


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
        ("Dorothy is 84 and refuses insulin", "a person's name"),
        ("pt lopez 44f, ana 1:640", "a person's name"),
        ("spoke with her daughter Yetunde", "a person's name"),
        ("Kwame Mensah, 52, has gout", "a person's name"),
        ("HERNANDEZ, LUZ F 62", "a person's name"),
        ("lives in Ogallala, no transport", "a place"),
        ("stent on April 3, off clopidogrel?", "an exact date"),
        ("subscriber ID XH-3381-90442", "a record number"),
        ("Nhia Xiong a hmong gentleman with gout", "a person's name"),
        ("oluwaseun adeyemi sickle cell, ferritin 4000", "a person's name"),
        ("Nguyễn Văn An 52M", "a person's name"),
        ("per Dr Vasudevan hold the statin", "a person's name"),
        ("Patel, Hansaben: B12 140", "a person's name"),
        ("can mr p. lindqvist have an MRI", "a person's name"),
        ("Pt in el paso, metformin makes her ill", "a place"),
        ("done at Fernwood Infusion Suite", "a place"),
        ("he works at the Tyson plant", "a place"),
        ("seen 2/14 for a cough", "an exact date"),
        ("fell last Tues the 4th", "an exact date"),
        ("bitten on labor day", "an exact date"),
        ("dx 4/2024", "an exact date"),
        ("he is one hundred and one, walks daily", "an age over 89"),
        ("93F with hip fracture", "an age over 89"),
        ("my pager is 5512", "a telephone number"),
        ("write to keene at example dot org", "an e-mail address"),
        ("ssn ending 0418", "a social security number"),
        ("pump s/n 5MX-770-2913 occludes", "a record number"),
        ("plate 7KTR 482", "a record number"),
        ("his insta is rusty_bucket77", "a web or network address"),
        ("the only blind judge in the county", "what sets somebody apart"),
        ("syncope Sunday morning", "an exact date"),
        ("stroke 27.01, how long warfarin", "an exact date"),
        ("doses 4/2, 4/9 and 4/16", "an exact date"),
        ("surgery set for April 18", "an exact date"),
        ("trop 18 at 2025-02-03T14:20", "an exact date"),
        ("Otto Lind 92, HFpEF", "an age over 89"),
        ("Thandolwethu's viral load is 40k", "a person's name"),
        ("Keolamau, 33, SLE", "a person's name"),
        ("call mrs Skarsgaardsen", "a person's name"),
        ("Barrett, Denise w long segment", "a person's name"),
        ("Stormy is a 19yo with AN", "a person's name"),
        ("(M.K.) has papilledema", "a person's name"),
        ("hosp. no. 88.412.07", "a record number"),
        ("device ID on the LVAD is HM3-MLP-019922", "a record number"),
        ("post code 87305", "a street address"),
        ("house at 4417 E Sycamore", "a street address"),
        ("see DSC_0418.jpg", "a web or network address"),
        ("IP 2001:db8:44::9e", "a web or network address"),
        ("Pine Ridge man with diphtheria", "a place"),
        ("our Minot patient had a seizure", "a place"),
        ("a former astronaut, flew two shuttle missions", "what sets somebody apart"),
        ("starting point guard for the Wildcats", "what sets somebody apart"),
        ("is it safe to restart lithium in Vosterholt now", "a person's name"),
        ("fever since a trip to Vosterholt Bluff", "a person's name"),
        ("hi, quick one re quellhorst - ferritin 1850", "a person's name"),
        ("ok to add an SGLT2i for Winsome at this eGFR", "a person's name"),
        ("seen by nwosu-brandvold for the rash", "a person's name"),
        ("Van der Quellhorst came with a rash", "a person's name"),
        ("OKAFOR Ngozi has a potassium of 2.4", "a person's name"),
        ("PLEASE ADVISE ON QUELLHORST, POTASSIUM IS LOW AGAIN", "a person's name"),
        ("mary o'toole wants to stop it", "a person's name"),
        ("retired from the Vosterholt paper mill", "a place"),
        ("lives in Charlotte, no car", "a place"),
        ("biopsy at the Ballard Park clinic", "a place"),
        ("Eircode D02 X285", "a street address"),
        ("cbc 1/3 wbc 2.1, then 1/17 wbc 1.6", "an exact date"),
        ("admitted 17/2 with DKA", "an exact date"),
        ("CT of 04.11 shows 1.8 cm", "an exact date"),
        ("her shot was 10-21, can she have it", "an exact date"),
        ("the rash came in October", "an exact date"),
        ("Ludmila, as all call her, 91, AF", "an age over 89"),
        ("his granddad Elmer is 101 and well", "an age over 89"),
        ("(01) 555 0104 is his", "a telephone number"),
        ("the only bagpiper of ours has a cough", "what sets somebody apart"),
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
        "May we stop? Will Grace criteria help? Austin Flint murmur; Stevens-Johnson syndrome to Lamictal",
        "QTc is 490 ms and rising; meet in Room 2.14",
        "Poison control, 1-800-222-1222, was called; back from Kenya for 3 weeks",
        "Cornelia de Lange syndrome; Von Hippel-Lindau Disease (VHL); Alkhurma Hemorrhagic Fever (AHF)",
        "Hunt-Hess 3 Fisher 4; Jackson-Pratt output falls; Gardner's + desmoid; St John's wort",
        "Strength 4/5, pain 9/10, 3/12 nodes, Percocet 5/325, follow up in 3/6/12 months; temp 98F",
        "A patient back from Brazil and Peru; Is Ramadan fasting safe; the only option in the country",
        "HD Monday, Wednesday and Friday; LN 3/18, MoCA 9/30, PHQ 12/27, Norco 10/325, tx 2-3 weeks",
        "Does Skyrizi, like Tremfya, need a TB test? Duchenne, 14, EF 45; Kaftrio has been stopped; Lupus 34F",
        "Lou Gehrig: riluzole; Guthrie spot; Roth spots; New York Heart III; FII G20210A; S. Aureus; Ann Arbor II",
        "Churg Strauss on Nucala 300; Loeffler endocarditis; Osgood Schlatter; Mallory Weiss; Heyde's and AS",
        "L. braziliensis in a Bolivian, a Turkish and an Eritrean patient back from Costa Rica or Burkina Faso",
        "ceftri 2 g, methylpred 1 g, neostig, serofast; ileocaecal, microbleeds, phlebotomise, postresuscitation",
        "5/7 of trimethoprim, 10/10, BiPAP 14/6, HC 15/5, 2/12 cores, fT4 9-19; 10-14 d, 24/7, GCS 9/15, IQR 3-17 mm",
        "How to treat Rheumatoid Arthritis, Prostate Cancer and the Clinical Frailty Scale; APOE4, TKIs and MoCA",
        "Keppra, Lamictal, humira and farxiga; the World Health Organization; Nurses' Health Study",
        "",
    ],
)
def test_left_alone(text: str) -> None:
    assert find(text) == []


def test_findings_that_overlap_are_one() -> None:
    """Else the half that sticks out would stay when the other is taken out."""
    assert [finding.words for finding in find("device IP 10.4.22.19 is blocked")] == ["device IP 10.4.22.19"]


@given(st.text(max_size=300))
def test_findings_are_in_order_apart_and_stand_in_the_text(text: str) -> None:
    end = 0
    for finding in find(text):
        assert end <= finding.start < finding.end <= len(text)
        assert finding.words in text
        end = finding.end


LONG = [
    "a",
    "Aa ",
    "Aa-",
    "Aa’",
    "1-",
    "room ",
    "room a1",
    "MRN ",
    "on ",
    "may 1 ",
    "dob 1/",
    "www.",
    "a@",
    "lives in Aa ",
    "at Aa ",
    "a at ",
    "only a ",
    "St. Aa ",
    "1/2-",
    "hosp # 1 ",
    "aaaa ",
    "@a",
    "J. ",
    "the only county ",
    "the first week of ",
    "a::",
    "1/2, ",
    "Aa's ",
    "license a ",
    "the former ",
    "aaaxqz ",
    "Aaaxqz ",
    "AAAXQZ ",
    "Aa AAAXQZ ",
    "the only aa ",
]


@pytest.mark.parametrize("piece", LONG)
def test_no_text_takes_longer_than_its_length_asks(piece: str) -> None:
    """What is typed is looked at while it is typed: twice the text may not take ten times as long. No clock: a rule
    that runs away would not end within the test's life."""
    find(piece * (20_000 // len(piece)))


class TestLabelledQuestions:
    """Questions with what identifies marked in them, and questions that identify nobody (tests/bench/identifiers)."""

    @pytest.mark.parametrize("name", ["first", "second", "third", "fourth", "fifth", "sixth", "seventh"])
    def test_most_of_what_identifies_is_pointed_out_and_few_clean_questions_are(self, name: str) -> None:
        figures = measured(HERE, name)
        assert figures.share_covered >= 0.90
        assert figures.share_flagged <= 0.20

    def test_a_mark_counts_only_where_half_of_it_is_found(self) -> None:
        text, (tag,) = read("Seen by nobody: [[NAME:Mr. Gunderson]].")
        assert text == "Seen by nobody: Mr. Gunderson."
        assert text[tag.start : tag.end] == "Mr. Gunderson"
        assert is_covered(tag, text)
        assert not is_covered(replace(tag, kind="DATE", start=0), text)
