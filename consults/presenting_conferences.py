"""What a consult's page says of case conferences."""

from datetime import datetime
from typing import Any

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
    seen = Conference.objects.visible_to(person)
    items = AgendaItem.objects.filter(consult=row, conference__in=seen, conference__cancelled_at=None)
    may = row.state in DISCUSSED and (row.assignee_id == person.pk or row.specialty_id in person.actor.leads)
    open_to_it = seen.filter(cancelled_at=None).exclude(agenda__consult=row).upcoming(now)
    form = ConferenceChoiceForm(rows=open_to_it) if may and open_to_it.exists() else None
    return {"agenda_items": items.select_related("conference").order_by("conference__starts_at"), "board_form": form}
