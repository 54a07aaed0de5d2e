"""With real programs: what is published is found within a second, drawn ahead, and gone when retired, on every host."""

import signal
import threading
import time
from pathlib import Path

from django.conf import LazySettings
from django.db import connection

from knowledge import changes, search
from knowledge.models import Document, FlowDrawing, Revision
from knowledge.search import store
from knowledge.services import indexing, publish_revision, retire_document
from tests.cast import Cast
from tests.knowledge.helpers import FLOW, approve, load_rows, row
from tests.knowledge.index_contents import contents
from tests.programs import wait_for
from tests.stack import Worker, running_keeper


def test_published_is_findable_within_a_second(
    tmp_path: Path, index_folder: Path, worker: Worker, committed_cast: Cast
) -> None:
    with running_keeper(index_folder):
        load_rows(tmp_path, row("first"), *(row(f"more-{number}") for number in range(30)))
        wait_for(lambda: not search.search("first").degraded, "the index that the keeper builds")
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
        wait_for(lambda: str(document.pk) not in contents(), "the index to lose it")


class Host:
    """A host: its own index, asked as the web processes of that host ask it."""

    def __init__(self, folder: Path, settings: LazySettings) -> None:
        self.folder = folder
        self._settings = settings

    def finds(self, query: str) -> set[str]:
        """What this host's engine finds; the word “database” when the database answered."""
        store.close()
        self._settings.SEARCH_INDEX_DIR = self.folder
        found = search.search(query)
        return {"database"} if found.degraded else {hit.document.slug for hit in found.hits}

    def holds(self, document: Document) -> bool:
        store.close()
        self._settings.SEARCH_INDEX_DIR = self.folder
        return str(document.pk) in contents()

    def lags(self) -> bool:
        self._settings.SEARCH_INDEX_DIR = self.folder
        return search.oldest_pending() is not None


def test_two_hosts_follow_one_database(tmp_path: Path, committed_cast: Cast, settings: LazySettings) -> None:
    one, other = Host(tmp_path / "one", settings), Host(tmp_path / "other", settings)
    load_rows(tmp_path, row("old", title="Wallaby"))
    with running_keeper(one.folder):
        with running_keeper(other.folder) as keeper:
            for host in (one, other):
                wait_for(lambda: host.finds("wallaby") == {"old"}, f"{host.folder} to be built")  # noqa: B023 - at once
            load_rows(tmp_path, row("fresh", title="Zebrafish"))
            for host in (one, other):
                wait_for(lambda: host.finds("zebrafish") == {"fresh"}, f"{host.folder} to find it", limit=5)  # noqa: B023
            retire_document(document=Document.objects.get(slug="old"), by=committed_cast.editor)
            for host in (one, other):
                wait_for(lambda: not host.holds(Document.objects.get(slug="old")), f"{host.folder} to lose it", limit=5)  # noqa: B023
            keeper.kill(signal.SIGKILL)
        load_rows(tmp_path, row("later", title="Quokka"))
        wait_for(lambda: one.finds("quokka") == {"later"}, "the host that runs")
        assert other.finds("quokka") == set()
        assert other.lags()
        assert not one.lags()
    with running_keeper(other.folder):
        wait_for(lambda: other.finds("quokka") == {"later"}, "the host that was down")


def test_a_keeper_outlives_what_happens_to_its_folder(tmp_path: Path, index_folder: Path, committed: None) -> None:
    load_rows(tmp_path, row("old", title="Wallaby"))
    with running_keeper(index_folder):
        wait_for(lambda: not search.search("wallaby").degraded, "the index")
        for harm in ("current", "*/*.toc", "*/*.pst"):
            store.close()
            for path in index_folder.glob(harm):
                path.write_bytes(b"")
            wait_for(lambda: not search.search("wallaby").degraded and store.current().exists(), f"repair of {harm}")
        assert list(contents()) == [str(Document.objects.get().pk)]


def test_a_change_is_announced_by_its_commit(tmp_path: Path, committed: None) -> None:
    with changes.listening() as listener:
        assert not listener.wait(0.05)
        load_rows(tmp_path, row("one"))
        assert listener.wait(5)
        assert not listener.wait(0.05)


def test_two_writers_at_once_lose_nothing(tmp_path: Path, committed: None) -> None:
    load_rows(tmp_path, *(row(f"one-{number}", title=f"Wombat {number}") for number in range(40)))
    indexing.rebuild()
    keys = list(Document.objects.values_list("pk", flat=True))
    Document.objects.update(version=2)
    assert len(search.keeping.pending()) == 40
    halves = (keys[:25], keys[15:])

    def write(part: list[int]) -> None:
        for key in part:
            search.index_documents([key])
        connection.close()

    writers = [threading.Thread(target=write, args=(part,)) for part in halves]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = search.search("wombat", page_size=100)
    assert not found.degraded
    assert len({hit.document.pk for hit in found.hits}) == len(found.hits) == found.count == 40
    assert search.oldest_pending() is None
    assert len(contents()) == 40
