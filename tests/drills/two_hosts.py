"""Two hosts before one database with a replica: people go from one to the other, one is lost, then the primary is.

    .venv/bin/python tests/drills/two_hosts.py --seconds 60

runs the layout of docs/operations.md, prints one line, and ends with status 1 where a figure misses.
"""

import argparse
import logging
import re
import sys
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.drills import ground, judging, kills, operating  # noqa: E402 - the path comes first
from tests.drills.archive import LOST_LIMIT, opened  # noqa: E402
from tests.drills.asking import SPECIALTY, People, Tally, Written  # noqa: E402
from tests.drills.hosts import Host, TwoHosts, two_hosts  # noqa: E402
from tests.drills.running import show_logs  # noqa: E402
from tests.drills.serving import TOKEN, Browser  # noqa: E402
from tests.environment import ROOT  # noqa: E402
from tests.programs import wait_for  # noqa: E402

PAGES = ("/", "/documents/", "/consults/", "/search/?q=murmur")
DOCUMENT = ROOT / "knowledge" / "demonstration" / "bronchiolitis.md"
FOUND_LIMIT = 10.0
"""Seconds after which what one host publishes is found on the other."""
ASKING = 6
"""People who ask at once, besides the one who reads."""
GAP = 3.0
"""Seconds without a primary before somebody promotes the replica."""
BACK_LIMIT = 60.0
"""Seconds from the promotion to an acknowledged write."""


@dataclass
class Figures:
    """What the drill found."""

    missed: list[str] = field(default_factory=list)
    """What held on one host and not on the other."""
    tally: Tally = field(default_factory=Tally)
    found: float = 0.0
    lost_host: int = 0
    meanwhile: int = 0
    files: int = 0
    unread: int = 0
    lost: list[str] = field(default_factory=list)
    lost_seconds: float = 0.0
    promoted: float = 0.0
    mails: tuple[int, int, int] = (0, 0, 0)
    clocks: str = ""
    audit: str = ""

    def lose(self, what: str, age: float) -> None:
        """Note an acknowledged write that is gone; its age in seconds when the primary was lost."""
        self.lost.append(what)
        self.lost_seconds = max(self.lost_seconds, age)
        if age < 0:
            self.missed.append(f"{what}: written after the promotion")

    @property
    def failed(self) -> bool:
        late = self.found > FOUND_LIMIT or self.lost_seconds > LOST_LIMIT or self.promoted > GAP + BACK_LIMIT
        wrong = self.missed or self.lost_host or self.unread or self.tally.broken
        _, unsent, twice = self.mails
        # A killed sender's message may come once more: one host was killed, and the database.
        return bool(late or wrong or not self.meanwhile or unsent or twice > 2 or " 0 differences" not in self.clocks)

    def __str__(self) -> str:
        count, unsent, twice = self.mails
        return (
            f"requests={self.tally.requests} broken={self.tally.broken} tried_again={self.tally.away}"
            f" missed={len(self.missed)} found_on_the_other={self.found:.1f}s written={len(self.tally.written)}"
            f" host_lost=(lost={self.lost_host} written_meanwhile={self.meanwhile})"
            f" primary_lost=(lost={len(self.lost)} lost_seconds={self.lost_seconds:.1f} promoted={self.promoted:.1f}s)"
            f" files={self.files} unread={self.unread} mails={count} unsent={unsent} twice={twice}"
            f" clocks={self.clocks!r} audit={self.audit!r}"
        )


