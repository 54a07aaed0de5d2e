"""What specialists say of themselves in the directory."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from portal.common.audit import record
from portal.common.refusals import Invalid, Refused
from portal.members.models import Person, SpecialistProfile

MOST_LANGUAGES = 10
LONGEST_LANGUAGE = 40


@transaction.atomic
def save_specialist_profile(
    *, languages: Iterable[str], interests: str, answers_when: str, is_listed: bool, by: Person
) -> None:
    """Keep what a specialist says of themselves. Raises Refused for anyone else, Invalid for what is too long."""
    if not by.actor.specialist_in:
        raise Refused("Only specialists of the network stand in the directory.")
    named = _languages(languages)
    texts = {"interests": _plain(interests), "answers_when": _plain(answers_when)}
    for (field, words), limit in zip(texts.items(), (500, 200), strict=True):
        if len(words) > limit:
            raise Invalid(**{field: f"At most {limit} characters; this has {len(words):,}."})
    values = texts | {"languages": named, "is_listed": is_listed, "changed_at": timezone.now()}
    SpecialistProfile.objects.update_or_create(person=by, defaults=values)
    record(by=by, action="update specialist profile", object_type="person", object_id=by.pk)


def _languages(languages: Iterable[str]) -> list[str]:
    """Each once, its first letter large, so that the directory can offer them to choose from."""
    named: dict[str, str] = {}
    for words in map(_plain, languages):
        if words:
            named.setdefault(words.lower(), words[0].upper() + words[1:])
    if len(named) > MOST_LANGUAGES:
        raise Invalid(languages=f"At most {MOST_LANGUAGES} languages.")
    if any(len(words) > LONGEST_LANGUAGE for words in named.values()):
        raise Invalid(languages=f"The name of a language has at most {LONGEST_LANGUAGE} characters.")
    return list(named.values())


def _plain(text: str) -> str:
    return " ".join(text.replace("\0", "").split())
