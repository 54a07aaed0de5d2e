"""The last release's database and index under the new program, while the old one still serves: no error on either side.

    .venv/bin/python tests/drills/upgrade.py --seconds 30
    .venv/bin/python tests/drills/upgrade.py --release v1.2

takes the release from git (the newest tag; before the first one, the last commit before the one small set of
migrations, which goes on from a database that has all of the former ones and refuses one with a part of them), prints
one line, and ends with status 1 where an answer was 5xx or a write is lost. Without that history it says so and ends
well.
"""

import argparse
import itertools
import re
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path

import requests

sys.path[0] = str(Path(__file__).resolve().parents[2])

from portal.embedded import listening  # noqa: E402 - the path comes first
from portal.embedded import site as commands  # noqa: E402
from portal.embedded.attaching import attach  # noqa: E402
from tests.drills import ground  # noqa: E402
from tests.drills.asking import SPECIALTY  # noqa: E402
from tests.drills.planting import ADMIN, EDITS, NETWORK  # noqa: E402
from tests.drills.running import causes  # noqa: E402
from tests.drills.serving import TIMEOUT, TOKEN, Browser, Served  # noqa: E402
from tests.environment import ROOT  # noqa: E402
from tests.guard import guard  # noqa: E402
from tests.programs import Program, free_port, wait_for  # noqa: E402

LEAD, AUDITS = "lead@network.example", "auditor@network.example"
ROLES = (ground.ASKS, ground.ANSWERS, ADMIN, EDITS, NETWORK, LEAD, AUDITS)
ONE_SET = "consults/migrations/0001_tables.py"
LINK = re.compile(r'(?:href|src)="(/[^"#]*)"')
NOT_WALKED = ("/accounts/logout", "/accounts/login")
ALIKE = 3
"""Pages that differ in names and numbers alone are walked so many times in a round."""
PAGE = "page"
"""What the tally counts beside writes."""