class Clinician:
    """Somebody with a session who reads pages and attaches files, each request at the other host."""

    def __init__(self, layout: TwoHosts, people: People) -> None:
        self._layout, self._people = layout, people
        self._browser = Browser(layout).sign_in(ground.ASKS)
        self.faults: list[str] = []
        self.files: list[tuple[str, bytes, datetime]] = []
        """Where each acknowledged file is read, what is in it, and when it was acknowledged."""

    def round(self) -> None:
        for path in PAGES:
            self.get(path)
        number = self._people.ask()
        if number:
            self.attach(number)

    def attach(self, number: str) -> None:
        """Attach a file to a question: the form comes from one host and goes to the other."""
        path, content = f"/consults/{number}/", f"a line of a letter {uuid.uuid4().hex}\n".encode() * 500
        page = self.get(path)
        if page is None:
            return
        fields = {"csrfmiddlewaretoken": TOKEN.findall(page.text)[0]}
        files = {"file": ("letter.txt", content, "text/plain")}
        if self._judged("POST", f"{path}attach/", 302, data=fields, files=files) is None:
            return
        at, page = datetime.now(UTC), self.get(path)
        for found in set(re.findall(rf"{path}files/[0-9a-f-]+/", page.text)) if page else ():
            self.files.append((found, content, at))

    def get(self, path: str) -> requests.Response | None:
        """The page, where it came and was right."""
        return self._judged("GET", path, 200)

    def read(self, host: Host, path: str) -> bytes:
        return self._browser.session.get(host.url + path, timeout=20).content

    def _judged(self, method: str, path: str, expected: int, **more: Any) -> requests.Response | None:
        tally = self._people.tally
        tally.requests += 1
        try:
            answer = self._browser.session.request(
                method, self._layout.url + path, timeout=20, allow_redirects=False, **more
            )
        except requests.RequestException:
            tally.away += 1
            return None
        if answer.status_code == expected:
            return answer
        later = answer.status_code == 503 and "Retry-After" in answer.headers
        tally.away += later
        tally.broken += answer.status_code >= 500 and not later
        if not later:
            self.faults.append(f"{method} {path}: {answer.status_code} {answer.headers.get('Location', '')}")
        return None


class Load:
    """People who ask, claim, ask back, reply and answer, and one who reads and attaches, until told to stop."""

    def __init__(self, clinician: Clinician, people: People) -> None:
        self._people = people
        self._over = threading.Event()
        acts: list[Callable[[], object]] = [clinician.round, *[lambda: people.one_consult("paused")] * ASKING]
        self._threads = [threading.Thread(target=self._go, args=[act]) for act in acts]
        for thread in self._threads:
            thread.start()

    def _go(self, act: Callable[[], object]) -> None:
        while not self._over.is_set():
            act()

    def acknowledged_since(self, moment: datetime) -> int:
        return sum(one.at > moment for one in self._people.tally.written)

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def keys(layout: TwoHosts) -> list[str]:
    """One key, the same question to both hosts: it is asked once."""
    text = f"Which dose of apixaban, drill {uuid.uuid4().hex}?"
    body = {"specialty": SPECIALTY, "reason": "dosing", "question": text, "summary": "70 kg", "attested": True}
    headers = {"Authorization": f"Token {layout.token(ground.ASKS)}", "Idempotency-Key": uuid.uuid4().hex}
    answers = [
        requests.post(f"{host.url}/api/v1/consults/", json=body, headers=headers, timeout=60) for host in layout.hosts
    ]
    told = {answer.json().get("number") for answer in answers}
    there = layout.rows("SELECT count(*) AS n FROM consults_consult WHERE question = %s", text)[0].n
    return [] if len(told) == there == 1 else [f"key: {[answer.text[:200] for answer in answers]}, there {there} times"]


def drafts(layout: TwoHosts) -> list[str]:
    """What is typed at one host stands in the form of the other."""
    browser, text = Browser(layout).sign_in(ground.ASKS), f"A draft {uuid.uuid4().hex}"
    answer = browser.post("/ask/draft/", {"specialty": SPECIALTY, "question": text}, form="/ask/")
    rows = layout.rows("SELECT number FROM consults_consult WHERE question = %s", text)
    if len(rows) != 1:
        return [f"draft: {answer.status_code}, there {len(rows)} times"]
    pages = [browser.session.get(f"{host.url}/ask/{rows[0].number}/", timeout=60) for host in layout.hosts]
    return [f"draft: {page.status_code} {page.url}" for page in pages if text not in page.text]


def published(layout: TwoHosts, first: Host, second: Host) -> float:
    """Publish a document on one host; the seconds until the other finds it by its own index."""
    word = f"zebrafinch{uuid.uuid4().hex[:6]}"
    text = DOCUMENT.read_text().replace("id: bronchiolitis", f"id: {word}", 1)
    path = layout.state / f"{word}.md"
    path.write_text(re.sub(r"^title: .*$", f'title: "{word}"', text, count=1, flags=re.MULTILINE))
    print(first.manage("import_documents", str(path)).strip(), file=sys.stderr)
    begun, headers = time.monotonic(), {"Authorization": f"Token {layout.token(ground.ASKS)}"}

    def is_found() -> bool:
        answer = requests.get(f"{second.url}/api/v1/search/?q={word}", headers=headers, timeout=20).json()
        return not answer["degraded"] and answer["count"] > 0

    wait_for(is_found, f"{word} at {second.name}")
    return time.monotonic() - begun


