"""Search, behind one door. This package alone knows the engine.

The index is a disposable projection of what is published. Every hit is checked again in the database before it is
shown. When the engine is away the database answers, and the results say so.
"""

import logging
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.conf import settings
from django.db import DatabaseError, transaction

from knowledge.beside import documents_with_overlays
from knowledge.models import Document, DocumentQuerySet
from knowledge.search import database, dictionary, engine, fetching, keeping, passages, store, writing
from knowledge.search.durable import Damaged
from knowledge.search.elsewhere import Elsewhere, found_elsewhere
from knowledge.search.engine import Only, Ranking
from knowledge.search.fetching import IsAny
from knowledge.search.folding import words
from knowledge.search.results import Facets, Hit, Results, Suggested
from knowledge.search.schema import everything
from knowledge.search.store import Busy, Missing
from knowledge.search.suggestions import Suggestion
from knowledge.search.suggestions import suggestions as engine_suggestions
from knowledge.search.terms import QUERY_LIMIT, Terms, code_of, terms_of
from knowledge.search.writing import Progress, index_documents
from portal.members.models import Person, Specialty

__all__ = [
    "Busy",
    "Damaged",
    "Elsewhere",
    "Facets",
    "Hit",
    "Missing",
    "Results",
    "Suggested",
    "Suggestion",
    "catch_up",
    "elsewhere",
    "index_documents",
    "matching_documents",
    "oldest_pending",
    "project",
    "rebuild",
    "search",
    "specialties_for",
    "suggestions",
    "warm",
]
log = logging.getLogger(__name__)
_VOTERS = 12
_REHEARSED = 12  # questions asked before the first real one
_MARKED = 24  # stems that a passage is chosen by and marked with


def search(
    query: str,
    *,
    person: Person | None = None,
    kind: str | None = None,
    specialty: str | None = None,
    code: str | None = None,
    since: date | None = None,
    noted: bool = False,
    page: int = 1,
    page_size: int = 20,
) -> Results:
    """One page of the published documents that answer ``query``, best first, of one kind and specialty if given, with
    one ICD-10-CM ``code`` (or a code it begins), changed ``since`` a day; ``noted``: with notes of ``person``'s own
    organizations.

    Only what ``person`` may see; None is the site's own work. Facets count what the other facet leaves. Never fails on
    what was typed; a page beyond the last is empty.
    """
    asked = terms_of(query)
    if not asked:
        return Results()
    keys_noted = frozenset(documents_with_overlays(person)) if noted and person else None
    narrow = Only(code=code_of(code) if code else None, since=since, keys=keys_noted)
    everything = _find(asked, person, narrow)
    chosen = everything
    if (kind or specialty) and everything.is_cut:
        chosen = _find(asked, person, replace(narrow, kind=kind, specialty=specialty))
    keys = [key for key, place in chosen.places.items() if place.within(kind, specialty)]
    shown = keys[(page - 1) * page_size : page * page_size]
    return Results(
        count=len(keys),
        hits=_hits(shown, chosen.ranking),
        facets=_facets(everything.places, kind, specialty),
        suggestion=_suggestion(query, chosen.ranking.corrections or chosen.ranking.perhaps),
        corrected=bool(chosen.ranking.corrections),
        degraded=everything.degraded,
    )


def matching_documents(text: str, *, person: Person | None = None, limit: int = 5) -> list[Hit]:
    """The documents that answer a question best, while it is being written."""
    return search(text, person=person, page_size=limit).hits


def elsewhere(query: str, *, person: Person) -> dict[str, list[Elsewhere]]:
    """What other apps find of it that ``person`` may see, by heading: answered consults. It is written nowhere."""
    return found_elsewhere(list(terms_of(query).stems.values()), person=person)


def suggestions(typed: str, *, person: Person) -> list[Suggestion]:
    """How what ``person`` is typing may go on; nothing while the engine is away."""
    try:
        return engine_suggestions(typed, person=person)
    except Missing:
        return []
    except DatabaseError:
        raise
    except Exception:  # a help that fails must not be in the way
        log.exception("The suggestions failed.")
        return []


def specialties_for(text: str, limit: int = 3) -> list[Suggested]:
    """The specialties that would know, most likely first: those of the documents that match, each by its score."""
    asked = terms_of(text)
    found = _find(asked, None, Only()) if asked else _NOTHING
    if not found.places:
        return []
    votes: dict[str, float] = {}
    speakers: dict[str, list[int]] = {}
    for key in list(found.places)[:_VOTERS]:
        for slug in found.places[key].specialties:
            votes[slug] = votes.get(slug, 0.0) + found.ranking.scores[key]
            speakers.setdefault(slug, []).append(key)
    chosen = sorted(votes, key=lambda slug: -votes[slug])[:limit]
    specialties = {specialty.slug: specialty for specialty in Specialty.objects.filter(slug__in=chosen)}
    first = {speakers[slug][0] for slug in chosen}
    titles = dict(Document.objects.filter(pk__in=first).values_list("pk", "current_revision__title"))
    return [Suggested(specialties[slug], _reason(titles, speakers[slug])) for slug in chosen if slug in specialties]


def _reason(titles: dict[int, str], speakers: list[int]) -> str:
    more = len(speakers) - 1
    rest = f" and {more} more {'document' if more == 1 else 'documents'}" if more else ""
    return f"“{titles.get(speakers[0], '')}”{rest}"


