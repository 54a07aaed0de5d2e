"""A steady small load on a site in trouble: pages, searches, questions and files; every answer is judged."""

import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

import requests

from tests.drills import ground
from tests.drills.asking import SPECIALTY
from tests.drills.serving import PASSWORD, TOKEN

LIMIT = 20.0
"""Seconds within which every answer must have come."""
PAGES = ("/", "/documents/", "/api/v1/consults/", "/api/v1/search/?q=murmur")
SUMMARY = "72-year-old with atrial fibrillation, 70 kg, eGFR 22 mL/min and stable."


@dataclass
class Seen:
    """What came back, and what was acknowledged."""

    answers: Counter[str] = field(default_factory=Counter)
    """Of each: right, later (a 503 with a time to come back), wrong or hung; and unread, pages of lists that were not
    right."""
    wrong: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    slowest: float = 0.0
    questions: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


class Visitor:
    """A clinician with a session and a token."""

    def __init__(self, url: str, token: str) -> None:
        self.seen = Seen()
        self._url, self._headers = url, {"Authorization": f"Token {token}"}
        self._session = requests.Session()
        self._number, self._sent = "", 0
        self._csrf = TOKEN.findall(self._session.get(f"{url}/accounts/login/", timeout=60).text)[0]
        fields = {"login": ground.ASKS, "password": PASSWORD, "csrfmiddlewaretoken": self._csrf}
        self._session.post(f"{url}/accounts/login/", data=fields, timeout=60).raise_for_status()
        assert self.round()

    def round(self) -> bool:
        """One of everything; whether all of it was right and the search answered by its index."""
        pages = [self._ask("GET", path) for path in PAGES]
        done = [*pages, self._question(), self._file()]
        search = pages[-1]
        return all(done) and search is not None and not search.json()["degraded"]

    def _question(self) -> bool:
        text = f"Which dose of apixaban, drill {uuid.uuid4().hex}?"
        body = {"specialty": SPECIALTY, "reason": "dosing", "question": text, "summary": SUMMARY, "attested": True}
        answer = self._ask("POST", "/api/v1/consults/", json=body)
        if answer is None:
            return False
        self.seen.questions.append(text)
        if not self._number or self._sent >= 4:
            self._number, self._sent = answer.json()["number"], 0
        return True

    def _file(self) -> bool:
        if not self._number:
            return True
        name, path = f"{uuid.uuid4().hex}.txt", f"/consults/{self._number}/"
        page = self._ask("GET", path)
        if page is None:
            return False
        fields = {"csrfmiddlewaretoken": TOKEN.findall(page.text)[0]}
        content = {"file": (name, b"a line of a letter\n" * 3000, "text/plain")}
        if self._ask("POST", f"{path}attach/", data=fields, files=content) is None:
            return False
        self._sent += 1
        self.seen.files.append(name)
        return True

    def _ask(self, method: str, path: str, **more: object) -> requests.Response | None:
        """The answer, where it is right."""
        begun, what = time.monotonic(), "wrong"
        headers = self._headers if path.startswith("/api/") else {}
        answer = None
        try:
            answer = self._session.request(
                method,
                self._url + path,
                headers=headers,
                timeout=LIMIT,
                allow_redirects=False,
                **more,  # type: ignore[arg-type]
            )
            expected = 302 if path.endswith("/attach/") else 201 if method == "POST" else 200
            what = "right" if answer.status_code == expected else what
            if answer.status_code == 503 and answer.headers.get("Retry-After", "").isdigit():
                what = "later"
            note = f"{answer.status_code} {answer.headers.get('Location', '')} {answer.text[:200]}"
        except requests.Timeout:
            what, note = "hung", "no answer"
        except requests.RequestException as error:
            note = str(error)
        self.seen.slowest = max(self.seen.slowest, time.monotonic() - begun)
        self.seen.answers[what] += 1
        if method == "GET" and path in PAGES and what != "right":
            self.seen.answers["unread"] += 1
            self.seen.unread.append(f"{method} {path}: {note}")
        if what in ("wrong", "hung"):
            self.seen.wrong.append(f"{method} {path}: {note}")
        return answer if what == "right" else None


class Crowd:
    """Visitors who go round and round until they are told to stop."""

    def __init__(self, visitors: list[Visitor]) -> None:
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._go, args=[visitor], daemon=True) for visitor in visitors]
        for thread in self._threads:
            thread.start()

    def _go(self, visitor: Visitor) -> None:
        while not self._stopping.is_set():
            visitor.round()
            self._stopping.wait(0.2)

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(LIMIT * 8)
