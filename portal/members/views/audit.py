"""The audit trail, for auditors."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portal.common.audit import record
from portal.common.models import AuditEvent, AuditEventQuerySet
from portal.members.access import needs, person_of
from portal.members.forms import AuditForm
from portal.members.policy import Action
from portal.members.views.helpers import as_csv, paged

MOST_LINES = 50_000


@needs(Action.READ_AUDIT)
def audit(request: HttpRequest) -> HttpResponse:
    form = AuditForm(request.GET)
    rows = _found(request, form.cleaned_data) if form.is_valid() else AuditEvent.objects.none()
    if request.GET.get("format") == "csv":
        return _as_csv(request, rows)
    page = {"form": form, "page": paged(request, rows), "actions": _actions()}
    return render(request, "members/audit.html", page)


def _found(request: HttpRequest, asked: dict[str, Any]) -> AuditEventQuerySet:
    rows = AuditEvent.objects.visible_to(person_of(request))
    if asked["person"]:
        rows = rows.filter(actor__icontains=asked["person"])
    if asked["action"]:
        rows = rows.filter(action=asked["action"])
    if asked["object"]:
        kind, _, number = asked["object"].strip().rpartition(" ")
        wanted = Q(object_id__iexact=number) | Q(object_id__iexact=f"C-{number}") | Q(object_type__iexact=number)
        rows = rows.filter(wanted, **({"object_type": kind.lower()} if kind else {}))
    if since := asked["since"]:
        rows = rows.filter(at__gte=_midnight(since))
    if until := asked["until"]:
        rows = rows.filter(at__lt=_midnight(until) + timedelta(days=1))
    return rows


def _midnight(day: date) -> datetime:
    """The beginning of the day where the reader is."""
    return timezone.make_aware(datetime.combine(day, time()))


def _actions() -> list[str]:
    return list(AuditEvent.objects.order_by("action").values_list("action", flat=True).distinct())


def _as_csv(request: HttpRequest, rows: AuditEventQuerySet) -> HttpResponse:
    """At most 50,000 lines; taking them out is itself an event."""
    record(by=person_of(request), action="export", object_type="audit", object_id=request.GET.urlencode()[:60])
    fields = rows.values_list("at", "actor", "action", "object_type", "object_id", "organization_id", "detail")
    header = ("at", "actor", "action", "object type", "object", "organization", "detail")
    return as_csv("audit", header, fields[:MOST_LINES])
