"""Two organizations that apply to join the demonstration network: one half vetted, one that was asked something."""

from datetime import timedelta

from django.utils import timezone

from portal.common import tenancy
from portal.members.models import Person
from portal.members.models_applications import Application, ApplicationNote
from portal.members.services import vetting

HALF_VETTED = {
    "name": "Sandhill Regional Hospital",
    "kind": "hospital",
    "street": "400 Cottonwood Avenue",
    "city": "Valentine",
    "region": "Nebraska",
    "postal_code": "69201",
    "contact_name": "Dr Helga Brandt",
    "contact_email": "h.brandt@sandhill.example",
    "clinicians": 35,
    "hopes": "An answer within two days where the nearest specialist is four hours away.",
}
ASKED = {
    "name": "Tallgrass Home Care",
    "kind": "home-care",
    "street": "12 Station Road",
    "city": "Emporia",
    "region": "Kansas",
    "postal_code": "66801",
    "contact_name": "Mark Osei",
    "contact_email": "m.osei@tallgrass.example",
    "clinicians": 14,
    "hopes": "Handouts and order sets that our nurses can rely on.",
}
NOTE = "Called the number on their own site: Dr Brandt answers for the medical staff there."
QUESTION = "Which state licences does the agency hold, and until when?"


def load_applications() -> None:
    """Make both, unless there are any."""
    with tenancy.everything():
        _load()


def _load() -> None:
    if Application.objects.exists():
        return
    now, by = timezone.now(), Person.objects.get(email="network-admin@network.example")
    first = _waiting(HALF_VETTED, days_ago=6)
    for item in ("contact-confirmed", "licence-seen"):
        vetting.tick(first, by=by, item=item, is_done=True, at=now - timedelta(days=4))
    vetting.add_note(first, by=by, text=NOTE, at=now - timedelta(days=4))
    second = _waiting(ASKED, days_ago=3)
    # Not by the service, which would write to somebody who does not exist.
    ApplicationNote.objects.create(
        application=second, kind=ApplicationNote.Kind.ASKED, text=QUESTION, by=by, at=now - timedelta(days=1)
    )
    second.state = Application.State.ASKED
    second.save(update_fields=["state"])


def _waiting(told: dict[str, object], *, days_ago: int) -> Application:
    at = timezone.now() - timedelta(days=days_ago)
    return Application.objects.create(**told, state=Application.State.WAITING, applied_at=at, confirmed_at=at)
