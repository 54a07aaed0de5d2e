"""Which specialty a question belongs to, learned from where questions ended up. Naive Bayes over words.

Kept are weights of words, none from fewer than eleven consults; no text of any. Trained at night from the specialty
that answered in the end, so that every transfer teaches. Decision 17 says why this and no larger library.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from django.db import transaction
from django.db.models import Sum

from consults.figures import SMALLEST_CELL
from consults.models import Consult, LearnedSpecialty, LearnedWord
from knowledge.search import Suggested
from knowledge.search.terms import words
from portal.common import tenancy

ENOUGH = 100
"""Below so many consults in all, the documents' own specialties are the better guide."""
MOST_WORDS = 20_000
SHARE = 0.15
"""A specialty less likely than this is not suggested."""
SMOOTHING = 0.5
NAMED = 3


@dataclass
class _Counted:
    """Of one specialty: how many consults, in how many each stem stands, and how each is written."""

    consults: int = 0
    stems: Counter[str] = field(default_factory=Counter)
    forms: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


def _stems(text: str) -> dict[str, str]:
    """The telling words of a text, each once, as stem and as written. No numbers: those may be somebody's."""
    found = {word.stem: text[word.start : word.end].lower() for word in words(text)}
    return {stem: form for stem, form in found.items() if len(stem) > 2 and form.isalpha()}


def _past() -> Iterator[tuple[int, str]]:
    """The final specialty and the text of every consult that was answered."""
    rows = Consult.objects.filter(state__in=[Consult.State.ANSWERED, Consult.State.CLOSED], specialty__isnull=False)
    for specialty, question, summary in (
        rows.order_by("pk").values_list("specialty", "question", "summary").iterator(chunk_size=2000)
    ):
        yield specialty, f"{question}\n{summary}"


@transaction.atomic
def train(*, now: datetime) -> int:
    """Learn anew from all past routing and say from how many consults. Running twice gives the same."""
    counted: dict[int, _Counted] = defaultdict(_Counted)
    with tenancy.everything():
        for specialty, text in _past():
            one = counted[specialty]
            one.consults += 1
            for stem, form in _stems(text).items():
                one.stems[stem] += 1
                one.forms[stem][form] += 1
    LearnedSpecialty.objects.all().delete()
    learned = {key: one for key, one in counted.items() if one.consults >= SMALLEST_CELL}
    if learned:
        _keep(learned, now=now)
    return sum(one.consults for one in learned.values())


def _keep(learned: dict[int, _Counted], *, now: datetime) -> None:
    """Work the weights out, and keep those that rest on enough consults."""
    everywhere: Counter[str] = Counter()
    for one in learned.values():
        everywhere.update({stem: n for stem, n in one.stems.items() if n >= SMALLEST_CELL})
    stems = [stem for stem, _ in everywhere.most_common(MOST_WORDS)]
    keys = sorted(learned)
    counts = np.array([[learned[key].stems[stem] for stem in stems] for key in keys], dtype=np.float64)
    counts = np.where(counts >= SMALLEST_CELL, counts, 0.0).reshape(len(keys), len(stems))
    totals = counts.sum(axis=1, keepdims=True) + SMOOTHING * max(1, len(stems))
    weights = np.log((counts + SMOOTHING) / totals)
    consults = np.array([learned[key].consults for key in keys], dtype=np.float64)
    priors = np.log(consults / consults.sum())
    for place, key in enumerate(keys):
        row = LearnedSpecialty.objects.create(
            specialty_id=key,
            consults=learned[key].consults,
            prior=float(priors[place]),
            unseen=float(np.log(SMOOTHING / totals[place, 0])),
            trained_at=now,
        )
        LearnedWord.objects.bulk_create(
            (
                LearnedWord(
                    specialty=row,
                    word=stems[column],
                    shown=_shown(learned[key], stems[column]),
                    weight=float(weights[place, column]),
                )
                for column in np.flatnonzero(counts[place])
            ),
            batch_size=2000,
        )


def _shown(one: _Counted, stem: str) -> str:
    """The stem as it is most often written, if often enough; else the stem."""
    form, n = one.forms[stem].most_common(1)[0]
    return form[:40] if n >= SMALLEST_CELL else stem


def suggest(text: str, limit: int = 3) -> list[Suggested]:
    """The specialties that similar questions went to, most likely first, each with the words that speak for it.

    Empty where too little is known: of routing in general, or of these words.
    """
    stems = _stems(text)
    known = LearnedSpecialty.objects.select_related("specialty").order_by("pk")
    if not stems or (known.aggregate(n=Sum("consults"))["n"] or 0) < ENOUGH:
        return []
    weights: dict[int, dict[str, LearnedWord]] = defaultdict(dict)
    for one in LearnedWord.objects.filter(word__in=stems):
        weights[one.specialty_id][one.word] = one
    seen = {word for rows in weights.values() for word in rows}
    learned = list(known)
    if not seen or len(learned) < 2:
        return []
    telling = sorted(seen)
    table = np.array(
        [
            [weights[row.pk][word].weight if word in weights[row.pk] else row.unseen for word in telling]
            for row in learned
        ]
    )
    scores = table.sum(axis=1) + np.array([row.prior for row in learned])
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    odds = table - table.mean(axis=0)
    found = []
    for place in np.argsort(-shares)[:limit]:
        row = learned[int(place)]
        speak = [telling[int(column)] for column in np.argsort(-odds[place]) if odds[place, column] > 0]
        named = [weights[row.pk][word].shown for word in speak if word in weights[row.pk]][:NAMED]
        if shares[place] >= SHARE and named:
            reason = f"because similar questions went to {row.specialty.name}: {', '.join(named)}"
            found.append(Suggested(row.specialty, reason))
    return found
