"""The daily look at what falls due: owners are told in time, and what is set to withdraw itself does. Safe twice."""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import connection
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from knowledge.freshness import MONTH, is_to_withdraw, milestone
from knowledge.models import Document, DueMilestone
from knowledge.services.publishing import retire_document
from knowledge.services.recalling import who_relied
from knowledge.services.telling import title_of
from portal.common import tenancy
from portal.common.notices import Telling, tell_all
from portal.members.models import Person, PersonQuerySet, Role

TASK = "withdraw_overdue"
_ONE_AT_A_TIME = 7_164_005  # the number of the advisory lock that telling takes
Kind = DueMilestone.Kind


def check_freshness(*, today: date) -> dict[str, int]:
    """Withdraw what has been overdue for too long, then tell of what falls due; how many documents of each."""
    return {"withdrawn": _withdraw_all(today), "told": _tell_due(today)}


def _withdraw_all(today: date) -> int:
    with tenancy.everything():
        late = Document.objects.published().exclude(withdraw_after_days=None).with_first_due()
        found = list(late.filter(Q(first_due__lt=today)).values_list("pk", flat=True))
    return sum(_withdraw(pk, today) for pk in found)


def _withdraw(pk: int, today: date) -> bool:
    """One document, looked at again under its lock: somebody may just have verified it."""
    with tenancy.everything():
        if not Document.objects.select_for_update(skip_locked=True).filter(pk=pk).exists():
            return False
        rows = Document.objects.published().with_first_due().select_related("current_revision", "owner")
        document = rows.filter(pk=pk).first()
        due = first_due(document) if document else None
        if document is None or due is None or not is_to_withdraw(due, document.withdraw_after_days, today):
            return False
        people = _concerned(document)
        retire_document(
            document=document,
            by=TASK,
            because=_why(due, document.withdraw_after_days),
            told=[person.pk for person in people],
        )
        _tell_withdrawn(document, people)
        return True


def first_due(document: Document) -> date | None:
    """Of a document that was asked for ``with_first_due``."""
    found: date | None = vars(document)["first_due"]
    return found


def _why(due: date, days: int | None) -> str:
    within = f"within {days} {'day' if days == 1 else 'days'}" if days else "by then"
    return f"Something in it was due for review on {words(due)} and was not verified {within}, so it withdrew itself."


def words(day: date) -> str:
    """``3 Nov 2026``."""
    return f"{day.day} {day:%b %Y}"


def _concerned(document: Document) -> list[Person]:
    """Who must know that it no longer stands: its owner, or the editors, and everyone who relied on it."""
    keys = set(who_relied(document, now=timezone.now()))
    if document.owner and document.owner.can_sign_in:
        keys.add(document.owner.pk)
    else:
        keys |= set(_editors().values_list("pk", flat=True))
    return list(Person.objects.able_to_sign_in().filter(pk__in=keys).only("pk", "email", "name", "is_active"))


def _tell_withdrawn(document: Document, people: Iterable[Person]) -> None:
    assert document.current_revision is not None
    text = f"“{title_of(document.current_revision)}” is withdrawn: its review is overdue. Do not act on it."
    key = f"withdrawn:{document.pk}:{document.version}"
    tell_all(Telling(person, "document", text, document.get_absolute_url(), key) for person in people)


def _tell_due(today: date) -> int:
    """Tell of each mark that was reached and not told yet; editors where a document has no owner, in one sum."""
    with tenancy.everything():
        if not _is_first():
            return 0
        new = _new_milestones(today)
        DueMilestone.objects.bulk_create((row for row, _ in new), batch_size=1000)
        owned = [(row, document) for row, document in new if document.owner and document.owner.can_sign_in]
        tell_all(_to_owner(row, document) for row, document in owned)
        told = {row.pk for row, _ in owned}
        others = [(row, document) for row, document in new if row.pk not in told]
        for kind in Kind.values:
            _tell_editors(kind, [(row, document) for row, document in others if row.kind == kind])
        return len(new)


def _is_first() -> bool:
    """Whether no other run is at it; the lock ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        return bool(cursor.fetchone()[0])


def _new_milestones(today: date) -> list[tuple[DueMilestone, Document]]:
    due = Document.objects.published().with_first_due().filter(Q(first_due__lte=today + MONTH))
    documents = list(due.select_related("current_revision", "owner").defer("current_revision__body").order_by("pk"))
    known = set(DueMilestone.objects.filter(document__in=due.values("pk")).values_list("document_id", "due_on", "kind"))
    rows = [
        (DueMilestone(document=document, due_on=day, kind=milestone(day, today)), document)
        for document in documents
        if (day := first_due(document))
    ]
    return [(row, one) for row, one in rows if row.kind and (one.pk, row.due_on, row.kind) not in known]


def _to_owner(row: DueMilestone, document: Document) -> Telling:
    assert document.owner is not None
    path = reverse("document-verify", args=[document.slug])
    return Telling(document.owner, "freshness", _one(row, document), path, f"due:{document.pk}:{row.due_on}:{row.kind}")


def _one(row: DueMilestone, document: Document) -> str:
    assert document.current_revision is not None
    title = title_of(document.current_revision)
    if row.kind == Kind.OVERDUE:
        return f"“{title}” is overdue for review since {words(row.due_on + timedelta(days=1))}."
    return f"“{title}” falls due for review on {words(row.due_on)}."


SEVERAL = {
    Kind.MONTH: "{} documents without an owner fall due for review within 30 days.",
    Kind.WEEK: "{} documents without an owner fall due for review within 7 days.",
    Kind.OVERDUE: "{} documents without an owner are overdue for review.",
}


def _tell_editors(kind: str, new: list[tuple[DueMilestone, Document]]) -> None:
    """One sentence to each editor, however many documents there are."""
    if not new:
        return
    if len(new) == 1:
        telling = _one(*new[0]), reverse("document-verify", args=[new[0][1].slug])
    else:
        telling = SEVERAL[Kind(kind)].format(f"{len(new):,}"), reverse("documents-freshness")
    said = " ".join(f"{document.pk}:{row.due_on}" for row, document in new)
    key = f"due:{kind}:{hashlib.sha256(said.encode()).hexdigest()}"
    tell_all(Telling(editor, "freshness", *telling, key) for editor in _editors())


def _editors() -> PersonQuerySet:
    return Person.objects.able_to_sign_in().filter(roles__name=Role.Name.EDITOR).distinct()
