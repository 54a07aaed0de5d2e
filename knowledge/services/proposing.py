"""A new document as a draft, from words that already exist elsewhere on the site."""

from django.db import transaction
from django.utils.text import slugify

from knowledge.models import Document
from knowledge.services.batches import Change, write
from knowledge.services.publishing import require_editor
from knowledge.sources import Problem
from knowledge.sources.checking import check
from portal.common.audit import record
from portal.common.refusals import Invalid
from portal.members.models import Person, Specialty


@transaction.atomic
def propose_faq(*, title: str, summary: str, body: str, specialty: Specialty, origin: str, by: Person) -> Document:
    """Make an FAQ whose first draft is ``by``'s. ``origin`` is the page it grew from, which editors alone are shown.

    Raises Refused for anyone but an editor, and Invalid naming each field that no document may say.
    """
    require_editor(by)
    specialties = dict(Specialty.objects.values_list("slug", "pk"))
    values = {
        "id": _unused(title),
        "kind": Document.Kind.FAQ,
        "title": title,
        "summary": summary,
        "body": body,
        "specialties": [specialty.slug],
    }
    problems: list[Problem] = []
    source = check(values, origin, specialties, problems)
    if problems:
        raise Invalid(**{problem.field or "body": problem.fix for problem in problems})
    write([Change(source, source.content_hash, None)], specialties=specialties, by=by, draft=True)
    document = Document.objects.get(slug=source.id)
    document.origin, document.owner = origin, by
    document.save(update_fields=["origin", "owner"])
    record(by=by, action="document.propose", object_type="document", object_id=document.slug)
    return document


def _unused(title: str) -> str:
    """An identifier from the title that no document has yet."""
    stem = f"faq-{slugify(title)[:70].strip('-')}".rstrip("-")
    taken = set(Document.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(slug for n in range(1, len(taken) + 2) if (slug := stem if n == 1 else f"{stem}-{n}") not in taken)
