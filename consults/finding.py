"""Earlier answers found by a search: one's own questions, and those of the specialties one answers for."""

from django.contrib.postgres.search import SearchRank, SearchVectorField
from django.db.models import Case, F, Func, IntegerField, Q, Value, When
from django.db.models.expressions import Combinable
from django.utils.html import format_html

from consults.models import Consult, Message
from knowledge import words
from knowledge.search.elsewhere import Elsewhere
from portal.common.templatetags.words import day
from portal.members.models import Person

SHOWN = 5
LOOKED_THROUGH = 5_000
"""The latest answers: row-level security keeps the database from using an index of words, so that each is looked at."""
ANSWERED = (Consult.State.ANSWERED, Consult.State.CLOSED)
_MOST_WORDS = 12


def answered_consults(person: Person, looked_for: list[str]) -> list[Elsewhere]:
    """The answered consults that hold at least half of these words, most of them first.

    Narrower than what the person may read: administrators and auditors come to a consult through its own pages, where
    reading it is recorded. Never a draft, and nothing that is not answered.
    """
    actor = person.actor
    if not actor.clinician_in and not actor.specialist_in:
        return []
    theirs = Q(requester=person) | Q(assignee=person) | Q(specialty_id__in=actor.specialist_in)
    consults = Consult.objects.visible_to(person).filter(theirs, state__in=ANSWERED)
    asked = [words.asked(word) for word in looked_for[:_MOST_WORDS]]
    held: Combinable = Value(0)
    rank: Combinable = Value(0.0)
    for query in asked:
        held = held + Case(When(everything=query, then=Value(1)), default=Value(0), output_field=IntegerField())
        rank = rank + SearchRank(F("everything"), query)
    both = F("consult__words"), F("words")
    everything = Func(*both, template="(%(expressions)s)", arg_joiner=" || ", output_field=SearchVectorField())
    answers = (
        Message.objects.filter(kind=Message.Kind.ANSWER, consult__in=consults.order_by("-answered_at")[:LOOKED_THROUGH])
        .annotate(everything=everything)
        .annotate(held=held, rank=rank)
        .filter(held__gte=(len(asked) + 1) // 2)
        .select_related("consult", "consult__specialty")
        .order_by("-held", "-rank", "-created_at")
    )
    best: dict[int, Message] = {}
    for answer in answers[: SHOWN * 3]:
        best.setdefault(answer.consult_id, answer)
    return [_shown(answer) for answer in list(best.values())[:SHOWN]]


def _shown(answer: Message) -> Elsewhere:
    consult = answer.consult
    specialty = consult.specialty.name if consult.specialty else ""
    when = format_html("Answered {}", day(answer.created_at))
    return Elsewhere(consult.question, consult.get_absolute_url(), (consult.number, specialty, when))
