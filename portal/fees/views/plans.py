"""Plans: what the network offers, each version beside another, and new ones."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.common.refusals import Invalid
from portal.fees import presenting_plans
from portal.fees.forms import NothingForm
from portal.fees.models import Plan, Terms
from portal.fees.plan_forms import PlanForm, VersionForm
from portal.fees.services import plans as services
from portal.fees.views import finding
from portal.fees.views.acting import Act, carry
from portal.members.access import needs, person_of
from portal.members.policy import Action, can


@needs(Action.SEE_FEES)
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    rows = Plan.objects.annotate(newest=Max("versions__number"), changed_at=Max("versions__made_at"))
    page = {"plans": rows, "may_keep": bool(can(person_of(request).actor, Action.KEEP_FEES))}
    return render(request, "fees/plans.html", page)


@needs(Action.SEE_FEES)
@require_safe
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest version beside the one before, or beside another; what differs is marked."""
    found = get_object_or_404(Plan, pk=pk)
    versions = list(found.versions.select_related("made_by").order_by("-number"))
    numbers = {row.number: row for row in versions}
    right = numbers.get(finding.number_of(request.GET, "to") or 0, versions[0])
    left = numbers.get(finding.number_of(request.GET, "from") or right.number - 1)
    counts = dict(
        Terms.objects.filter(version__plan=found).values_list("version").annotate(Count("agreement", distinct=True))
    )
    page = {
        "plan": found,
        "versions": [(row, counts.get(row.pk, 0)) for row in versions],
        "left": left,
        "right": right,
        "facts": presenting_plans.compared(left, right),
        "may_keep": bool(can(person_of(request).actor, Action.KEEP_FEES)),
    }
    return render(request, "fees/plan.html", page)


@needs(Action.KEEP_FEES)
def add(request: HttpRequest) -> HttpResponse:
    by = person_of(request)

    def run(form: PlanForm, at: datetime) -> object:
        if Plan.objects.filter(name=form.cleaned_data["name"].strip()).exists():
            raise Invalid(name="There is a plan of this name. Open it, and make a new version of it.")
        return services.define_plan(by=by, at=at, name=form.cleaned_data["name"], **form.values)

    act = Act(
        title="Add a plan",
        word="Add the plan",
        done="The plan is added.",
        organization=None,
        back=reverse("plans"),
        run=run,
        says="Prices are for a year. Agreements are signed with its newest version, or an earlier one.",
        undo="A plan is withdrawn, not removed.",
        then=_page_of_version,
    )
    return carry(request, act, PlanForm)


@needs(Action.KEEP_FEES)
def add_version(request: HttpRequest, pk: int) -> HttpResponse:
    """The next version, filled with the last one's values."""
    found, by = get_object_or_404(Plan, pk=pk), person_of(request)
    last = found.versions.order_by("number").last()
    assert last is not None  # a plan is made with its first one
    act = Act(
        title=f"New version of {found.name}",
        word="Make this version",
        done="The version is made. What was signed keeps the version it was signed with.",
        organization=None,
        back=_page(found),
        run=lambda form, at: services.define_plan(by=by, at=at, name=found.name, **form.values),
        says=f"It begins with the values of version {last.number}. No signed agreement changes.",
        undo="A version stays. Make another one with the earlier values.",
    )
    return carry(request, act, lambda data: VersionForm(data, initial=VersionForm.of(last)))


@needs(Action.KEEP_FEES)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found, by = get_object_or_404(Plan, pk=pk), person_of(request)
    if found.withdrawn_at:
        return carry(request, _restoring(found, by), NothingForm)
    act = Act(
        title=f"Withdraw {found.name}",
        word="Withdraw the plan",
        done="The plan is withdrawn.",
        organization=None,
        back=_page(found),
        run=lambda form, at: services.withdraw(found, by=by, at=at),
        says="No new agreement gets it. Agreements that have it keep it.",
        undo="It can be offered again at any time.",
        danger=True,
    )
    return carry(request, act, NothingForm)


def _restoring(found: Plan, by: Any) -> Act:
    return Act(
        title=f"Offer {found.name} again",
        word="Offer the plan again",
        done="The plan may be signed again.",
        organization=None,
        back=_page(found),
        run=lambda form, at: services.restore(found, by=by),
        undo="It can be withdrawn again.",
    )


def _page(found: Plan) -> str:
    return reverse("plan", args=[found.pk])


def _page_of_version(version: Any) -> str:
    return reverse("plan", args=[version.plan_id])
