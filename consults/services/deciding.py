"""What a specialist bills for a consult: the suggestion, confirmed or refused, and a month of decisions."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from consults import billing
from consults.hours import NETWORK
from consults.models import BillingDecision, CallNote, Consult, Message, Statement
from portal.common import audit
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person


def minutes_of(consult: Consult, person: Person) -> int:
    """The minutes this person has recorded over the whole consult."""
    said = Message.objects.filter(consult=consult, author=person, minutes__isnull=False)
    return said.aggregate(sum=Sum("minutes"))["sum"] or 0


def is_spoken(consult: Consult, person: Person) -> bool:
    """Whether this specialist spoke with the requester: a call about the consult has their signed note."""
    notes = CallNote.objects.filter(call__consult=consult, signed_by=person, outcome__in=CallNote.SPOKEN)
    return notes.exists()


def has_written(consult: Consult, person: Person) -> bool:
    """Whether there is a written report by this specialist: an answer, or the note of a call in the thread."""
    kinds = (Message.Kind.ANSWER, Message.Kind.CALL)
    return Message.objects.filter(consult=consult, author=person, kind__in=kinds).exists()


def has_consent(consult: Consult) -> bool:
    """Whether the requester stated that the patient consents."""
    return Statement.objects.filter(consult=consult, kind=Statement.Kind.CONSENT).exists()


@dataclass(frozen=True)
class Said:
    """What only the specialist knows, and the site has no record of."""

    seen: bool | None = None
    billed_lately: bool | None = None
    consent: bool = False


def suggestion(consult: Consult, *, person: Person, said: Said) -> billing.Suggestion:
    """What the rules suggest for this specialist's part in the consult."""
    case = billing.Case(
        minutes=minutes_of(consult, person),
        verbal=is_spoken(consult, person),
        written=has_written(consult, person),
        consent=has_consent(consult) or said.consent,
        seen=said.seen,
        billed_lately=said.billed_lately,
    )
    return billing.suggest(case)


@transaction.atomic
def decide(
    consult: Consult, *, by: Person, said: Said, refused_because: str, is_refused: bool, at: datetime
) -> BillingDecision:
    """Confirm the suggested code, or refuse it with a reason. Deciding again replaces the earlier decision.

    Raises Refused for anyone who answered nothing here, Conflict before the answer, Invalid where a condition does not
    hold (or nobody has said that it does), or the reason of a refusal is missing.
    """
    row = Consult.objects.select_for_update(of=("self",)).get(pk=consult.pk)
    if not minutes_of(row, by) or not by.actor.specialist_in:
        raise Refused("Only a specialist who has recorded minutes here decides on a code.")
    if row.state not in (Consult.State.ANSWERED, Consult.State.CLOSED):
        raise Conflict(f"{row.number} is not answered: a code is decided on after that.")
    reason = " ".join(refused_because.replace("\0", "").split())
    found = suggestion(row, person=by, said=said)
    if is_refused and not 0 < len(reason) <= 200:
        raise Invalid(refused_because="Say in a few words why no code is billed, in at most 200 characters.")
    if not is_refused and not found.is_billable:
        open_ = "; ".join(one.text for one in found.conditions if not one.met) or "No code fits"
        raise Invalid(confirm=f"Not billable as it stands: {open_}.")
    decision, _ = BillingDecision.objects.update_or_create(
        consult=row,
        specialist=by,
        defaults={
            "minutes": minutes_of(row, by),
            "code": "" if is_refused else found.code,
            "refused_because": reason if is_refused else "",
            "decided_at": at,
        },
    )
    audit.record(
        by=by,
        action="consult.billing",
        object_type="consult",
        object_id=row.number,
        organization_id=row.organization_id,
        code=decision.code,
    )
    return decision


def may_export(person: Person) -> bool:
    return bool(person.actor.leads) or person.actor.is_network_administrator


def is_stale(decision: BillingDecision, *, minutes: int) -> bool:
    """Whether the minutes are others now than those it was decided on, so that it is to be confirmed anew."""
    return decision.minutes != minutes


def decided_in(month: date, *, by: Person) -> QuerySet[BillingDecision]:
    """The decisions of a month in network time: of the specialties one leads; all for network administrators.

    Each has ``minutes_now``, the specialist's minutes as they are on record at present.
    """
    rows = BillingDecision.objects.select_related("consult__specialty", "consult__organization", "specialist")
    if not by.actor.is_network_administrator:
        rows = rows.filter(consult__specialty__in=by.actor.leads)
    said = Message.objects.filter(consult=OuterRef("consult"), author=OuterRef("specialist")).order_by()
    total = said.values("consult").annotate(sum=Sum("minutes")).values("sum")
    start, end = bounds(month)
    return rows.filter(decided_at__gte=start, decided_at__lt=end).annotate(
        minutes_now=Coalesce(Subquery(total, output_field=IntegerField()), 0)
    )


def bounds(month: date) -> tuple[datetime, datetime]:
    """When a month begins for the network, and when the next one does."""
    start = datetime(month.year, month.month, 1, tzinfo=NETWORK)
    return start, datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=NETWORK)


def month_of(text: str, *, now: datetime) -> date:
    """The first day of the month that an address names (2026-11); of the present one where it names none."""
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=NETWORK).date()
    except ValueError:
        return now.astimezone(NETWORK).date().replace(day=1)
