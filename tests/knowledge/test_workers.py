"""With a real worker: what is published is found within two seconds, drawn ahead, and gone when retired."""

import threading
import time
from pathlib import Path

from django.db import connection

from knowledge import search
from knowledge.models import Document, FlowDrawing, Revision
from knowledge.services import indexing, publish_revision, retire_document
from tests.cast import Cast
from tests.knowledge.helpers import FLOW, approve, load_rows, row
from tests.programs import wait_for
from tests.stack import Worker


def test_published_is_findable_within_two_seconds(tmp_path: Path, worker: Worker, committed_cast: Cast) -> None:
    load_rows(tmp_path, row("first"), *(row(f"more-{number}") for number in range(30)))
    wait_for(lambda: not search.search("first").degraded, "the index that the worker builds")
    load_rows(tmp_path, row("fresh", title="Zebrafish protocol", body=FLOW), draft=True)
    draft = Revision.objects.get(state="draft")
    publish_revision(revision=approve(draft, committed_cast.reviewer), by=committed_cast.editor)
    start = time.monotonic()
    wait_for(lambda: search.search("zebrafish").count == 1, "the published document", limit=2, every=0.02)
    print(f"findable after {time.monotonic() - start:.2f} s")
    document = Document.objects.get(slug="fresh")
    wait_for(lambda: FlowDrawing.objects.count() == 2, "both drawings", limit=20)
    retire_document(document=document, by=committed_cast.editor)
    assert search.search("zebrafish").count == 0
    wait_for(lambda: not Document.objects.exclude(indexed_version=2).filter(slug="fresh").exists(), "the index to know")


def test_pending_work_survives_a_lost_hint(tmp_path: Path, worker: Worker) -> None:
    worker.stop()
    load_rows(tmp_path, row("lost", title="Wallaby"))
    assert Document.objects.get().indexed_version == 0
    assert indexing.index_pending() == 1
    assert [hit.document.slug for hit in search.search("wallaby").hits] == ["lost"]


def test_two_writers_at_once_lose_nothing(tmp_path: Path, committed: None) -> None:
    load_rows(tmp_path, *(row(f"one-{number}", title=f"Wombat {number}") for number in range(40)))
    indexing.rebuild()
    keys = list(Document.objects.values_list("pk", flat=True))
    Document.objects.update(version=2)
    halves = (keys[:25], keys[15:])

    def write(part: list[int]) -> None:
        for key in part:
            indexing.index_document(key)
        connection.close()

    writers = [threading.Thread(target=write, args=(part,)) for part in halves]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = search.search("wombat", page_size=100)
    assert not found.degraded
    assert len({hit.document.pk for hit in found.hits}) == len(found.hits) == found.count == 40
    assert not Document.objects.exclude(indexed_version=2).exists()