@dataclass(frozen=True)
class _Place:
    """Where a document belongs, for facets."""

    kind: str
    specialties: tuple[str, ...]

    def within(self, kind: str | None, specialty: str | None) -> bool:
        return (not kind or kind == self.kind) and (not specialty or specialty in self.specialties)


@dataclass(frozen=True)
class _Found:
    """Candidates that are still published, best first."""

    ranking: Ranking
    places: dict[int, _Place]
    degraded: bool

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than the candidates."""
        return len(self.ranking.scores) >= engine.CANDIDATES


_NOTHING = _Found(Ranking({}, {}, {}), {}, degraded=False)


def _find(asked: Terms, person: Person | None, only: Only) -> _Found:
    degraded = False
    try:
        ranking = (engine if _has_index() else database).rank(asked, only)
    except (Missing, Damaged) as error:
        log.warning("%s", error)
        degraded = True
    except DatabaseError:
        raise
    except Exception:  # a broken index raises anything; it is left as it is and the database answers
        log.exception("The search engine failed.")
        store.suspect()
        degraded = True
    if degraded:
        ranking = database.rank(asked, only)
    places = _places(list(ranking.scores), person, only)
    if asked.phrases and (exact := _with_phrases(places, asked.phrases)):
        places = exact
    return _Found(ranking, places, degraded)


def project(keys: Collection[int]) -> None:
    """Have the database's own search know these documents as they are, in the running transaction."""
    database.project(keys)


def warm() -> None:
    """Get this process ready to answer: the first question of a new one would take three times as long.

    For processes that are about to serve; it reads the index and the database, and never fails.
    """
    try:
        if _has_index():
            engine.warm()
        newest = Document.objects.published().order_by("-changed_at")[:_REHEARSED]
        for title in newest.values_list("current_revision__title", flat=True):
            search(title)
    except Exception as error:  # noqa: BLE001 - the first question meets the same, and says so on its page
        log.warning("Search could not get ready: %s: %s", type(error).__name__, error)


def catch_up(*, thorough: bool = True) -> int:
    """Bring what this host keeps for search up to what is published; the number of documents, or words, looked at.

    Raises Busy, and what a full disk raises.
    """
    return keeping.catch_up(thorough=thorough) if _has_index() else dictionary.refresh()


def rebuild(progress: Progress = lambda done, total: None) -> int:
    """Make anew what search keeps, and swap; the number of documents, or words. Raises Busy."""
    if _has_index():
        return writing.rebuild(progress)
    with transaction.atomic():
        database.project()
        return dictionary.refresh(at_once=True)


def oldest_pending() -> datetime | None:
    """When the longest waiting change was made that search here does not know. Raises Missing and Damaged."""
    return keeping.oldest_pending() if _has_index() else None


def _has_index() -> bool:
    return bool(settings.SEARCH_ENGINE == "whoosh")


def _places(keys: list[int], person: Person | None, only: Only) -> dict[int, _Place]:
    """The candidates that the database still calls published and ``person`` may see, in their order."""
    if not only.since and not only.code and (person is None or person.can_sign_in):
        found = fetching.published(keys)  # which everyone who can sign in may see
    else:
        found = dict(_narrowed(person, only).filter(IsAny("pk", keys)).order_by().values_list("pk", "kind"))
    slugs = fetching.specialties(list(found))
    return {key: _Place(found[key], slugs.get(key, ())) for key in keys if key in found}


def _narrowed(person: Person | None, only: Only) -> DocumentQuerySet:
    allowed = (Document.objects.visible_to(person) if person else Document.objects.all()).published()
    if only.since:
        allowed = allowed.filter(changed_at__date__gte=only.since)
    return allowed.with_code(only.code) if only.code else allowed


def _with_phrases(places: dict[int, _Place], phrases: tuple[str, ...]) -> dict[int, _Place]:
    """The candidates in which every phrase stands word for word."""
    documents = Document.objects.filter(pk__in=places).select_related("current_revision")
    texts = {
        document.pk: " ".join(word.stem for word in words(everything(document)))
        for document in documents.prefetch_related("current_revision__recommendations")
    }
    wanted = [f" {' '.join(word.stem for word in words(phrase))} " for phrase in phrases]
    return {key: place for key, place in places.items() if all(one in f" {texts.get(key, '')} " for one in wanted)}


def _hits(keys: list[int], ranking: Ranking) -> list[Hit]:
    documents = fetching.documents(keys)
    weights = dict(sorted(ranking.weights.items(), key=lambda item: -item[1])[:_MARKED])
    hits = []
    for key in keys:
        if (document := documents.get(key)) and document.current_revision:
            passage, recommendation = passages.best(document.current_revision, weights)
            hits.append(Hit(document, round(ranking.scores[key], 4), passage, recommendation))
    return hits


def _facets(places: dict[int, _Place], kind: str | None, specialty: str | None) -> Facets:
    kinds = Counter(place.kind for place in places.values() if place.within(None, specialty))
    slugs = Counter(slug for place in places.values() if place.within(kind, None) for slug in place.specialties)
    return Facets(dict(kinds.most_common()), dict(slugs.most_common()))


def _suggestion(query: str, corrections: Mapping[str, str]) -> str | None:
    """The question with the words put right in their places."""
    if not corrections:
        return None
    parts, at = [], 0
    for word in words(query[:QUERY_LIMIT]):
        if word.stem in corrections:
            parts += [query[at : word.start], corrections[word.stem]]
            at = word.end
    return "".join([*parts, query[at:QUERY_LIMIT]]).strip()