def lose_a_host(layout: TwoHosts, load: Load, people: People, after: int, seconds: float, found: Figures) -> None:
    """The second host is gone for some time: nothing acknowledged is missing, and the first goes on."""
    second = layout.hosts[1]
    time.sleep(seconds)
    second.kill()
    killed = datetime.now(UTC)
    time.sleep(seconds)
    found.meanwhile = load.acknowledged_since(killed)
    second.start()
    time.sleep(seconds)
    found.lost_host = len(judging.lost(layout, after, list(people.tally.written)))


def lose_the_primary(layout: TwoHosts, load: Load, promoting: str, found: Figures) -> datetime:
    """Primary and disk are lost and the replica takes over; nothing of the hosts is started again. When it was."""
    layout.lose_primary()
    disaster = datetime.now(UTC)
    time.sleep(GAP)
    layout.promote(promoting)
    wait_for(lambda: opened(layout), "the promoted replica")
    back = datetime.now(UTC)
    wait_for(lambda: load.acknowledged_since(back) > 0, "a write", limit=BACK_LIMIT)
    found.promoted = (datetime.now(UTC) - disaster).total_seconds()
    return disaster


def judge_losses(layout: TwoHosts, written: list[Written], after: int, disaster: datetime, found: Figures) -> set[str]:
    """Which acknowledged writes the replica never got, and the numbers of their questions.

    What was acknowledged after the loss must all be there.
    """
    numbers: set[str] = set()
    if not judging.lost(layout, after, written):
        return numbers
    for one in written:
        if gone := judging.lost(layout, after, [one]):
            numbers.add(one.number)
            found.lose(gone[0], (disaster - one.at).total_seconds())
    return numbers


def read_all(layout: TwoHosts, clinician: Clinician, disaster: datetime, found: Figures) -> None:
    """Every file that was acknowledged is read at either host, unless the replica never got its row."""
    kept = {str(row.key) for row in layout.rows("SELECT key FROM consults_attachment")}
    for path, content, at in clinician.files:
        if path.split("/")[-2] in kept:
            found.files += 1
            found.unread += sum(clinician.read(host, path) != content for host in layout.hosts)
        else:
            found.lose(path, (disaster - at).total_seconds())


def judge(layout: TwoHosts, clinician: Clinician, after: int, disaster: datetime, found: Figures) -> None:
    """All that can be said when everyone has stopped."""
    gone = judge_losses(layout, found.tally.written, after, disaster, found)
    # Whose question was lost with the primary is told that it is not there.
    strays = [*found.tally.refused, *found.tally.given_up, *clinician.faults]
    found.missed += [line for line in strays if not any(number in line for number in gone)]
    read_all(layout, clinician, disaster, found)
    found.audit = layout.manage("verify_audit").strip().splitlines()[-1]
    found.clocks = layout.manage("verify_clocks").strip().splitlines()[-1]


def run(seconds: float) -> int:
    begun, found = time.monotonic(), Figures()
    replicating, promoting = operating.blocks("Scale out")
    with two_hosts(replicating) as (layout, messages):
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # each line of each conversation with the mail server
        after = layout.rows("SELECT max(id) AS id FROM consults_consult")[0].id
        found.missed += [*keys(layout), *drafts(layout)]
        found.found = published(layout, *layout.hosts)
        people = People(layout, 1)
        found.tally = people.tally
        clinician = Clinician(layout, people)
        load = Load(clinician, people)
        try:
            lose_a_host(layout, load, people, after, seconds / 4, found)
            disaster = lose_the_primary(layout, load, promoting, found)
            time.sleep(seconds / 4)
        finally:
            load.stop()
        found.found = max(found.found, published(layout, *reversed(layout.hosts)))
        found.mails = kills.mails(layout, messages, wait=False)
        judge(layout, clinician, after, disaster, found)
        print(*found.missed, *found.lost, sep="\n", file=sys.stderr)
        if found.failed:
            show_logs(layout)
    print(f"{found} seconds={time.monotonic() - begun:.0f}")
    return int(found.failed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="seconds of writing in all")
    arguments = parser.parse_args()
    sys.exit(run(arguments.seconds))


if __name__ == "__main__":
    main()
