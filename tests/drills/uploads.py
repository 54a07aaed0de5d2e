"""Upload files that mean harm, to questions and to documents: what is taken is served as something nothing runs in.

    .venv/bin/python tests/drills/uploads.py --files 500

serves a site of its own, prints one line, and ends with status 1 where one is served so that it may run, is taken for
what it is not, breaks a page, or makes the web grow.
"""

import argparse
import random
import sys
import threading
import time
from collections import Counter
from email.message import Message
from pathlib import Path
from typing import NamedTuple

import psutil
import requests

sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.drills import ground  # noqa: E402 - the path comes first
from tests.drills.asking import SPECIALTY  # noqa: E402
from tests.drills.hostile_files import MAKERS, MARK, Hostile  # noqa: E402
from tests.drills.serving import TIMEOUT, Browser, Served, served  # noqa: E402

EDITS = "editor@network.example"
KEPT, PEAK = 200, 600
"""Megabytes that the web may have grown by in the end, and at any moment, in all its processes."""
SANDBOX = "default-src 'none'; sandbox"
PICTURES = ("image/png", "image/jpeg", "image/webp")
ENDINGS = (".png", ".jpg", ".jpeg", ".pdf", ".txt")


class Told(NamedTuple):
    """What became of one upload: the status of its answer, and where the file is served, if it was taken."""

    status: int
    addresses: list[str]


class Questions:
    """The door of clinicians: files with a question, by the page."""

    name = "question"

    def __init__(self, site: Served) -> None:
        self._site, self._left, self._number = site, 0, ""
        self.browser = Browser(site).sign_in(ground.ASKS)
        token = (site.state / f"token-{ground.ASKS}").read_text()
        self._headers = {"Authorization": f"Token {token}"}
        self._token = ""

    def send(self, file: Hostile) -> Told:
        if not self._left:
            self._ask()
        before = self._keys()
        data = {"csrfmiddlewaretoken": self._token}
        answer = self.browser.session.post(
            f"{self._site.url}/consults/{self._number}/attach/",
            data=data,
            files={"file": (file.name, file.content, "text/html")},
            timeout=TIMEOUT,
            allow_redirects=False,
        )
        new = self._keys() - before
        self._left -= len(new)
        return Told(answer.status_code, [f"/consults/{self._number}/files/{key}/" for key in new])

    def get(self, path: str) -> requests.Response:
        return self.browser.get(path)

    def _ask(self) -> None:
        body = {"specialty": SPECIALTY, "reason": "dosing", "question": "Which dose?", "attested": True}
        body["summary"] = "72-year-old with atrial fibrillation, 70 kg, eGFR 22 mL/min and stable."
        answer = requests.post(f"{self._site.url}/api/v1/consults/", json=body, headers=self._headers, timeout=TIMEOUT)
        assert answer.status_code == 201, answer.text
        self._number, self._left = answer.json()["number"], 8
        self._token = self.browser.token(f"/consults/{self._number}/")

    def _keys(self) -> set[str]:
        found = self._site.run(
            "SELECT a.key FROM consults_attachment a JOIN consults_consult c ON c.id = a.consult_id"
            " WHERE c.number = %s",
            self._number,
        )
        return {str(row.key) for row in found}


class Documents:
    """The door of editors: pictures and PDFs of a document, over REST; served there and on the page."""

    name = "document"

    def __init__(self, site: Served) -> None:
        self._site = site
        self.browser = Browser(site).sign_in(EDITS)
        token = ground.manage(site.state, "token", EDITS).strip()
        self._rest = requests.Session()
        self._rest.headers["Authorization"] = f"Token {token}"
        slug = site.run("SELECT slug FROM knowledge_document ORDER BY id LIMIT 1")[0].slug
        self._at = f"/api/v1/documents/{slug}/attachments/"
        self._page = f"/documents/{slug}/files/"
        self._taken: list[str] = []

    def send(self, file: Hostile) -> Told:
        for path in self._taken:
            self._rest.delete(self._site.url + path, timeout=TIMEOUT).raise_for_status()
        files = {"file": (file.name, file.content, "text/html")}
        answer = self._rest.post(self._site.url + self._at, files=files, timeout=TIMEOUT)
        self._taken = [f"{self._at}{answer.json()['name']}/"] if answer.status_code == 201 else []
        return Told(answer.status_code, [*self._taken, *(f"{self._page}{path.split('/')[-2]}" for path in self._taken)])

    def get(self, path: str) -> requests.Response:
        if path.startswith("/api/"):
            return self._rest.get(self._site.url + path, timeout=TIMEOUT)
        return self.browser.get(path)


