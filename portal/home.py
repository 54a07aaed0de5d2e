"""The first page after sign-in: what each role needs now. Above every app, like the addresses."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, Q, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from consults import scoreboard
from consults.call_showing import counts as call_counts
from consults.figures import TAKEN, Percentile
from consults.models import Consult
from consults.presenting import show_clocks, with_clocks
from consults.queue import look
from knowledge.asked import asked
from knowledge.models import Acknowledgement, Document, Overlay, Reading, Review
from knowledge.models.documents import ROW
from knowledge.rated import open_comments
from portal.common.models import AuditEvent
from portal.members.access import person_of, signed_in
from portal.members.models import Invitation, Organization, Person

WINDOW = timedelta(days=30)
# What asks something of the clinician comes first: a question back, then an answer to read.
_WAITING_FOR_ME = Case(When(state="waiting", then=0), When(state="answered", then=1), default=2)
SHOWN = 8
CHANGES = 3


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    actor, now = person.actor, timezone.now()
    context: dict[str, Any] = {"now": now} | changed_practice(person) | month_figures(person, now)
    if actor.clinician_in:
        context |= for_clinician(person, now)
    if actor.annotates:
        context |= for_writer(person)
    if actor.specialist_in:
        context |= for_specialist(person, now) | {"call_counts": call_counts(person)}
    if actor.is_network_administrator or actor.administrator_of:
        context |= for_administrator(person, now)
    if actor.is_editor:
        context |= for_editor(now)
    if actor.is_editor or actor.specialist_in:
        context["my_reviews"] = for_reviewer(person, now)
    if actor.is_auditor:
        context["audit_events"] = AuditEvent.objects.all()[:SHOWN]
    return render(request, "home.html", context)


def month_figures(person: Person, now: datetime) -> dict[str, Any]:
    """The running month's figures of all that the person sees on the scoreboard."""
    return {"this_month": scoreboard.this_month(person, now)} if scoreboard.may_see(person) else {}


def changed_practice(person: Person) -> dict[str, Any]:
    """Changes of practice that the person was told of and has not acknowledged."""
    rows = Acknowledgement.objects.filter(person=person).open()
    rows = rows.select_related("document__current_revision").order_by("told_at", "pk")
    rows = rows.only("told_at", "revision", "document__slug", "document__current_revision__title")
    shown = asked(person, list(rows[:CHANGES]))
    return {"changed_practice": shown, "changed_practice_count": rows.count() if len(shown) == CHANGES else len(shown)}


def for_clinician(person: Person, now: datetime) -> dict[str, Any]:
    """My open and freshly answered questions, what changed in the specialties I ask, where I left off."""
    mine = Consult.objects.filter(requester=person).filter(
        Q(state__in=Consult.OPEN_STATES) | Q(state=Consult.State.ANSWERED)
    )
    documents = Document.objects.visible_to(person).filter(current_revision__isnull=False, retired_at=None)
    follows = person.follows.exists()
    if follows:
        documents = documents.filter(Q(follows__person=person) | Q(specialties__follows__person=person)).distinct()
    return {
        "follows": follows,
        "my_consults": _clocks(mine.order_by(_WAITING_FOR_ME, F("due_at").asc(nulls_last=True), "id"), now),
        "my_drafts": Consult.objects.visible_to(person)
        .filter(requester=person, state="draft")
        .order_by("-changed_at")
        .only("number", "question", "changed_at")[:3],
        "changed_documents": documents.as_rows().order_by("-changed_at", "slug")[:SHOWN],
        "left_off": Reading.objects.listed(person)
        .select_related("document__current_revision", "revision")
        .only("at", "revision__number", *(f"document__{name}" for name in ROW))[:5],
    }


def for_writer(person: Person) -> dict[str, Any]:
    """Notes of the person's organizations whose passage has changed since, those that wait longest first."""
    rows = Overlay.objects.writable_by(person).exclude(flagged_at=None).order_by("flagged_at", "pk")
    return {"changed_overlays": rows.select_related("document__current_revision")[:SHOWN]}


def for_specialist(person: Person, now: datetime) -> dict[str, Any]:
    mine = Q(specialties__in=person.actor.specialist_in) | Q(follows__person=person)
    documents = Document.objects.visible_to(person).published().filter(mine | Q(specialties__follows__person=person))
    found = look(person, now=now, zone=timezone.get_current_timezone(), size=SHOWN)
    return {
        "queue": found.page.object_list,
        "queue_counts": found.counts,
        "changed_in_mine": documents.distinct().as_rows().order_by("-changed_at", "slug")[:SHOWN],
    }


