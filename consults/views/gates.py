"""Where a section lead, or an administrator of the network, says what a good question needs."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from consults.gate import FIELDS
from consults.gate_forms import GateForm
from consults.policy import may_set_gate
from consults.services import gating
from portal.common.refusals import Invalid
from portal.members.access import person_of, signed_in
from portal.members.kept import posted_or_kept
from portal.members.models import Specialty
from portal.members.policy import Denied


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def gate(request: HttpRequest, slug: str) -> HttpResponse:
    """A section's gate: GET shows the form, POST keeps it as a new version."""
    specialty, person = get_object_or_404(Specialty, slug=slug), person_of(request)
    if isinstance(decision := may_set_gate(person.actor, specialty.pk), Denied):
        raise PermissionDenied(decision.reason)
    version = gating.version_of(specialty.pk)
    data = posted_or_kept(request)
    form = GateForm(data) if data else GateForm(initial=GateForm.of(version))
    if request.method == "POST" and form.is_valid():
        try:
            made = gating.define(by=person, specialty=specialty, **form.values())
        except Invalid as invalid:
            for name, text in invalid.fields.items():
                form.add_error(f"{name}_need" if name in FIELDS else name, text)
        else:
            messages.success(
                request, f"Version {made.number} holds from now on. Questions that were sent keep the gate they met."
            )
            return redirect("section-gate", slug=slug)
    context = {
        "specialty": specialty,
        "form": form,
        "version": version,
        "leads": specialty.pk in person.actor.leads,
    }
    return render(request, "consults/gate.html", context)
