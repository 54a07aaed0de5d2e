"""What the demonstration's clinician keeps for herself: a list, and two entries of continuing education."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from knowledge.models import Document
from knowledge.services import Learned, add_to_list, create_list, default_list, record_education
from portal.members.models import Person

READER = "clinician@prairie.example"
LIST = ("On the ward", ("order-set-sepsis", "hyperkalemia", "sepsis-adult"))
LATER = ("heart-failure-acute",)
LEARNED = (
    (
        9,
        "When is it right to repeat lactate in sepsis that responds to fluid?",
        ("faq-lactate-repeat", "sepsis-adult"),
        "changes-practice",
        "Repeat within 2 to 4 hours when it was raised, and not by habit when it was normal.",
    ),
    (
        37,
        "Which anticoagulant dose holds at an eGFR below 25?",
        ("faq-doac-renal-dose",),
        "confirmed",
        "",
    ),
)


@transaction.atomic
def load_reader() -> None:
    """Make them, unless the reader has entries already."""
    reader = Person.objects.get(email=READER)
    if reader.education_entries.exists() or reader.reading_lists.exists():
        return
    documents = {row.slug: row for row in Document.objects.published().select_related("current_revision")}
    made = create_list(name=LIST[0], by=reader)
    for slug in LIST[1]:
        add_to_list(reading_list=made, document=documents[slug], by=reader)
    for slug in LATER:
        add_to_list(reading_list=default_list(by=reader), document=documents[slug], by=reader)
    for days, question, slugs, effect, words in LEARNED:
        day = timezone.localdate() - timedelta(days=days)
        consulted = [documents[slug] for slug in slugs]
        learned = Learned(on=day, question=question, documents=consulted, effect=effect, effect_text=words)
        record_education(learned=learned, by=reader)