def for_reviewer(person: Person, now: datetime) -> list[Review]:
    """What waits for the person's review, the first due first."""
    rows = Review.objects.for_person(person, now).waited_for().select_related("revision__document", "reviewer")
    return list(rows.order_by("due_on", "pk")[:SHOWN])


def for_administrator(person: Person, now: datetime) -> dict[str, Any]:
    """Organizations with their last 30 days, the turnaround over all of them, and what waits for an administrator."""
    actor = person.actor
    places = Organization.objects.filter(deactivated_at=None)
    consults = Consult.objects.exclude(state="draft")
    if not actor.is_network_administrator:
        places = places.filter(pk__in=actor.administrator_of)
        consults = consults.filter(organization__in=actor.administrator_of)
    return {
        "organizations": _organizations(places, consults, now),
        "turnaround": turnaround(consults.filter(answered_at__gte=now - WINDOW)),
        "needs_attention": _needs_attention(places, consults, now, sees_consults=actor.is_network_administrator),
    }


def _organizations(places: Any, consults: Any, now: datetime) -> list[dict[str, Any]]:
    people = dict(
        places.annotate(n=Count("roles__person", filter=Q(roles__person__is_active=True), distinct=True)).values_list(
            "pk", "n"
        )
    )
    answered = Q(answered_at__gte=now - WINDOW)
    figures = {
        row["organization"]: row
        for row in consults.order_by()
        .values("organization")
        .annotate(
            open=Count("pk", filter=Q(state__in=Consult.OPEN_STATES), distinct=True),
            answered=Count("pk", filter=answered, distinct=True),
            late=Count("pk", filter=answered & _LATE, distinct=True),
        )
    }
    rows = []
    for place in places:
        row = figures.get(place.pk, {"open": 0, "answered": 0, "late": 0})
        share = 1 - row["late"] / row["answered"] if row["answered"] else None
        rows.append(
            {
                "name": place.name,
                "slug": place.slug,
                "people": people.get(place.pk, 0),
                "open_consults": row["open"],
                "answered": row["answered"],
                "on_time_share": share,
            }
        )
    return rows


_LATE = Q(milestones__kind="breach", milestones__cycle=1)


def turnaround(answered: Any) -> dict[str, Any]:
    """Of these answered consults: how many, the median time to the answer in seconds, the share within the promise."""
    figures = answered.aggregate(
        n=Count("pk", distinct=True),
        late=Count("pk", filter=_LATE, distinct=True),
    )
    median = answered.aggregate(m=Percentile(TAKEN, 0.5))["m"]
    n = figures["n"]
    return {
        "n": n,
        "median_seconds": int(median.total_seconds()) if median else None,
        "on_time_share": 1 - figures["late"] / n if n else None,
    }


def _needs_attention(places: Any, consults: Any, now: datetime, *, sees_consults: bool) -> list[dict[str, str]]:
    late = consults.filter(state__in=Consult.OPEN_STATES, due_at__lt=now).count()
    open_invitations = Invitation.objects.filter(
        organization__in=places, accepted_at=None, revoked_at=None, expires_at__lte=now + timedelta(days=3)
    ).select_related("organization")[:SHOWN]
    rows = [
        {
            "text": f"The invitation of {row.email} to {row.organization} "
            + ("has expired." if row.expires_at <= now else "expires in less than three days."),
            "url": f"/organizations/{row.organization.slug}/people/",
        }
        for row in open_invitations
        if row.organization
    ]
    if late:
        words = "consult is late" if late == 1 else "consults are late"
        rows.insert(
            0,
            {
                "text": f"{late} {words}. The section leads have been told.",
                "url": "/consults/?whose=all" if sees_consults else "",
            },
        )
    return rows


def for_editor(now: datetime) -> dict[str, Any]:
    """Published documents whose review, or one of whose recommendations, is past due."""
    today = timezone.localdate(now)
    overdue = (
        Document.objects.filter(current_revision__isnull=False, retired_at=None)
        .filter(Q(current_revision__review_due__lt=today) | Q(current_revision__recommendations__due_on__lt=today))
        .distinct()
    )
    drafts = Document.objects.filter(revisions__state="draft").distinct()
    return {
        "overdue_documents": overdue.select_related("current_revision").order_by(
            "current_revision__review_due", "slug"
        )[:SHOWN],
        "overdue_count": overdue.count(),
        "draft_count": drafts.count(),
        "open_comments": open_comments(),
    }


def _clocks(rows: Any, now: datetime) -> list[Consult]:
    return show_clocks(with_clocks(rows)[:SHOWN], now=now, zone=timezone.get_current_timezone())
