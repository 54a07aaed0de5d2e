"""The directory of specialists: what each says of themselves, who is shown to whom, and asking from there."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.common.refusals import Invalid, Refused
from portal.members.models import Person, Role, SpecialistProfile, Specialty
from portal.members.services.specialists import save_specialist_profile
from tests.cast import Cast, away, give, make_person
from tests.knowledge.helpers import make_document
from tests.knowledge.test_api import api
from tests.knowledge.test_pages import as_, text

pytestmark = pytest.mark.django_db


def told(person: Person, *languages: str, interests: str = "", answers_when: str = "", is_listed: bool = True) -> None:
    save_specialist_profile(
        languages=languages, interests=interests, answers_when=answers_when, is_listed=is_listed, by=person
    )


def test_a_specialist_writes_their_own_entry(cast: Cast) -> None:
    client = as_(cast.specialist)
    assert "/account/directory/" in text(client, "/account/")
    assert "When you usually answer" in text(client, "/account/directory/")
    values = {"languages": "english, Spanish,, ENGLISH", "interests": "Heart failure", "answers_when": "before 10"}
    assert client.post("/account/directory/", values | {"is_listed": "on"}).status_code == 302
    profile = SpecialistProfile.objects.get(person=cast.specialist)
    assert profile.languages == ["English", "Spanish"]
    page = text(as_(cast.clinician_prairie), "/specialists/")
    for words in (cast.specialist.name, "Cardiology", "English, Spanish", "Heart failure", "Usually answers before 10"):
        assert words in page, words


def test_nobody_else_has_an_entry(cast: Cast) -> None:
    for person in (cast.clinician_prairie, cast.admin_prairie, cast.editor, cast.network_admin, cast.auditor):
        client = as_(person)
        assert client.get("/account/directory/").status_code == 404
        assert client.post("/account/directory/", {"languages": "English"}).status_code == 404
        with pytest.raises(Refused):
            told(person, "English")
    assert not SpecialistProfile.objects.exists()


def test_what_is_too_long_or_too_much_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid):
        told(cast.specialist, interests="x" * 501)
    with pytest.raises(Invalid):
        told(cast.specialist, answers_when="x" * 201)
    for languages in (["x" * 41], [f"Language {number}" for number in range(11)]):
        with pytest.raises(Invalid):
            told(cast.specialist, *languages)


def test_the_list_is_narrowed_and_searched(cast: Cast) -> None:
    neurology = Specialty.objects.get(slug="neurology")
    neuro = give(make_person("neuro@network.example", "Lee Park"), Role.Name.SPECIALIST, specialties=(neurology,))
    told(neuro, "English", "Korean", interests="Stroke in the young")
    told(cast.specialist, "English", interests="Heart failure")
    client = as_(cast.clinician_prairie)

    def names(query: str) -> set[str]:
        page = text(client, f"/specialists/?{query}")
        return {name for name in ("Lee Park", "Kofi Arden", "Lena Moritz", "Paola Reyes") if name in page}

    everyone = {"Lee Park", "Kofi Arden", "Lena Moritz", "Paola Reyes"}
    assert names("") == names("specialty=none-such&language=Latin") == everyone
    assert names("specialty=neurology") == {"Lee Park"}
    assert names("language=Korean") == {"Lee Park"}
    assert names("q=stroke+lee") == {"Lee Park"}
    assert names("q=HEART") == {"Kofi Arden"}
    assert names("q=%25") == set()
    assert "Nobody found" in text(client, "/specialists/?q=zzz")
    assert text(client, "/specialists/?specialty=neurology").count("Lee Park") <= 3


def test_only_who_answers_and_wants_to_be_listed_is_shown(cast: Cast) -> None:
    told(cast.specialist, is_listed=False)
    cast.lead.roles.all().delete()
    Person.objects.filter(pk=cast.specialist2.pk).update(is_active=False, deactivated_at=timezone.now())
    page = text(as_(cast.clinician_prairie), "/specialists/")
    for person in (cast.specialist, cast.specialist2, cast.lead, cast.editor, cast.clinician_lakeside):
        assert person.name not in page
    assert api(cast.clinician_prairie).get("/api/v1/specialists/").json()["count"] == 0


def test_who_is_away_is_marked_and_not_asked(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a")
    away(cast.specialist, timezone.now() + timedelta(days=3))
    client = as_(cast.clinician_prairie)
    for page in (text(client, "/specialists/"), text(client, "/documents/a/")):
        assert "Away until" in page
        assert f"specialist={cast.specialist.pk}" not in page
        assert f"specialist={cast.specialist2.pk}" in page


def test_a_document_shows_three_experts_of_its_specialties(tmp_path: Path, cast: Cast) -> None:
    neurology = Specialty.objects.get(slug="neurology")
    neuro = give(make_person("neuro@network.example", "Lee Park"), Role.Name.SPECIALIST, specialties=(neurology,))
    more = give(make_person("m@network.example", "Aa First"), Role.Name.SPECIALIST, specialties=(cast.cardiology,))
    make_document(tmp_path, "a", specialties=["cardiology"])
    make_document(tmp_path, "b", specialties=[])
    told(cast.lead, answers_when="at noon")
    page = text(as_(cast.clinician_prairie), "/documents/a/")
    assert "Usually answers at noon" in page
    assert page.index(cast.lead.name) < page.index(more.name), "who says something of themselves comes first"
    assert neuro.name not in page
    assert page.count("?document=a&amp;specialist=") == 3
    assert 'id="experts"' not in text(as_(cast.clinician_prairie), "/documents/b/")
    assert "specialist=" not in text(as_(cast.editor), "/documents/a/"), "who may not ask gets no such link"


def test_asking_from_there_names_the_specialist_and_a_specialty_of_theirs(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a", specialties=["neurology", "hospital-medicine"])
    client = as_(cast.clinician_prairie)

    def chosen(query: str) -> tuple[str, str]:
        page = client.get(f"/ask/?{query}").context["form"]
        return page["specialty"].value(), page["assignee"].value() or ""

    email = cast.specialist.email
    assert chosen(f"document=a&specialist={cast.specialist.pk}") == ("hospital-medicine", email)
    assert chosen(f"specialist={cast.specialist.pk}&specialty=hospital-medicine") == ("hospital-medicine", email)
    assert chosen(f"specialist={cast.specialist.pk}&specialty=neurology") == ("cardiology", email)
    assert chosen("document=a")[1] == ""
    for nonsense in ("x", "9" * 30, str(cast.clinician_lakeside.pk), "²"):
        assert chosen(f"specialist={nonsense}&specialty=cardiology") == ("cardiology", "")
    page = text(client, f"/ask/?document=a&specialist={cast.specialist.pk}")
    assert f'<option value="{email}" selected>' in page


def test_who_has_no_role_sees_no_directory(cast: Cast) -> None:
    assert Client().get("/specialists/").status_code == 302
    cast.clinician_lakeside.roles.all().delete()
    outcast = Person.objects.get(pk=cast.clinician_lakeside.pk)
    assert as_(outcast).get("/specialists/").status_code in (302, 404)


def test_over_rest(cast: Cast) -> None:
    told(cast.specialist, "English", interests="Heart failure", answers_when="before 10")
    client = api(cast.clinician_prairie)
    everyone = client.get("/api/v1/specialists/").json()
    assert everyone["count"] == 3
    (one,) = client.get("/api/v1/specialists/?q=heart&language=English&specialty=cardiology").json()["results"]
    assert one == {
        "name": cast.specialist.name,
        "email": cast.specialist.email,
        "specialties": ["cardiology", "hospital-medicine"],
        "languages": ["English"],
        "interests": "Heart failure",
        "answers_when": "before 10",
        "is_away": False,
        "away_until": None,
    }
    assert client.get("/api/v1/specialists/?specialty=none").status_code == 400


def test_the_pages_cost_the_same_however_many_there_are(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a")
    client, paths = as_(cast.clinician_prairie), ("/specialists/", "/documents/a/")

    def costs() -> list[int]:
        found = []
        for path in paths:
            with CaptureQueriesContext(connection) as seen:
                text(client, path)
            found.append(len(seen))
        return found

    costs()
    before = costs()
    for number in range(40):
        person = make_person(f"s{number}@network.example", f"Person {number}")
        give(person, Role.Name.SPECIALIST, specialties=(cast.cardiology, cast.hospital_medicine))
        told(person, "English", f"Language {number}")
    assert costs() == before
    assert "1 to 25 of 43" in text(client, "/specialists/")
