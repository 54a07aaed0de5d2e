"""Earlier answers found by a search: one's own questions, and those of the specialties one answers for."""

from functools import cache
from typing import Any

from django.utils.html import format_html

from consults.models import Consult, Message
from knowledge import words
from knowledge.search.elsewhere import Elsewhere
from portal.common.planned import planned
from portal.common.templatetags.words import day
from portal.members.models import Person

SHOWN = 5
LOOKED_THROUGH = 5_000
"""The latest answers: row-level security keeps the database from using an index of words, so that each is looked at."""
ANSWERED = (Consult.State.ANSWERED, Consult.State.CLOSED)
_MOST_WORDS = 12
# Written out, because every search asks for it, and as a rule there is nothing: Django takes ten times as long to put
# it together. OFFSET keeps the planner from working things out for each place where they are named.
_FIND = """
WITH asked AS MATERIALIZED (SELECT {queries}),
theirs AS (
    SELECT id, words FROM consults_consult
     WHERE state = ANY(%(states)s)
       AND (requester_id = %(person)s OR assignee_id = %(person)s OR specialty_id = ANY(%(specialties)s))
     ORDER BY answered_at DESC LIMIT %(latest)s
), said AS (
    SELECT m.id, m.created_at, c.words || m.words AS words
      FROM theirs c JOIN consults_message m ON m.consult_id = c.id WHERE m.kind = %(answer)s OFFSET 0
), found AS (
    SELECT said.*, {held} AS held FROM said, asked OFFSET 0
)
SELECT found.id FROM found, asked WHERE held >= %(enough)s
 ORDER BY held DESC, {rank} DESC, created_at DESC LIMIT %(limit)s
"""


@cache
def _statement(number: int) -> str:
    """For so many words."""
    queries = [f"plainto_tsquery(%(config)s::regconfig, consilium_fold(%(word{n})s)) AS q{n}" for n in range(number)]
    held = [f"(said.words @@ asked.q{n})::int" for n in range(number)]
    rank = [f"ts_rank(found.words, asked.q{n})" for n in range(number)]
    return _FIND.format(queries=", ".join(queries), held=" + ".join(held), rank=" + ".join(rank))


def answered_consults(person: Person, looked_for: list[str]) -> list[Elsewhere]:
    """The answered consults that hold at least half of these words, most of them first.

    Narrower than what the person may read: administrators and auditors come to a consult through its own pages, where
    reading it is recorded. Never a draft, and nothing that is not answered.
    """
    actor = person.actor
    if not actor.clinician_in and not actor.specialist_in:
        return []
    keys = _found(person, looked_for[:_MOST_WORDS])
    if not keys:
        return []
    visible = Consult.objects.visible_to(person)
    answers = Message.objects.filter(pk__in=keys, consult__in=visible).select_related("consult", "consult__specialty")
    best: dict[int, Message] = {}
    for answer in sorted(answers, key=lambda answer: keys.index(answer.pk)):
        best.setdefault(answer.consult_id, answer)
    return [_shown(answer) for answer in list(best.values())[:SHOWN]]


def _found(person: Person, asked: list[str]) -> list[int]:
    """The answers that hold the words, best first, in what the person asked or answers for."""
    values: dict[str, Any] = {
        "states": [state.value for state in ANSWERED],
        "answer": Message.Kind.ANSWER.value,
        "person": person.pk,
        "specialties": list(person.actor.specialist_in),
        "latest": LOOKED_THROUGH,
        "config": words.CONFIG,
        "enough": (len(asked) + 1) // 2,
        "limit": SHOWN * 3,
    } | {f"word{n}": word for n, word in enumerate(asked)}
    with planned() as cursor:
        cursor.execute(_statement(len(asked)), values)
        return [key for (key,) in cursor.fetchall()]


def _shown(answer: Message) -> Elsewhere:
    consult = answer.consult
    specialty = consult.specialty.name if consult.specialty else ""
    when = format_html("Answered {}", day(answer.created_at))
    return Elsewhere(consult.question, consult.get_absolute_url(), (consult.number, specialty, when))
