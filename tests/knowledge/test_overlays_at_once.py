"""A note that is added while its document is being published, on a database whose commits are real."""

from pathlib import Path
from threading import Event, Thread

from django.db import connections, transaction

from knowledge.models import Document, Overlay
from knowledge.passages import passages
from knowledge.services import add_overlay, publish_revision
from portal.common.refusals import Conflict
from portal.members.walls import around
from tests.cast import Cast
from tests.knowledge.helpers import load_rows, make_document, row


def test_no_note_is_fastened_to_a_text_that_is_just_replaced(committed_cast: Cast, tmp_path: Path) -> None:
    document = make_document(tmp_path, "a", body="Give 5 mg.\n\nWait.")
    load_rows(tmp_path, row("a", body="New.\n\nGive 10 mg.\n\nWait."), draft=True)
    revision = document.current_revision
    assert revision
    changed, same = (next(part.number for part in passages(revision) if word in part.text) for word in ("5 mg", "Wait"))
    refused: list[Exception] = []
    waits = Event()

    def write() -> None:
        try:
            waits.set()
            for passage in (changed, same):
                try:
                    with around(committed_cast.admin_prairie):
                        add_overlay(
                            document=document,
                            organization=committed_cast.prairie,
                            revision=1,
                            passage=passage,
                            text="x",
                            by=committed_cast.admin_prairie,
                        )
                except Conflict as error:
                    refused.append(error)
        finally:
            connections.close_all()

    thread = Thread(target=write)
    with transaction.atomic():
        publish_revision(revision=document.revisions.get(state="draft"), by="test")
        thread.start()
        waits.wait(5)
        thread.join(0.5)
        assert thread.is_alive(), "it waits for the publication"
    thread.join(10)
    assert len(refused) == 1
    with transaction.atomic():
        (made,) = Overlay.objects.all()
    assert (made.quote, made.revision.number, made.flagged_at) == ("Wait.", 2, None)
    assert Document.objects.get().current_revision_id == made.revision_id