class Growth:
    """How much memory the web's processes hold, and the most that they held."""

    def __init__(self, port: int) -> None:
        self._mine = [one for one in psutil.Process().children(recursive=True) if f":{port}" in " ".join(one.cmdline())]
        self.before = self.peak = self.now()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def now(self) -> float:
        return sum(one.memory_info().rss for one in self._mine) / 1024 / 1024

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.1):
            self.peak = max(self.peak, self.now())


def faults(answer: requests.Response) -> list[str]:
    """Why a browser might run what is in this answer; empty where nothing can."""
    headers, found = answer.headers, []
    kind = headers.get("Content-Type", "").partition(";")[0]
    if answer.status_code != 200:
        return [f"status {answer.status_code}"]
    if headers.get("X-Content-Type-Options") != "nosniff":
        found.append("sniffed")
    if SANDBOX not in headers.get("Content-Security-Policy", ""):
        found.append("no sandbox")
    # Pictures of documents are shown in the page: the pixels, and nothing that came with them.
    is_picture = kind in PICTURES and MARK not in answer.content
    how = Message()
    how["Content-Disposition"] = headers.get("Content-Disposition", "")
    if how.get_content_disposition() != "attachment" and not is_picture:
        found.append("inline")
    if kind not in (*PICTURES, "application/pdf", "text/plain"):
        found.append(f"as {kind}")
    name = how.get_filename("")
    if not name.lower().endswith(ENDINGS) or "/" in name or "\\" in name:
        found.append("name")
    return found


def run(number: int, seed: int) -> int:
    begun, dice = time.monotonic(), random.Random(seed)
    tally: Counter[str] = Counter()
    wrong: list[str] = []
    with served() as site:
        doors: list[Questions | Documents] = [Questions(site), Documents(site)]
        growth = Growth(site.port)
        for one in range(number):
            file = MAKERS[one // 2 % len(MAKERS)](dice)
            door = doors[one % 2]
            told = door.send(file)
            tally["taken" if told.addresses else "refused"] += 1
            about = f"{door.name} {file.kind} {file.name!r} ({len(file.content)} bytes)"
            if told.status >= 500:
                wrong.append(f"broken: {about}: {told.status}")
            if told.addresses and not file.may_be_taken:
                wrong.append(f"let in: {about}")
            for path in told.addresses:
                tally["served"] += 1
                wrong += [f"{fault}: {about}" for fault in faults(door.get(path))]
        after = growth.now()
        growth.end()
    bad = Counter(line.partition(":")[0] for line in wrong)
    kept, peak = after - growth.before, growth.peak - growth.before
    print(
        f"files={number} taken={tally['taken']} refused={tally['refused']} served={tally['served']}"
        f" inline={bad['inline']} sniffed={bad['sniffed']} no_sandbox={bad['no sandbox']} let_in={bad['let in']}"
        f" broken={bad['broken']} wrong={len(wrong)} rss={growth.before:.0f}MB"
        f" grown={kept:+.0f}MB peak={peak:+.0f}MB seconds={time.monotonic() - begun:.0f}"
    )
    print(*wrong, sep="\n", file=sys.stderr)
    return int(bool(wrong) or kept > KEPT or peak > PEAK or not tally["served"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    sys.exit(run(given.files, given.seed))


if __name__ == "__main__":
    main()
