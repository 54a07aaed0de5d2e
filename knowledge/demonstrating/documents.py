"""The demonstration's documents; one of them with a published change of practice that some have acknowledged."""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from knowledge.models import Acknowledgement, Document, Reading
from knowledge.services import (
    Declared,
    acknowledge,
    follow,
    import_documents,
    look_after,
    publish_revision,
    record_reading,
)
from portal.common import tenancy
from portal.common.models import Mail
from portal.members.models import Person

FOLDER = Path(settings.ROOT) / "knowledge" / "demonstration"
BEFORE = Path(settings.ROOT) / "knowledge" / "demonstration_before"
BY = "load_demonstration"
CHANGED = "acute-stroke"
CHANGES = (
    Declared(
        "thrombolysis-4-5-hours",
        "practice",
        "Tenecteplase as one bolus is now a first choice beside alteplase, at half the full STEMI dose.",
    ),
    Declared("do-not-wait", "editorial"),
    Declared(
        "no-intensive-bp-after-evt",
        "practice",
        "After successful thrombectomy, systolic pressure is no longer lowered below 140 mm Hg.",
    ),
)
# Days since they last read it; whether they follow it; whether they have acknowledged.
READERS = {
    "clinician@prairie.example": (40, False, False),
    "n.abara@prairie.example": (12, True, True),
    "j.petrov@prairie.example": (200, False, False),
    "clinician@lakeside.example": (90, False, True),
    "l.tanaka@lakeside.example": (30, True, False),
    "specialist2@network.example": (60, True, True),
}
# Who looks after what, so that the list of what falls due has owners.
OWNERS = {"copd-exacerbation": "lead@network.example", "topic-hyponatremia": "specialist@network.example"}


def load_documents() -> None:
    """Load the documents, the changed one first as it was before. Repeating it changes nothing."""
    with tenancy.everything(), transaction.atomic():
        mails = set(Mail.objects.values_list("pk", flat=True))
        is_new = not Document.objects.filter(slug=CHANGED).exists()
        if is_new:
            _load_before()
            _read()
            _publish_change()
        import_documents(path=FOLDER, by=BY)
        if is_new:
            _own()
        Mail.objects.exclude(pk__in=mails).delete()


def _load_before() -> None:
    """All documents, those that have changed since as they were: they link to each other, so that all come at once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(shutil.copytree(FOLDER, Path(name) / "documents"))
        shutil.copytree(BEFORE, folder, dirs_exist_ok=True)
        import_documents(path=folder, by=BY)


def _read() -> None:
    document = Document.objects.select_related("current_revision").get(slug=CHANGED)
    for person in Person.objects.filter(email__in=READERS):
        days, follows, _ = READERS[person.email]
        record_reading(document=document, by=person)
        Reading.objects.filter(document=document, person=person).update(at=timezone.now() - timedelta(days=days))
        if follows:
            follow(what=document, by=person)


def _publish_change() -> None:
    import_documents(path=FOLDER / f"{CHANGED}.md", by=BY, draft=True)
    draft = Document.objects.get(slug=CHANGED).revisions.get(state="draft")
    publish_revision(revision=draft, by=BY, changes=CHANGES)
    rows = Acknowledgement.objects.filter(document__slug=CHANGED).select_related("person", "document", "revision")
    for row in rows:
        if READERS[row.person.email][2]:
            acknowledge(acknowledgement=row, by=row.person)


def _own() -> None:
    editor = Person.objects.get(email="editor@network.example")
    for slug, email in OWNERS.items():
        document, owner = Document.objects.get(slug=slug), Person.objects.get(email=email)
        look_after(document=document, owner=owner, withdraw_after_days=None, by=editor)
