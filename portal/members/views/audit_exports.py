"""Files of the audit trail: asking for one, and taking it out while it is there."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.common.audit import record
from portal.common.notices import mark_read_at
from portal.members import trail
from portal.members.access import needs, person_of
from portal.members.forms import AuditForm
from portal.members.models import AuditExport
from portal.members.policy import Action
from portal.members.services.exports import ask_export
from portal.members.views.helpers import carry_out

SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Action.READ_AUDIT)
def exports(request: HttpRequest) -> HttpResponse:
    """My files, the latest first; a POST asks for another, of the events that the form describes."""
    person, now = person_of(request), timezone.now()
    if request.method == "POST":
        form = AuditForm(request.POST, organizations=trail.organizations(person))
        if form.is_valid():
            done = "The file is being prepared. You are told when it is ready."
            carry_out(request, lambda: ask_export(by=person, asked=form.asked, at=now), done)
        else:
            messages.error(request, "Choose the events first: a date or an organization could not be read.")
        return redirect("audit-exports")
    mark_read_at(person, request.path)
    rows = list(person.audit_exports.all()[:SHOWN])
    for row in rows:
        row.is_there = row.done_at is not None and row.expires_at is not None and row.expires_at > now  # type: ignore[attr-defined]
        row.words = trail.Asked.from_json(row.asked).said()  # type: ignore[attr-defined]
    page = {"exports": rows, "is_waiting": any(row.done_at is None for row in rows)}
    return render(request, "members/audit_exports.html", page)


@require_safe
@needs(Action.READ_AUDIT)
def export(request: HttpRequest, key: str) -> FileResponse:
    """The file, for the one who asked for it, until its day is over."""
    person = person_of(request)
    row = AuditExport.objects.filter(person=person, key=key, expires_at__gt=timezone.now()).exclude(file="").first()
    if row is None:
        raise Http404
    record(by=person, action="audit.download", object_type="audit", object_id=f"export {row.pk}", lines=row.lines)
    name = f"audit-{row.asked_at:%Y-%m-%d-%H%M}.jsonl.gz"
    return FileResponse(row.file.open("rb"), as_attachment=True, filename=name, content_type="application/gzip")
