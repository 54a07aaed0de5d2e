"""The specialty suggested from past routing: explained, overridable, and made of nothing that could be somebody's."""

import pytest
from django.test import Client
from django.utils import timezone

from consults import tasks
from consults.models import Consult, LearnedSpecialty, LearnedWord
from consults.services import learning
from portal.members.models import Specialty
from tests.cast import Cast, sign_in

pytestmark = pytest.mark.django_db
HEART = "Potassium of 6.1 with digoxin and atrial fibrillation"
NERVES = "Seizure and levetiracetam after a stroke"


def past(cast: Cast, slug: str, text: str, count: int, state: str = "closed", summary: str = "") -> None:
    """Consults that ended in a specialty, straight into the table: their life is of no interest here."""
    now, first = timezone.now(), Consult.objects.count()
    Consult.objects.bulk_create(
        Consult(
            number=f"X-{first + n}",
            organization=cast.prairie,
            requester=cast.clinician_prairie,
            specialty=Specialty.objects.get(slug=slug),
            question=text,
            summary=summary,
            state=state,
            submitted_at=now,
            ended_at=now if state in ("closed", "withdrawn") else None,
        )
        for n in range(count)
    )


@pytest.fixture
def learned(cast: Cast) -> None:
    past(cast, "cardiology", HEART, 70)
    past(cast, "hospital-medicine", NERVES, 60)
    assert tasks.learn_routing() == 130


def test_it_is_explained_by_the_words_that_speak_for_it(learned: None) -> None:
    found = learning.suggest("What to do about potassium with digoxin?")
    assert [row.specialty.slug for row in found] == ["cardiology"]
    assert found[0].reason.startswith("because similar questions went to Cardiology: ")
    assert {"potassium", "digoxin"} <= set(found[0].reason.partition(": ")[2].split(", "))
    assert [row.specialty.slug for row in learning.suggest("another seizure")] == ["hospital-medicine"]


def test_words_it_does_not_know_say_nothing(learned: None) -> None:
    assert learning.suggest("Quorum bicycle") == []
    assert learning.suggest("") == []
    assert learning.suggest("7 8 9") == []


def test_the_page_suggests_and_leaves_the_choice(cast: Cast, learned: None) -> None:
    client = sign_in(Client(), cast.clinician_prairie)
    words = client.get("/ask/", {"question": "Potassium with digoxin"}).content.decode()
    assert "similar questions went to Cardiology: " in words
    assert "The choice is yours" in words
    chosen = client.get("/ask/", {"question": "Potassium with digoxin", "specialty": "hospital-medicine"})
    assert "similar questions" not in chosen.content.decode()


def test_too_little_is_nothing(cast: Cast) -> None:
    past(cast, "cardiology", HEART, 50)
    past(cast, "hospital-medicine", NERVES, 49)
    assert learning.train(now=timezone.now()) == 99
    assert learning.suggest("digoxin") == []


def test_nothing_rests_on_fewer_than_eleven_and_nothing_is_a_number(cast: Cast) -> None:
    past(cast, "cardiology", HEART, 100)
    past(cast, "cardiology", "Margery Featherstonehaugh 555-1234", 10)
    past(cast, "hospital-medicine", NERVES, 100, summary="Record 8812345 of ward7")
    past(cast, "neurology", "Unheard ataxia", 10)
    past(cast, "neurology", "Unsent myotonia", 20, state="withdrawn")
    learning.train(now=timezone.now())
    kept = set(LearnedWord.objects.values_list("shown", flat=True)) | set(
        LearnedWord.objects.values_list("word", flat=True)
    )
    assert "digoxin" in kept
    for word in ("featherstonehaugh", "margery", "ataxia", "myotonia"):
        assert not any(word[:6] in one for one in kept), word
    assert all(one.isalpha() for one in kept)
    assert not LearnedSpecialty.objects.filter(specialty__slug="neurology").exists()


def test_eleven_are_enough(cast: Cast) -> None:
    past(cast, "cardiology", HEART, 100)
    past(cast, "hospital-medicine", NERVES, 100)
    past(cast, "neurology", "Myotonia", 11)
    learning.train(now=timezone.now())
    assert learning.suggest("myotonia")[0].specialty.slug == "neurology"


def test_learning_twice_is_the_same(cast: Cast, learned: None) -> None:
    before = list(LearnedWord.objects.order_by("specialty__specialty", "word").values_list("word", "weight"))
    learning.train(now=timezone.now())
    after = list(LearnedWord.objects.order_by("specialty__specialty", "word").values_list("word", "weight"))
    assert before == after
    Consult.objects.all()._raw_delete("default")
    assert learning.train(now=timezone.now()) == 0
    assert not LearnedWord.objects.exists()
