"""What a consult's page says of case conferences."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from consults.conference_forms import ConferenceChoiceForm
from consults.models import AgendaItem, Conference, Consult
from consults.services.agenda import DISCUSSED
from portal.members.models import Person


def conferences_of(row: Consult, person: Person, *, now: datetime) -> dict[str, Any]:
    """The conferences it is or was on, as far as the person sees them, and the form that puts it on one.

    The requester sees none of this: the timeline tells them the day.
    """
    if not person.actor.is_network_staff:
        return {}
    may = row.state in DISCUSSED and (row.assignee_id == person.pk or row.specialty_id in person.actor.leads)
    seen = Conference.objects.visible_to(person).filter(cancelled_at=None)
    is_on = Exists(AgendaItem.objects.filter(conference=OuterRef("pk"), consult=row))
    wanted = Q(is_on) | Q(ends_at__gt=now) if may else Q(is_on)
    rows: list[Any] = list(seen.annotate(is_on=is_on).filter(wanted).order_by("starts_at", "pk"))
    offered = [one for one in rows if not one.is_on]
    open_to_it = seen.exclude(agenda__consult=row).upcoming(now) if offered else seen
    return {
        "conferences": [one for one in rows if one.is_on],
        "board_form": ConferenceChoiceForm(rows=open_to_it, shown=offered) if offered else None,
    }
