"""The audit trail, for auditors, and for an organization's administrators what concerns it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.common.audit import record
from portal.common.models import AuditEvent, AuditEventQuerySet
from portal.members import trail
from portal.members.access import needs, person_of
from portal.members.forms import AuditForm
from portal.members.models import Person
from portal.members.policy import Action
from portal.members.views.helpers import as_csv

MOST_LINES = 50_000
COLUMNS = {
    "at": "at",
    "actor": "actor",
    "on_behalf_of": "on behalf of",
    "action": "action",
    "object_type": "object type",
    "object_id": "object",
    "organization": "organization",
    "address": "address",
    "request_id": "request",
    "detail": "detail",
}


@require_safe
@needs(Action.READ_AUDIT)
def audit(request: HttpRequest) -> HttpResponse:
    """A page of the events asked for in the address, or all of them as CSV. Reading the trail is an event, too."""
    person = person_of(request)
    organizations = trail.organizations(person)
    form = AuditForm(request.GET, organizations=organizations)
    rows = trail.found(person, form.asked) if form.is_valid() else AuditEvent.objects.none()
    if request.GET.get("format") == "csv":
        return _as_csv(person, rows)
    actions, kinds = trail.names()
    page = {
        "form": form,
        "part": trail.part(rows, person, before=request.GET.get("before", ""), after=request.GET.get("after", "")),
        "actions": actions,
        "kinds": kinds,
        "organizations": organizations,
    }
    trail.note_reading(person, form.asked.said() if form.is_valid() else {})
    return render(request, "members/audit.html", page)


def _as_csv(person: Person, rows: AuditEventQuerySet) -> HttpResponse:
    """At most 50,000 lines; taking them out is itself an event."""
    record(by=person, action="export", object_type="audit", object_id="csv")
    lines = trail.shown(rows[:MOST_LINES], person)
    return as_csv("audit", tuple(COLUMNS.values()), ([line[name] for name in COLUMNS] for line in lines))
