"""A colleague who follows, billing codes and a peer review, for the demonstration."""

from datetime import datetime

from consults.models import Consult, Message, PeerReview
from consults.services import deciding, people, preparing, reviewing
from portal.members.models import Organization, Person, Specialty


def load(now: datetime) -> None:
    """Add to the consults that are there; told as of ``now``."""
    _following(now)
    _billing(now)
    _preparation(now)
    _peer_review(now)


def _following(now: datetime) -> None:
    asker = _person("clinician@prairie.example")
    row = Consult.objects.filter(requester=asker, state__in=people.UNFINISHED).order_by("-pk").first()
    colleague = row and people.colleagues(row.organization_id, besides=asker).first()
    if row and colleague:
        people.watch(row, by=asker, person=colleague, at=now)


def _billing(now: datetime) -> None:
    """The latest three answers of one specialist: two codes confirmed, one refused."""
    by = _person("specialist@network.example")
    answers = Message.objects.filter(author=by, kind=Message.Kind.ANSWER, minutes__gte=5)
    rows = Consult.objects.filter(pk__in=answers.values("consult"), state__in=("answered", "closed"))
    said = deciding.Said(seen=False, billed_lately=False, consent=True)
    for row, why in zip(rows.order_by("-pk")[:3], ("", "", "Saw this patient last week"), strict=False):
        deciding.decide(row, by=by, said=said, refused_because=why, is_refused=bool(why), at=now)


def _preparation(now: datetime) -> None:
    """Prairie bills for preparing; its clinician billed nothing for their latest answered question."""
    admin, asker = _person("admin@prairie.example"), _person("clinician@prairie.example")
    for place in Organization.objects.filter(pk__in=admin.actor.administrator_of):
        preparing.set_policy(by=admin, organization=place, bills=True, at=now)
    rows = Consult.objects.filter(requester=asker, state__in=("answered", "closed"))
    if row := rows.order_by("-pk").first():
        why = "Ten minutes, less than the code asks for"
        preparing.decide(row, by=asker, minutes=10, billed_lately=None, refused_because=why, is_refused=True, at=now)


def _peer_review(now: datetime) -> None:
    """All of last month is drawn from two sections; one is written, the others wait."""
    lead = _person("lead@network.example")
    for slug in ("cardiology", "hospital-medicine"):
        reviewing.set_share(Specialty.objects.get(slug=slug), by=lead, percent=100, at=now)
    reviewing.draw(now=now)
    if row := PeerReview.objects.to_do_by(lead).first():
        scores = dict.fromkeys(reviewing.ITEMS, 5) | {"clarity": 4, "referral": None}
        reviewing.write(row, by=lead, scores=scores, note="Clear, and says what would change it.", at=now)


def _person(email: str) -> Person:
    return Person.objects.get(email=email)
