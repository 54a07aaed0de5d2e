"""The minutes of a consult, what they were before they were mended, and mending one's own."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from consults.models import Message
from consults.services import deciding, mending
from consults.services.answering import MAX_MINUTES
from consults.views.reading import visible
from portal.common import present
from portal.members.access import person_of, signed_in
from portal.members.views.helpers import attempt


class MendForm(forms.Form):
    """The minutes as they should be, and why."""

    minutes = forms.IntegerField(min_value=1, max_value=MAX_MINUTES, label="Your minutes")
    reason = forms.CharField(
        max_length=mending.MAX_REASON,
        label="Why",
        help_text="Kept with the old minutes. Nothing about the patient.",
    )

    def __init__(self, message: Message, data: object = None) -> None:
        initial = {"minutes": message.minutes}
        super().__init__(data, auto_id=f"id_{message.pk}_%s", initial=initial)  # type: ignore[arg-type]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def minutes(request: HttpRequest, number: str) -> HttpResponse:
    """What was recorded, with its history; whoever spent them mends them here."""
    row, by = visible(request, number), person_of(request)
    spent = mending.spent(row, person=by, now=timezone.now())
    if not spent and not mending.sees_all(row, by):
        raise Http404
    bound: dict[int, MendForm] = {}
    if request.method == "POST":
        chosen = next((one.message for one in spent if request.POST.get("message") == str(one.message.pk)), None)
        if chosen is None or chosen.author_id != by.pk:
            raise Http404
        form = bound[chosen.pk] = MendForm(chosen, request.POST)
        if form.is_valid() and attempt(
            form, lambda: mending.mend(chosen, by=by, at=present.now(), **form.cleaned_data)
        ):
            messages.success(request, "Your minutes are mended. What follows from them follows from these.")
            return redirect("consult-minutes", number=number)
    decision = row.billing.filter(specialist=by).first()
    page = {
        "consult": row,
        "spent": [(one, bound.get(one.message.pk) or MendForm(one.message)) for one in spent],
        "bound": next(iter(bound.values()), None),
        "open": next(iter(bound), None),
        "is_mine": any(one.message.author_id == by.pk and one.message.minutes for one in spent),
        "is_stale": decision and deciding.is_stale(decision, minutes=deciding.minutes_of(row, by)),
        "decision": decision,
    }
    return render(request, "consults/minutes.html", page)
