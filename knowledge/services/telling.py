"""Telling those who follow a document or its specialties: titles only, in the transaction of the change.

However many follow, a change costs the same few statements; an import tells each follower once, with a count.
"""

import hashlib
from collections.abc import Collection, Iterable
from functools import cache

from django.urls import reverse

from knowledge.models import Document, Follow, Revision
from portal.common.notices import Telling, tell_all
from portal.members.models import Person

_LONGEST_TITLE = 200
_NEEDED = ("slug", "version", "retired_at", "current_revision__number", "current_revision__title")


def tell_followers(*, documents: Iterable[int], by: Person | str, besides: Collection[int] = ()) -> None:
    """Tell everyone who follows any of these documents, as they now stand; not the person who acts, nor ``besides``."""
    followed = _followed(set(documents), besides={*besides, *([by.pk] if isinstance(by, Person) else [])})
    rows = Document.objects.filter(pk__in=frozenset().union(*followed.values())).select_related("current_revision")
    told = {row.pk: row for row in rows.only(*_NEEDED)} if followed else {}
    text_and_key = cache(lambda keys: _several([told[key] for key in sorted(keys)]))
    people = Person.objects.able_to_sign_in().filter(pk__in=followed)
    tell_all(
        _one(person, told[next(iter(keys))])
        if len(keys := followed[person.pk]) == 1
        else Telling(person, "document", *text_and_key(keys))
        for person in people
    )


def _followed(documents: set[int], *, besides: Collection[int]) -> dict[int, frozenset[int]]:
    """Which of the documents each person follows, by themselves or by specialty."""
    of_specialty: dict[int, set[int]] = {}
    places = Document.specialties.through.objects.filter(document__in=documents)
    for document, specialty in places.values_list("document_id", "specialty_id"):
        of_specialty.setdefault(specialty, set()).add(document)
    specialties: dict[int, set[int]] = {}
    singles: dict[int, set[int]] = {}
    by_specialty = Follow.objects.filter(specialty__in=of_specialty).exclude(person__in=besides)
    for person, specialty in by_specialty.values_list("person_id", "specialty_id"):
        specialties.setdefault(person, set()).add(specialty)
    by_document = Follow.objects.filter(document__in=documents).exclude(person__in=besides)
    for person, document in by_document.values_list("person_id", "document_id"):
        singles.setdefault(person, set()).add(document)
    # People who follow the same specialties share one set.
    union = cache(lambda keys: frozenset().union(*(of_specialty[key] for key in keys)))
    found = {person: union(frozenset(keys)) for person, keys in specialties.items()}
    return found | {person: found.get(person, frozenset()) | keys for person, keys in singles.items()}


def title_of(revision: Revision) -> str:
    """A revision's title on one line, short enough for the subject of a mail."""
    title = " ".join(revision.title.split())
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"


def _one(person: Person, document: Document) -> Telling:
    revision = document.current_revision
    title = title_of(revision) if revision else document.slug
    what = "is retired" if document.retired_at else "has a new revision" if _is_revised(document) else "is new"
    key = f"document:{document.pk}:{document.version}"
    return Telling(person, "document", f"“{title}” {what}.", document.get_absolute_url(), key)


def _several(documents: list[Document]) -> tuple[str, str, str]:
    """Text, path and key; the same documents at the same versions are the same thing told."""
    versions = " ".join(f"{document.pk}:{document.version}" for document in documents)
    key = f"documents:{hashlib.sha256(versions.encode()).hexdigest()}"
    return f"{len(documents):,} documents you follow are new or revised.", reverse("following"), key


def _is_revised(document: Document) -> bool:
    return document.current_revision is not None and document.current_revision.number > 1
