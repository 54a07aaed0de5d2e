"""What a requester bills for preparing a question, where their organization does so; a month of it."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum

from consults import billing
from consults.models import Consult, Preparation, PreparationPolicy, PreparationQuerySet
from consults.services import deciding
from consults.services.answering import MAX_MINUTES
from portal.common import audit
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Organization, Person


def bills(organization_id: int) -> bool:
    """Whether this organization bills for preparing."""
    return PreparationPolicy.objects.filter(organization=organization_id, bills=True).exists()


@transaction.atomic
def set_policy(*, by: Person, organization: Organization, bills: bool, at: datetime) -> PreparationPolicy:
    """Let an organization's clinicians bill for preparing, or no longer. What was decided stays."""
    if organization.pk not in by.actor.administrator_of:
        raise Refused("Only an administrator of the organization says whether it bills for preparing.")
    row, _ = PreparationPolicy.objects.update_or_create(
        organization=organization, defaults={"bills": bills, "set_by": by, "set_at": at}
    )
    audit.record(
        by=by,
        action="set preparation",
        object_type="organization",
        object_id=organization.slug,
        organization_id=organization.pk,
        bills=int(bills),
    )
    return row


def may_decide(consult: Consult, person: Person) -> bool:
    """Whether this is their own question, asked for an organization that bills for preparing."""
    return (
        consult.requester_id == person.pk
        and consult.organization_id in person.actor.clinician_in
        and consult.state != Consult.State.DRAFT
        and bills(consult.organization_id)
    )


def suggestion(consult: Consult, *, minutes: int, billed_lately: bool | None) -> billing.Suggestion:
    """What the rules say of these minutes of the requester's."""
    consent = deciding.has_consent(consult)
    return billing.suggest(
        billing.Case(minutes=minutes, consent=consent, billed_lately=billed_lately, is_requester=True)
    )


@transaction.atomic
def decide(
    consult: Consult,
    *,
    by: Person,
    minutes: int,
    billed_lately: bool | None,
    refused_because: str,
    is_refused: bool,
    at: datetime,
) -> Preparation:
    """Confirm the code for one's own preparing, or refuse it with a reason. Deciding again replaces the decision.

    Raises Refused for anyone but the requester, and where the organization does not bill; Conflict before the answer;
    Invalid for the minutes, where a condition does not hold or nobody said that it does, or without the reason.
    """
    row = Consult.objects.select_for_update(of=("self",)).get(pk=consult.pk)
    if not may_decide(row, by):
        raise Refused("Only the requester bills for preparing, where their organization does.")
    if row.state not in (Consult.State.ANSWERED, Consult.State.CLOSED):
        raise Conflict(f"{row.number} is not answered: a code is decided on after that.")
    found = suggestion(row, minutes=minutes, billed_lately=billed_lately)
    reason = " ".join(refused_because.replace("\0", "").split())
    _check(found, minutes=minutes, reason=reason, is_refused=is_refused)
    decided = {"code": "", "refused_because": reason} if is_refused else {"code": found.code, "refused_because": ""}
    made, _ = Preparation.objects.update_or_create(
        consult=row, person=by, defaults={"minutes": minutes, "decided_at": at, **decided}
    )
    audit.record(
        by=by,
        action="consult.preparation",
        object_type="consult",
        object_id=row.number,
        organization_id=row.organization_id,
        code=made.code,
    )
    return made


def _check(found: billing.Suggestion, *, minutes: int, reason: str, is_refused: bool) -> None:
    if not 1 <= minutes <= MAX_MINUTES:
        raise Invalid(minutes=f"Give your minutes as a whole number from 1 to {MAX_MINUTES}.")
    if is_refused and not 0 < len(reason) <= 200:
        raise Invalid(refused_because="Say in a few words why no code is billed, in at most 200 characters.")
    if not is_refused and not found.is_billable:
        open_ = "; ".join(one.text for one in found.conditions if not one.met) or "No code fits"
        raise Invalid(confirm=f"Not billable as it stands: {open_}.")


def decided_in(month: date, rows: PreparationQuerySet) -> PreparationQuerySet:
    """Those of a month in network time, with what a list shows of them."""
    start, end = deciding.bounds(month)
    shown = rows.select_related("consult__specialty", "consult__organization", "person")
    return shown.filter(decided_at__gte=start, decided_at__lt=end)


def own(person: Person) -> PreparationQuerySet:
    return Preparation.objects.visible_to(person).filter(person=person)


def of_organization(organization: Organization, *, by: Person) -> PreparationQuerySet:
    """What an organization's clinicians decided, for its administrators; nothing for anybody else."""
    rows = Preparation.objects.filter(consult__organization=organization)
    return rows if organization.pk in by.actor.administrator_of else rows.none()


def sums(rows: QuerySet[Preparation]) -> dict[str, int]:
    """How many are billed, and with how many minutes."""
    billed = ~Q(code="")
    return {
        name: value or 0
        for name, value in rows.aggregate(n=Count("pk", filter=billed), minutes=Sum("minutes", filter=billed)).items()
    }
