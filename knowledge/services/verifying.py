"""Confirming that recommendations still hold, and who looks after a document."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils import timezone

from knowledge.freshness import LONGEST_YEARS, add_months, next_due
from knowledge.models import Document, Recommendation, Verification
from knowledge.policy import may_own, may_verify
from knowledge.services.publishing import audited, require_editor
from knowledge.services.telling import title_of
from portal.common.notices import tell
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person
from portal.members.policy import Denied

LONGEST_REMARK = 400
MOST_DAYS = 3650


@transaction.atomic
def verify_recommendations(
    *,
    document: Document,
    keys: Collection[str],
    by: Person,
    verified_on: date | None = None,
    due_on: date | None = None,
    remark: str = "",
) -> int:
    """Record that these recommendations were found still right, and when they are due again; how many there were.

    By today, and due again as the kind of document has it, unless said otherwise. The text stays as it is; search and
    exports take the dates up. Raises Refused for who may not, Conflict when the document does not stand, and Invalid
    for what is wrong with keys and dates.
    """
    document = Document.objects.select_for_update(of=["self"]).select_related("current_revision").get(pk=document.pk)
    require_verifier(by, document)
    if document.retired_at or document.current_revision is None:
        raise Conflict("Only what is published is verified; a retired document comes back with a new revision.")
    today = timezone.localdate()
    verified_on = verified_on or today
    due_on = due_on or next_due(document.kind, verified_on)
    remark = remark.replace("\0", "").strip()
    rows = list(document.current_revision.recommendations.filter(key__in=keys))
    _check(rows, set(keys), verified_on, due_on, remark, today)
    Verification.objects.bulk_create(
        Verification(recommendation=row, person=by, verified_on=verified_on, due_on=due_on, remark=remark)
        for row in rows
    )
    Recommendation.objects.filter(pk__in=[row.pk for row in rows]).update(
        verified_on=verified_on, verified_by=by.name[:120], due_on=due_on
    )
    audited(
        document,
        "verify",
        by=by,
        revision=document.current_revision.number,
        recommendations=len(rows),
        due_on=due_on.isoformat(),
    )
    return len(rows)


def require_verifier(by: Person, document: Document) -> None:
    """Raise Refused, with the reason, unless ``by`` may verify the document."""
    specialties = document.specialties.values_list("pk", flat=True)
    decision = may_verify(by.actor, owner=document.owner_id, specialties=specialties)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)


def _check(
    rows: list[Recommendation], keys: set[str], verified_on: date, due_on: date, remark: str, today: date
) -> None:
    """Raise Invalid naming all that is wrong."""
    last = max((row.verified_on for row in rows if row.verified_on), default=None)
    unknown = sorted(keys - {row.key for row in rows})
    found = {
        "keys": _wrong_keys(keys, unknown),
        "verified_on": _wrong_day(verified_on, last, today),
        "due_on": _wrong_due(due_on, today),
        "remark": "" if len(remark) <= LONGEST_REMARK else f"Use at most {LONGEST_REMARK} characters.",
    }
    if wrong := {field: words for field, words in found.items() if words}:
        raise Invalid(**wrong)


def _wrong_keys(keys: set[str], unknown: list[str]) -> str:
    if unknown:
        return f"This document has no recommendation “{unknown[0][:80]}”."
    return "" if keys else "Choose at least one recommendation."


def _wrong_day(verified_on: date, last: date | None, today: date) -> str:
    if verified_on > today:
        return "Give the day on which it was looked at: today or before."
    return f"One of these was verified after that day, on {last}." if last and verified_on < last else ""


def _wrong_due(due_on: date, today: date) -> str:
    if due_on <= today:
        return "Give a day that lies ahead."
    return f"Give a day within {LONGEST_YEARS} years." if due_on > add_months(today, 12 * LONGEST_YEARS) else ""


@transaction.atomic
def look_after(*, document: Document, owner: Person | None, withdraw_after_days: int | None, by: Person) -> Document:
    """Set who is told before something falls due, and after how many days overdue the document withdraws itself.

    Raises Refused for anyone but an editor, and Invalid for an owner who cannot be one or a strange number of days.
    """
    require_editor(by)
    document = Document.objects.select_for_update(of=["self"]).select_related("current_revision").get(pk=document.pk)
    wrong = {}
    if owner and not (owner.can_sign_in and may_own(owner.actor)):
        wrong["owner"] = "Choose an editor, a specialist or a section lead of the network."
    if withdraw_after_days is not None and not 0 <= withdraw_after_days <= MOST_DAYS:
        wrong["withdraw_after_days"] = f"Give 0 to {MOST_DAYS:,} days, or nothing for never."
    if wrong:
        raise Invalid(**wrong)
    before = document.owner_id
    document.owner, document.withdraw_after_days = owner, withdraw_after_days
    document.save(update_fields=["owner", "withdraw_after_days"])
    audited(
        document,
        "settings",
        by=by,
        owner=owner.email if owner else None,
        withdraw_after_days=withdraw_after_days,
    )
    if owner and owner.pk not in (before, by.pk):
        title = title_of(document.current_revision) if document.current_revision else document.slug
        text = f"You now look after “{title}”: you are told before something in it falls due."
        path = document.get_absolute_url()
        tell(person=owner, kind="document", text=text, path=path, key=f"owner:{document.pk}:{timezone.now():%Y-%m-%d}")
    return document
