"""When recurring duties last ran."""

from datetime import datetime, timedelta

from portal.common import present
from portal.common.models import Heartbeat


def beat(name: str, at: datetime | None = None) -> None:
    """Record that the duty ran, now unless ``at`` says otherwise."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": at or present.now()})


def age(name: str) -> timedelta | None:
    """How long ago the duty last ran; None when it never did."""
    heart = Heartbeat.objects.filter(name=name).first()
    return present.now() - heart.at if heart else None