def git(*arguments: str) -> bytes | None:
    """What git printed; None where it, or what was asked for, is not there."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True)  # noqa: S607 - the developer's own git
    return done.stdout if done.returncode == 0 else None


def last_release() -> str | None:
    """The newest tag before this commit; before the first one, the last commit with the former migrations.

    None where it is not there, as in a shallow clone, whose history begins later.
    """
    if tag := git("describe", "--tags", "--abbrev=0", "HEAD^"):
        return tag.decode().strip()
    made = (git("log", "--diff-filter=A", "--format=%H", "--", ONE_SET) or b"").split()
    before = git("rev-parse", "--verify", "--quiet", f"{made[-1].decode()}^") if made else None
    return before.decode().strip() if before else None


@contextmanager
def checked_out(release: str) -> Iterator[Path | None]:
    """The program of a release, which shares our packages; None where git does not have it."""
    packed = git("archive", release)
    if packed is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="consilium-release-") as name:
        folder = Path(name)
        guard().take(folder)
        with tarfile.open(fileobj=BytesIO(packed)) as files:
            files.extractall(folder, filter="data")
        yield folder
    guard().let_go(folder)


class Side:
    """One of the two programs: where it answers, and what it answered."""

    def __init__(self, name: str, place: Served) -> None:
        self.name, self.place = name, place
        self.answers: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()

    def note(self, kind: str, path: str, answer: requests.Response | None) -> None:
        status = answer.status_code if answer is not None else 599
        if status == 200 and answer is not None and answer.request.method == "POST" and path.startswith("/"):
            kind = "refused"  # the form again, with what is wrong
        self.answers[kind if status < 400 or kind == PAGE else "refused"] += 1
        if status >= 500:
            self.errors[f"{self.name} {kind} {shape(path)} {status}"] += 1


def shape(path: str) -> str:
    """The address without what tells one record from another."""
    parts = path.partition("?")[0].split("/")
    return "/".join("…" if index > 1 and re.search(r"\d|-", part) else part for index, part in enumerate(parts))


class Walker:
    """Somebody who opens every page they are led to, on all sides in turn, and writes now and then."""

    def __init__(self, who: str, sides: list[Side], over: threading.Event) -> None:
        self._who, self._sides, self._over = who, sides, over
        self._browser = Browser(sides[0].place).sign_in(who)
        self._todo: deque[str] = deque()
        self._seen: Counter[str] = Counter()
        self.asked: list[str] = []

    def walk(self) -> None:
        for number in itertools.count():
            if self._over.is_set():
                return
            side = self._sides[number % len(self._sides)]
            if number % 10 < len(self._sides):
                self._write(side)
            self._open(side)

    def _open(self, side: Side) -> None:
        if not self._todo:
            self._seen.clear()
            self._todo.append("/")
        path = self._todo.popleft()
        answer = self._send(side, PAGE, "GET", path)
        if answer is None or not answer.headers.get("Content-Type", "").startswith("text/html"):
            return
        for link in LINK.findall(answer.text):
            link = link.replace("&amp;", "&")
            if self._seen[shape(link)] < ALIKE and link not in self._seen and not link.startswith(NOT_WALKED):
                self._seen.update((shape(link), link))
                self._todo.append(link)

    def _send(
        self, side: Side, kind: str, method: str, path: str, fields: dict[str, str] | None = None
    ) -> requests.Response | None:
        def ask() -> requests.Response:
            return self._browser.session.request(
                method, side.place.url + path, data=fields, timeout=TIMEOUT, allow_redirects=False
            )

        try:
            try:
                answer = ask()
            except requests.ConnectionError:  # a kept connection that ended: browsers ask for a page once more
                if method != "GET":
                    raise
                answer = ask()
        except requests.RequestException:
            side.note(kind, path, None)
            return None
        side.note(kind, path, answer)
        return answer

    def _post(self, side: Side, kind: str, path: str, **fields: str) -> None:
        page = self._send(side, PAGE, "GET", path)
        token = TOKEN.search(page.text) if page is not None else None
        if token:
            self._send(side, kind, "POST", path, {"csrfmiddlewaretoken": token[1], **fields})

    def _write(self, side: Side) -> None:
        name = f"Drill {uuid.uuid4().hex[:12]}"
        if self._who == ground.ASKS:
            self._ask(side, name)
        elif self._who == NETWORK:
            zone = {"time_zone": "America/Chicago"}
            self._post(side, "organization", "/organizations/", name=name, tier="member", **zone)
        elif self._who == ADMIN:
            people = "/organizations/prairie-health/people/"
            self._post(side, "invitation", people, email=f"{name[6:]}@prairie.example", role="clinician")
        elif self._who == AUDITS:
            self._post(side, "export", "/audit/exports/")
        elif self._who == EDITS:
            self._rest(
                side,
                "document",
                EDITS,
                "documents/",
                {"id": name.replace(" ", "-").lower(), "title": name, "kind": "topic"},
            )

    def _ask(self, side: Side, name: str) -> None:
        body = {"specialty": SPECIALTY, "reason": "dosing", "question": f"Which dose, {name}?", "summary": "70 kg"}
        asked = self._rest(side, "question", ground.ASKS, "consults/", body | {"attested": True})
        if asked is None or not asked.ok:
            return
        self.asked.append(str(body["question"]))
        at = f"consults/{asked.json()['number']}/"
        self._rest(side, "claim", ground.ANSWERS, f"{at}claim/", {})
        self._rest(side, "answer", ground.ANSWERS, f"{at}answer/", {"text": name})

    def _rest(self, side: Side, kind: str, who: str, path: str, body: dict[str, object]) -> requests.Response | None:
        token = (side.place.state / f"token-{who}").read_text()
        headers = {"Authorization": f"Token {token}"}
        url = f"{side.place.url}/api/v1/{path}"
        try:
            answer = requests.post(url, json=body, headers=headers, timeout=TIMEOUT)
        except requests.RequestException:
            side.note(kind, path, None)
            return None
        side.note(kind, path, answer)
        return answer


@contextmanager
def program(name: str, code: Path, state: Path) -> Iterator[Side]:
    """Web and keeper of the program in ``code``."""
    addresses = attach(state)
    place = Served(state, addresses, free_port())
    place.log = state / "log" / f"web-{name}.log"
    place.log.parent.mkdir(exist_ok=True)
    environment = ground.environment(state, CONSILIUM_MODE="demonstration", PORT=str(place.port))
    keeper = [sys.executable, "manage.py", "keep_index"]
    with ExitStack() as started:
        web = Program(commands.web("127.0.0.1", place.port), environment, place.log, folder=code)
        started.callback(web.stop)
        kept = Program(keeper, environment, state / "log" / f"index-{name}.log", folder=code)
        started.callback(kept.stop)
        wait_for(lambda: listening.answers(place.url), f"{place.url}/healthz", limit=150)
        yield Side(name, place)


@contextmanager
def walked(sides: list[Side], kept: list[str]) -> Iterator[None]:
    """People walk meanwhile; the questions they asked are put into ``kept``."""
    over = threading.Event()
    walkers = [Walker(who, sides, over) for who in ROLES]
    threads = [threading.Thread(target=walker.walk) for walker in walkers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
        kept += [question for walker in walkers for question in walker.asked]


def run(release: str, seconds: float) -> int:
    begun = time.monotonic()
    with checked_out(release) as code, ExitStack() as started:
        if code is None:
            print(f"release={release} skipped: git does not have it here")
            return 0
        state = started.enter_context(ground.copied(code, ground.KEPT / "release"))
        asked: list[str] = []
        attach(state)
        (state / f"token-{EDITS}").write_text(ground.manage(state, "token", EDITS, code=code).strip())
        old = started.enter_context(program("old", code, state))
        with walked([old], asked):
            time.sleep(seconds / 3)
            before = dict(old.errors)
            said = ground.manage(state, "migrate", "--noinput", "--no-color")
            ground.manage(state, "collectstatic", "--noinput")
            time.sleep(seconds / 3)
        new = started.enter_context(program("new", ROOT, state))
        with walked([old, new], asked):
            time.sleep(seconds)
        there = {row.question for row in old.place.run("SELECT question FROM consults_consult")}
        lost = [question for question in asked if question not in there]
        errors = old.errors + new.errors
        for error, count in sorted(errors.items()):
            print(error, count, sep=": ", file=sys.stderr)
        if errors:
            for side in (old, new):
                print(*causes(side.place.log), sep="\n", file=sys.stderr)
        sys.stderr.flush()
        clocks = ground.manage(state, "verify_clocks").strip().splitlines()[-1]
        old.place.shell("from portal.common import sealing; sealing.seal()")  # no worker is there to do it
        audit = ground.manage(state, "verify_audit").strip().splitlines()[-1]
    print(
        f"release={release[:12]} migrations={said.count('... OK')} before={sum(before.values())}"
        f" old=({_said(old)}) new=({_said(new)})"
        f" asked={len(asked)} lost={len(lost)} clocks={clocks!r} audit={audit!r} seconds={time.monotonic() - begun:.0f}"
    )
    return int(bool(errors or lost or " 0 differences" not in clocks or not asked))


def _said(side: Side) -> str:
    counts = " ".join(f"{kind}={count}" for kind, count in sorted(side.answers.items()))
    return f"{counts} errors={sum(side.errors.values())}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", help="a tag or commit")
    parser.add_argument("--seconds", type=float, default=30, help="of walking, beside each other")
    arguments = parser.parse_args()
    release = arguments.release or last_release()
    if release is None:
        print("skipped: the history that holds the last release is not here")
        sys.exit(0)
    sys.exit(run(release, arguments.seconds))


if __name__ == "__main__":
    main()
