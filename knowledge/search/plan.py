"""From what was asked to what is looked for: each word with what it may stand for, and other names, all weighed."""

from dataclasses import dataclass, field

from knowledge.search.folding import stem_of
from knowledge.search.scoring import Scorer
from knowledge.search.spelling import Speller
from knowledge.search.synonyms import abbreviations_like, is_abbreviation, other_names
from knowledge.search.terms import Terms

_MOST_WORDS = 24
_HARDLY = 3  # in fewer documents than this a short word may as well be initials
_SPELLED = 0.9
# Up to so many words a question names its subject; the longer it is, the less its title, neighbours and guesses count.
_SHORT = 4
_JOINED = 0.5  # a compound as one word, beside its parts
_NAMED = 0.3  # another name, beside the words as typed
_NAMED_ALONE = 0.8  # another name of what no document holds
_RARENESS_OF_LONG = 0.3


@dataclass
class Group:
    """One word asked for: the stems that answer it, each with its weight; the best of them counts."""

    stem: str
    stems: dict[str, float]
    initials: str = ""

    @property
    def weight(self) -> float:
        return max(self.stems.values(), default=1.0)


@dataclass
class Plan:
    """What to look for. ``extra`` are stems of other names, which add but are not missed."""

    groups: list[Group] = field(default_factory=list)
    extra: dict[str, float] = field(default_factory=dict)
    corrections: dict[str, str] = field(default_factory=dict)
    perhaps: dict[str, str] = field(default_factory=dict)
    shortness: float = 1.0

    @property
    def weights(self) -> dict[str, float]:
        """How telling each stem is, for finding the passage."""
        found = {stem: weight * _NAMED for stem, weight in self.extra.items()}
        for group in self.groups:
            found |= group.stems
        return found


def plan(asked: Terms, scorer: Scorer, speller: Speller) -> Plan:
    """How to look for ``asked`` in one state of the index."""
    made = Plan(shortness=min(1.0, _SHORT / max(1, len(asked.stems))))
    for stem, typed in asked.stems.items():
        if group := _group(stem, typed, asked, scorer, speller, made):
            made.groups.append(group)
    made.groups.sort(key=lambda group: -group.weight)
    del made.groups[_MOST_WORDS:]
    joined = [stem for stem in asked.joined if speller.count(stem)]
    made.extra |= {stem: _JOINED * made.shortness * scorer.idf("text", stem) for stem in joined}
    _add_names(made, asked, scorer, speller)
    return made


def _group(stem: str, typed: str, asked: Terms, scorer: Scorer, speller: Speller, made: Plan) -> Group | None:
    count = speller.count(stem)
    guessed = 1.0 if made.shortness == 1.0 else made.shortness**2
    readings = () if is_abbreviation(typed) else speller.readings(typed, typed == asked.typing)
    stems = {stem: 1.0} if count else {}
    for reading in readings:
        stems.setdefault(stem_of(reading.word), _SPELLED * reading.weight * guessed)
    if readings and not readings[0].goes_on and typed.isalpha():
        (made.perhaps if count else made.corrections)[stem] = readings[0].word
    if not count and (like := abbreviations_like(typed)) and typed.isalpha() and not is_abbreviation(typed):
        made.corrections[stem] = like[0]
        stems |= {short: _SPELLED for short in like if speller.count(short)}
    power = 1 + _RARENESS_OF_LONG * (1 - made.shortness)
    weighed = {other: weight * scorer.idf("text", other) ** power for other, weight in stems.items()}
    initials = speller.initials(typed) if count < _HARDLY and not made.corrections.get(stem) else ""
    return Group(stem, weighed, initials) if weighed or initials else None


def _add_names(made: Plan, asked: Terms, scorer: Scorer, speller: Speller) -> None:
    """Other names of what was asked, of what it was put right to as well."""
    right = [stem_of(made.corrections.get(stem, "")) or stem for stem in asked.row]
    direct = {stem for group in made.groups for stem in group.stems}
    for name, others in other_names(right):
        is_known = all(speller.count(stem) for stem in name)
        weight = _NAMED * made.shortness if is_known else _NAMED_ALONE
        for other in others:
            for stem in other.name:
                if stem not in direct and speller.count(stem):
                    value = weight * other.sure * scorer.idf("text", stem)
                    made.extra[stem] = max(value, made.extra.get(stem, 0.0))
