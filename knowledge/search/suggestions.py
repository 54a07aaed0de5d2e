"""What a search being typed may go on to: titles of documents, words and names, specialties and specialists."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np
from django.db.models import Q
from django.db.models.functions import Lower

from knowledge.models import Document
from knowledge.search import store
from knowledge.search.engine import Mask, State, state
from knowledge.search.scoring import best
from knowledge.search.synonyms import ABBREVIATIONS, SYNONYMS, rows
from knowledge.search.terms import stem_of, words
from portal.members.models import Person, Role, Specialty

_SHORTEST, _LONGEST = 2, 100
_TITLES, _TERMS, _PLACES, _PEOPLE = 5, 4, 2, 2
_ENDINGS = 300  # words that begin like the last one typed


@dataclass(frozen=True)
class Suggestion:
    """One way to go on: ``kind`` is "document", "term", "specialty" or "specialist", ``url`` where it leads."""

    kind: str
    text: str
    url: str

    @property
    def label(self) -> str:
        """What it is, beside it in the list; a search needs no word."""
        return {"document": "Document", "specialty": "Specialty", "specialist": "Specialist"}.get(self.kind, "Search")


def suggestions(typed: str, *, person: Person) -> list[Suggestion]:
    """How what ``person`` is typing may go on, the likeliest of each kind first. Raises store.Missing."""
    typed = " ".join(typed[:_LONGEST].split())
    if len(typed) < _SHORTEST or not person.can_sign_in:
        return []
    with store.searching() as searcher:
        now = state(searcher)
        keys, terms = _titled(now, typed), _terms(now, typed)
    return [
        *(Suggestion("term", term, f"/search/?{urlencode({'q': term})}") for term in terms),
        *_documents(keys, person),
        *_specialties(typed),
        *_specialists(typed),
    ]


def _titled(now: State, typed: str) -> list[int]:
    """The documents whose titles hold every word, the last one perhaps unfinished; the shortest titles first."""
    *whole, last = [word.stem for word in words(typed)] or [""]
    if not last:
        return []
    fits = _beginning(now, typed.split()[-1].lower(), last)
    for stem in whole:
        fits &= _holding(now, [stem])
    lengths = now.arrays.lengths("title")
    scores = np.where(fits & now.arrays.alive, now.prior / (1 + lengths), np.float32(0)).astype(np.float32)
    return [int(now.arrays.keys[place]) for place in best(scores, _TITLES * 2)]


def _beginning(now: State, word: str, stem: str) -> Mask:
    endings = now.speller.vocabulary.starting(word)[:_ENDINGS] if word.isascii() else []
    return _holding(now, {stem, *(stem_of(ending) for ending in endings)} - {""})


def _holding(now: State, stems: Iterable[str]) -> Mask:
    found = np.zeros(now.arrays.size, np.bool_)
    for stem in stems:
        found[now.arrays.postings("title", stem)[0]] = True
    return found


def _terms(now: State, typed: str) -> list[str]:
    """Names from the lists that begin like this, then the words typed with the last one completed."""
    low = typed.lower()
    names = {name for name in _names() if name.lower().startswith(low) and name.lower() != low}
    known = [name for name in sorted(names, key=len) if all(now.speller.count(word.stem) for word in words(name))]
    *before, last = low.split(" ")
    endings = now.speller.vocabulary.starting(last)[:_ENDINGS] if last.isascii() and len(last) > _SHORTEST else []
    counted = sorted((-now.speller.count(stem_of(word)), word) for word in endings if word != last)
    completed = [" ".join([*before, word]) for _, word in counted[:_TERMS]]
    return list(dict.fromkeys([*known, *completed]))[:_TERMS]


def _names() -> Iterator[str]:
    for _, senses in rows(ABBREVIATIONS):
        yield from senses.split(" | ")
    for pair in rows(SYNONYMS):
        yield from pair


def _documents(keys: list[int], person: Person) -> list[Suggestion]:
    found = Document.objects.visible_to(person).published().filter(pk__in=keys)
    rows = {key: (title, slug) for key, title, slug in found.values_list("pk", "current_revision__title", "slug")}
    shown = [rows[key] for key in keys if key in rows][:_TITLES]
    return [Suggestion("document", title, f"/documents/{slug}/") for title, slug in shown]


def _specialties(typed: str) -> list[Suggestion]:
    found = Specialty.objects.filter(Q(name__istartswith=typed) | Q(name__icontains=f" {typed}")).order_by("name")
    return [Suggestion("specialty", row.name, f"/documents/?specialty={row.slug}") for row in found[:_PLACES]]


def _specialists(typed: str) -> list[Suggestion]:
    """Specialists by name or by the name of what they know; asking goes to their specialty."""
    named = Q(person__name__istartswith=typed) | Q(person__name__icontains=f" {typed}")
    known = Q(specialty__name__istartswith=typed)
    roles = Role.objects.filter(named | known, name=Role.Name.SPECIALIST, person__is_active=True)
    found = roles.select_related("person", "specialty").order_by(Lower("person__name"), "pk")[:_PEOPLE]
    return [
        Suggestion("specialist", f"{role.person.name}, {role.specialty.name}", f"/ask/?specialty={role.specialty.slug}")
        for role in found
        if role.specialty
    ]
