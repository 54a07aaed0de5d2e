"""What comes back to whoever answered: the requesters' close-outs, and readers' thanks for the FAQs that followed."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from consults.models import CloseOut, Consult, FaqOffer, Message, Thanks
from knowledge.models import Document, Feedback, Reading
from portal.common import tenancy
from portal.common.refusals import Invalid
from portal.members.models import Person

MOST = 10_000
"""Close-outs of one specialist that are counted, the latest."""


def close_outs(person: Person) -> list[CloseOut]:
    """The close-outs of consults this specialist answered last, the newest first. Their own, and nobody else's."""
    mine = Message.objects.filter(author=person, kind=Message.Kind.ANSWER).values("consult")
    seen = Consult.objects.visible_to(person).filter(assignee=person, pk__in=mine)
    return list(CloseOut.objects.filter(consult__in=seen).select_related("consult").order_by("-at", "-pk")[:MOST])


def thank(document: Document, *, by: Person) -> None:
    """Thank for a published FAQ; a second time changes nothing. Raises Invalid for any other document."""
    if document.kind != Document.Kind.FAQ or document.current_revision_id is None:
        raise Invalid(document="Thanks go to the authors of published FAQs.")
    Thanks.objects.bulk_create([Thanks(document=document, person=by)], ignore_conflicts=True)


def unthank(document: Document, *, by: Person) -> None:
    Thanks.objects.filter(document=document, person=by).delete()


@dataclass(frozen=True)
class Used:
    """How often an FAQ that grew from one's answer was read, said to have answered, and thanked for, by how many."""

    document: Document
    readers: int
    answered: int
    thanked: int


def of_author(person: Person) -> list[Used]:
    """The published FAQs that grew from this specialist's answers, by title, in a fixed number of queries."""
    if not person.actor.specialist_in:
        return []
    with tenancy.everything():
        mine = Message.objects.filter(author=person, kind=Message.Kind.ANSWER).values("consult")
        offers = FaqOffer.objects.filter(consult__in=mine, document__isnull=False)
        keys = list(offers.values_list("document", flat=True))
    documents = Document.objects.visible_to(person).filter(pk__in=keys, current_revision__isnull=False)
    read = _people(Reading.objects.filter(document__in=keys).exclude(person=person))
    answered = _people(Feedback.objects.filter(answer=Feedback.Answer.YES, document__in=keys).exclude(person=person))
    thanks = _people(Thanks.objects.filter(document__in=keys).exclude(person=person))
    rows = documents.select_related("current_revision").order_by("current_revision__title")
    return [Used(row, read.get(row.pk, 0), answered.get(row.pk, 0), thanks.get(row.pk, 0)) for row in rows]


def _people(rows: "QuerySet[Any]") -> dict[int, int]:
    """By document, how many people these rows are of."""
    counted = rows.order_by().values("document").annotate(n=Count("person", distinct=True))
    return {row["document"]: row["n"] for row in counted}
