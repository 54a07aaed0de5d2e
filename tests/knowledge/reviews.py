"""Short ways to a revision in any state of its review, through the services."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from knowledge.models import Review, Revision
from knowledge.services import decide, import_documents, submit_revision
from portal.members.models import Person
from tests.cast import Cast
from tests.knowledge.helpers import row, write_rows


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def drafted(folder: Path, by: Person, slug: str = "a", **values: Any) -> Revision:
    """A draft written by ``by``."""
    import_documents(path=write_rows(folder, row(slug, **values)), by=by, draft=True)
    return Revision.objects.select_related("document").get(document__slug=slug, state="draft")


def submitted(folder: Path, cast: Cast, *reviewers: Person, slug: str = "a", days: int = 7, **values: Any) -> Revision:
    """The editor's draft in review by these people; by the second editor and the section lead if none are named."""
    named = [(person, None) for person in reviewers or (cast.reviewer, cast.lead)]
    revision = drafted(folder, cast.editor, slug, **values)
    return submit_revision(revision=revision, reviewers=named, due_on=in_days(days), by=cast.editor)


def review_of(revision: Revision, person: Person) -> Review:
    return Review.objects.select_related("revision__document", "reviewer", "deputy").get(
        revision=revision, reviewer=person
    )


def approved(folder: Path, cast: Cast, slug: str = "a", **values: Any) -> Revision:
    """The editor's draft, approved by the second editor."""
    revision = submitted(folder, cast, cast.reviewer, slug=slug, **values)
    return decide(review=review_of(revision, cast.reviewer), decision="approved", by=cast.reviewer)


def told(person: Person) -> list[str]:
    """What the person was told, oldest first."""
    return list(person.notices.order_by("pk").values_list("text", flat=True))
