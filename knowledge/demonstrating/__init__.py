"""Notes of an organization and answers of readers for the demonstration, made through the services."""

from pathlib import Path
from typing import Any

import yaml

from knowledge.models import Document, Feedback, Overlay
from knowledge.passages import passages
from knowledge.services import add_overlay, give_feedback, reply_to_feedback
from portal.common import tenancy
from portal.common.models import Mail
from portal.members.models import Organization, Person

SOURCE = Path(__file__).with_name("notes.yaml")
ADMINISTRATOR, EDITOR = "admin@prairie.example", "editor@network.example"
Row = dict[str, Any]


def load_notes_and_feedback() -> int:
    """Make what the source says; how many notes and answers were made. Does nothing where there are any.

    A row whose document or passage is not there is left out. Nothing is mailed.
    """
    with tenancy.everything():
        if Overlay.objects.exists() or Feedback.objects.exists():
            return 0
        rows: dict[str, list[Row]] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
        people = {person.email: person for person in Person.objects.filter(is_demonstration=True)}
        documents = {row.slug: row for row in Document.objects.published().select_related("current_revision")}
        mails = set(Mail.objects.values_list("pk", flat=True))
        made = sum(_overlay(documents.get(row["document"]), row, people) for row in rows["overlays"])
        made += sum(_feedback(documents.get(row["document"]), row, people) for row in rows["feedback"])
        Mail.objects.exclude(pk__in=mails).delete()
        return made


def _overlay(document: Document | None, row: Row, people: dict[str, Person]) -> bool:
    revision = document.current_revision if document else None
    found = next((part for part in passages(revision) if row["beside"] in part.text), None) if revision else None
    if document is None or revision is None or found is None:
        return False
    # A colleague from before there were local editors writes no notes.
    by = people[row["by"]] if people[row["by"]].actor.annotates else people[ADMINISTRATOR]
    organization = Organization.objects.get(pk__in=by.actor.annotates)
    place: dict[str, Any] = {
        "document": document,
        "organization": organization,
        "revision": revision.number,
        "passage": found.number,
    }
    add_overlay(**place, text=row["text"], by=by)
    return True


def _feedback(document: Document | None, row: Row, people: dict[str, Person]) -> bool:
    if document is None or document.current_revision is None:
        return False
    said = {name: row.get(name, "") for name in ("answer", "reason", "comment")}
    made = give_feedback(document=document, revision=document.current_revision.number, by=people[row["by"]], **said)
    if row.get("reply"):
        reply_to_feedback(feedback=made, text=row["reply"], by=people[EDITOR])
    return True
