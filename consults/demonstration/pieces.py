"""A few saved pieces of answers: one section's, and one specialist's own."""

from datetime import datetime

from consults.services import pieces
from portal.members.models import Person, Specialty

SECTION = (
    (
        "cardiology",
        "Anticoagulation: when to call",
        """Have the patient come in at once for bleeding that does not stop, black stools, a fall on the head, or a new
weakness or trouble speaking.""",
    ),
    (
        "cardiology",
        "Potassium and creatinine check",
        "Check potassium and creatinine after one week, and again four weeks after each change of dose.",
    ),
    (
        "hospital-medicine",
        "Ask again",
        "If this does not settle within 24 hours, please ask again here: a follow-up starts a new clock.",
    ),
)
OWN = ("Closing line", "This is advice on the information given, not an examination. You know the patient.")


def load_pieces(*, at: datetime) -> None:
    """Save them, as the section lead and a specialist of the demonstration."""
    lead, specialist = (Person.objects.get(email=f"{name}@network.example") for name in ("lead", "specialist"))
    for slug, title, text in SECTION:
        section = Specialty.objects.get(slug=slug)
        pieces.add(by=lead, specialty=section, title=title, text=text.replace("\n", " "), attested=False, at=at)
    pieces.add(by=specialist, specialty=None, title=OWN[0], text=OWN[1], attested=False, at=at)
