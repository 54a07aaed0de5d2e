"""What is done to an improvement engagement from its page: one address per act, POST only."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from consults.engagement_forms import (
    CloseForm,
    DeclineForm,
    DocumentsForm,
    HoursAgreedForm,
    LogForm,
    MeasureForm,
    MilestoneForm,
    PersonForm,
    PointForm,
)
from consults.models import Engagement
from consults.services import engagements, improving
from consults.views.engagements import one, page_of
from portal.common import present
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.access import person_of, signed_in
from portal.members.models import Person

Service = Callable[[], object]


def _act(
    request: HttpRequest, row: Engagement, service: Service, done: str, form: forms.Form | None = None, name: str = ""
) -> HttpResponse:
    """Call the service. Where it is refused the page comes again, with the reason and what was typed."""
    bound = {name: form} if form else {}
    if form and not form.is_valid():
        return page_of(request, row, bound=bound)
    try:
        service()
    except Invalid as invalid:
        if form is None:
            messages.error(request, str(invalid))
            return redirect(row)
        for field, text in invalid.fields.items():
            form.add_error(field if field in form.fields else None, text)
        return page_of(request, row, bound=bound)
    except (Refused, Conflict) as refused:
        messages.error(request, str(refused))
        return page_of(request, row, bound=bound, status=403 if isinstance(refused, Refused) else 409)
    messages.success(request, done)
    return redirect(row)


def _step(
    service: Callable[..., object], done: str, form: Callable[[HttpRequest, Engagement], forms.Form] | None, name: str
) -> Callable[[HttpRequest, int], HttpResponseBase]:
    """The view of a step whose form's values are what its service takes."""

    @signed_in
    @require_POST
    def act(request: HttpRequest, pk: int) -> HttpResponse:
        row, by = one(request, pk), person_of(request)
        made = form(request, row) if form else None
        return _act(
            request,
            row,
            lambda: service(row, by=by, at=present.now(), **(made.cleaned_data if made else {})),
            done,
            made,
            name,
        )

    return act


STEPS = {
    "agree": _step(
        engagements.agree,
        "Agreed. The sponsor has been told.",
        lambda request, _: HoursAgreedForm(request.POST),
        "agree",
    ),
    "allow": _step(
        engagements.allow_hours,
        "Changed. The sponsor has been told.",
        lambda request, _: HoursAgreedForm(request.POST),
        "agree",
    ),
    "decline": _step(
        engagements.decline,
        "Declined. The sponsor has been told.",
        lambda request, _: DeclineForm(request.POST),
        "decline",
    ),
    "begin": _step(engagements.begin, "Under way. The sponsor has been told.", None, ""),
    "close": _step(
        engagements.close, "Closed. The sponsor has been told.", lambda request, _: CloseForm(request.POST), "close"
    ),
    "hours": _step(improving.log_hours, "Noted.", lambda request, _: LogForm(request.POST), "hours"),
    "milestones": _step(
        improving.add_milestone, "Planned.", lambda request, _: MilestoneForm(request.POST), "milestone"
    ),
    "documents": _step(
        improving.set_documents,
        "Saved.",
        lambda request, row: DocumentsForm(request.POST, person=person_of(request), row=row),
        "documents",
    ),
    "measures": _step(
        improving.add_measure,
        "Added. Enter its first points.",
        lambda request, _: MeasureForm(request.POST),
        "measure",
    ),
}


def _naming(*, is_consultant: bool) -> Callable[[HttpRequest, int], HttpResponseBase]:
    @signed_in
    @require_POST
    def act(request: HttpRequest, pk: int) -> HttpResponse:
        row, by = one(request, pk), person_of(request)
        form = PersonForm(request.POST, row=row, is_consultant=is_consultant)
        return _act(
            request,
            row,
            lambda: engagements.name(
                row, by=by, person=form.cleaned_data["person"], is_consultant=is_consultant, at=present.now()
            ),
            "Named. They see it from now on.",
            form,
            form.place,
        )

    return act


name_person = _naming(is_consultant=False)
name_consultant = _naming(is_consultant=True)


@signed_in
@require_POST
def unname(request: HttpRequest, pk: int, person: int) -> HttpResponse:
    """Take somebody off it."""
    row, by = one(request, pk), person_of(request)
    named = get_object_or_404(Person, pk=person, engagements__engagement=row)
    return _act(
        request,
        row,
        lambda: engagements.unname(row, by=by, person=named, at=present.now()),
        f"{named.name} is off it and sees it no more.",
    )


@signed_in
@require_POST
def reach(request: HttpRequest, pk: int, milestone: int) -> HttpResponse:
    """Mark a milestone reached, or not reached after all."""
    row, by = one(request, pk), person_of(request)
    found = get_object_or_404(row.milestones.select_related("engagement"), pk=milestone)
    is_done = request.POST.get("done") == "1"
    return _act(
        request,
        row,
        lambda: improving.reach(found, by=by, is_done=is_done, at=present.now()),
        "Reached." if is_done else "Not reached after all.",
    )


@signed_in
@require_POST
def point(request: HttpRequest, pk: int, measure: int) -> HttpResponse:
    """Enter a point of a measure."""
    row, by = one(request, pk), person_of(request)
    found = get_object_or_404(row.measures.select_related("engagement"), pk=measure)
    form = PointForm(request.POST, measure=found.pk)
    return _act(
        request,
        row,
        lambda: improving.set_point(found, by=by, at=present.now(), **form.cleaned_data),
        "Entered.",
        form,
        f"point{found.pk}",
    )
