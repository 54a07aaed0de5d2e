"""Two sections' gates, and what reading answered lately, for the demonstration."""

from datetime import datetime, timedelta

from consults import gate
from consults.models import ReadInstead
from consults.services import gating, rota
from knowledge.models import Document
from portal.members.models import Person, Specialty

CARDIOLOGY = {
    "medicines": gate.Rule(gate.OPTIONAL, 0, "Half of our answers turn on an interaction."),
    "results": gate.Rule(gate.OPTIONAL, 0, "ECG, ejection fraction and kidney function change most answers."),
}
EMERGENCY = {
    "results": gate.Rule(gate.REQUIRED, 20, "Vital signs and the first laboratory results decide what comes next."),
    "tried": gate.Rule(gate.REQUIRED, 10, "We do not send you back to what you have done."),
}
READ = (("faq-doac-renal-dose", 14), ("atrial-fibrillation-anticoagulation", 12), ("acute-stroke", 3))


def load_asking(now: datetime) -> None:
    """Gates of cardiology and emergency medicine, and counts that name nobody."""
    for slug, email, rules, consent in (
        ("cardiology", "lead@network.example", CARDIOLOGY, gate.CONSENT_ASKED),
        ("emergency-medicine", "network-admin@network.example", EMERGENCY, gate.NO_CONSENT),
    ):
        specialty = Specialty.objects.get(slug=slug)
        gating.define(by=Person.objects.get(email=email), specialty=specialty, rules=rules, consent=consent)
    cardiology, today = Specialty.objects.get(slug="cardiology"), rota.today(now)
    documents = {row.slug: row for row in Document.objects.filter(slug__in=[slug for slug, _ in READ])}
    ReadInstead.objects.bulk_create(
        ReadInstead(document=documents[slug], specialty=cardiology, day=today - timedelta(days=number * 3 % 80))
        for slug, n in READ
        if slug in documents
        for number in range(n)
    )
