"""Peer review: what waits for a colleague's eyes, the form of ten items, and the results."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consults.models import PeerReview, ReviewShare
from consults.services import reviewing
from consults.thread import thread_of
from portal.common import audit, present
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.access import person_of, signed_in
from portal.members.models import Person, Specialty
from portal.members.views.helpers import as_csv, paged

SCORES = [*((str(n), str(n)) for n in range(1, 6)), ("na", "Not applicable")]


class ReviewForm(forms.Form):
    """Ten items, each with a score or “not applicable”, and a note."""

    note = forms.CharField(
        required=False, max_length=reviewing.MAX_NOTE, label="Note", widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        for item, label in reviewing.ITEMS.items():
            self.fields[item] = forms.ChoiceField(choices=SCORES, label=label, widget=forms.RadioSelect)
        self.order_fields([*reviewing.ITEMS, "note"])

    def scores(self) -> dict[str, int | None]:
        said = {item: self.cleaned_data[item] for item in reviewing.ITEMS}
        return {item: None if score == "na" else int(score) for item, score in said.items()}


class ShareForm(forms.Form):
    percent = forms.IntegerField(min_value=0, max_value=100, label="Percent of closed consults")


def _of_a_section(request: HttpRequest) -> Person:
    """Those who answer; the page does not exist for anyone else."""
    person = person_of(request)
    if not person.actor.specialist_in:
        raise Http404
    return person


@signed_in
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """What waits for me, and results: of my answers, by me, and of the sections I lead. ``format=csv`` for leads."""
    person = _of_a_section(request)
    done = PeerReview.objects.visible_to(person).select_related("consult__specialty", "specialist", "reviewer")
    if request.GET.get("format") == "csv":
        if not person.actor.leads:
            raise Http404
        led = done.filter(consult__specialty__in=person.actor.leads).order_by("-month", "pk")
        header = ("month", "consult", "specialist", "reviewer", *reviewing.ITEMS, "note")
        return as_csv("peer-review", header, (cells(row) for row in led))
    shares = dict(ReviewShare.objects.filter(specialty__in=person.actor.leads).values_list("specialty", "percent"))
    sections = [
        (one, ShareForm(initial={"percent": shares.get(one.pk, 0)}, auto_id=f"{one.slug}_%s"))
        for one in Specialty.objects.filter(pk__in=person.actor.leads)
    ]
    page = {
        "to_do": PeerReview.objects.to_do_by(person).select_related("consult__specialty").distinct()[:100],
        "page": paged(request, done),
        "sections": sections,
    }
    return render(request, "consults/peer_reviews.html", page)


def cells(row: PeerReview) -> list[object]:
    people = [row.specialist.name, row.reviewer.name if row.reviewer else ""]
    scores = ["n/a" if row.scores[item] is None else row.scores[item] for item in reviewing.ITEMS]
    return [f"{row.month:%Y-%m}", row.consult.number, *people, *scores, row.note]


@signed_in
@require_POST
def share(request: HttpRequest, slug: str) -> HttpResponse:
    """The section lead sets how much is drawn."""
    person = _of_a_section(request)
    specialty = get_object_or_404(Specialty, slug=slug, pk__in=person.actor.leads)
    form = ShareForm(request.POST)
    if form.is_valid():
        reviewing.set_share(specialty, by=person, percent=form.cleaned_data["percent"], at=present.now())
        messages.success(request, f"From now on {form.cleaned_data['percent']} % of {specialty} are drawn each month.")
    else:
        messages.error(request, "Choose a share from 0 to 100 percent.")
    return redirect("peer-reviews")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, number: str) -> HttpResponse:
    """One review: the form for whoever may write it, the result for whoever may read it, 404 for anyone else."""
    person = _of_a_section(request)
    rows = PeerReview.objects.select_related("consult__specialty", "specialist", "reviewer")
    mine = PeerReview.objects.to_do_by(person).values("pk") | PeerReview.objects.visible_to(person).values("pk")
    row = get_object_or_404(rows.filter(pk__in=mine), consult__number=number)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reviewing.write(row, by=person, scores=form.scores(), note=form.cleaned_data["note"], at=present.now())
            messages.success(request, "Your review is kept. Whoever answered and the section lead can read it.")
            return redirect("peer-reviews")
        except (Refused, Conflict, Invalid) as refused:
            form.add_error(None, str(refused))
    audit.record(
        by=person,
        action="consult.read",
        object_type="consult",
        object_id=number,
        organization_id=row.consult.organization_id,
    )
    items = [(label, row.scores.get(item)) for item, label in reviewing.ITEMS.items()] if row.done_at else []
    page = {"review": row, "consult": row.consult, "thread": thread_of(row.consult), "form": form, "items": items}
    return render(request, "consults/peer_review.html", page)
