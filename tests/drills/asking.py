"""People at work on a drill's site, over REST: what they wrote and got an acknowledgement for is kept in a list."""

import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

import requests

from tests.drills import ground
from tests.drills.running import Site

SPECIALTY = "cardiology"
ANSWER, RESPONSE = 16, 5
"""What the network promises during a drill, in seconds: an answer, and that somebody takes the question."""
PATIENCE = 150.0


@dataclass(frozen=True)
class Written:
    """One write that the site acknowledged, when it was first tried, and when it was. ``text`` occurs nowhere else."""

    kind: str
    number: str
    text: str
    begun: datetime
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Post:
    """A write as it goes over the line."""

    who: str
    path: str
    body: dict[str, object]
    key: str


@dataclass
class Tally:
    """What was written, and what the answers were."""

    written: list[Written] = field(default_factory=list)
    answered: list[tuple[Post, dict[str, object]]] = field(default_factory=list)
    """What was sent and acknowledged, with the answer."""
    given_up: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    requests: int = 0
    broken: int = 0
    """Answers with 5xx and no time to come back: neither done nor a clear “come back later”."""
    away: int = 0
    """No answer, or 503: tried again with the same key."""


class People:
    """A clinician and a specialist."""

    def __init__(self, site: Site, seed: int) -> None:
        self._site = site
        self._dice = random.Random(seed)
        self.tally = Tally()
        self._of_thread = threading.local()
        self._tokens = {name: site.token(name) for name in (ground.ASKS, ground.ANSWERS)}

    def promise(self) -> None:
        """Promise an answer within seconds. The database takes no promise below an hour, until it is told to."""
        with self._site.connect(as_owner=True) as connection:
            connection.execute("ALTER TABLE consults_promiseversion DROP CONSTRAINT promise_of_an_hour_or_more")
            row = connection.execute(
                "INSERT INTO consults_promise (urgency, tier) VALUES ('standard', '') RETURNING id"
            ).fetchone()
            assert row
            connection.execute(
                "INSERT INTO consults_promiseversion (promise_id, number, answer_seconds, response_seconds, made_at)"
                " VALUES (%s, 1, %s, %s, now())",
                [row.id, ANSWER, RESPONSE],
            )

    def one_consult(self, kind: str) -> None:
        """One question, and what becomes of it: untaken, breached, late, paused or answered."""
        number = self.ask()
        if number is None or kind == "untaken":
            return
        begun = time.monotonic()
        self._wait(1, 7)
        self._act("claim", number)
        if kind in ("paused", "breached"):
            self._wait(0, 4)
            self._act("ask", number)
            self._wait(1, 6)
            self._act("reply", number)
        if kind == "late":
            self._wait(ANSWER + 2 - (time.monotonic() - begun), ANSWER + 6)
        if kind != "breached":
            self._wait(0, 4)
            self._act("answer", number)

    def ask(self) -> str | None:
        """Send a question; its number once that is acknowledged."""
        text = f"Which dose of apixaban, drill {uuid.uuid4().hex}?"
        body = {
            "specialty": SPECIALTY,
            "reason": "dosing",
            "question": text,
            "summary": "72-year-old with atrial fibrillation, 70 kg, eGFR 22 mL/min and stable.",
            "attested": True,
        }
        begun = datetime.now(UTC)
        answer = self._post(ground.ASKS, "/api/v1/consults/", body)
        if answer is None:
            return None
        number = str(answer["number"])
        self.tally.written.append(Written("submitted", number, text, begun))
        return number

    def again(self) -> list[str]:
        """Send all that was acknowledged once more, under the same keys; which got another answer than the first."""
        first = list(self.tally.answered)
        return [f"{post.path}: another answer" for post, answer in first if self._send(post) != answer]

    def _act(self, action: str, number: str) -> None:
        text = f"{action} {uuid.uuid4().hex}"
        body: dict[str, object] = {} if action == "claim" else {"text": text}
        who = ground.ASKS if action == "reply" else ground.ANSWERS
        begun = datetime.now(UTC)
        if self._post(who, f"/api/v1/consults/{number}/{action}/", body) is not None:
            self.tally.written.append(Written(action, number, "" if action == "claim" else text, begun))

    def _post(self, who: str, path: str, body: dict[str, object]) -> dict[str, object] | None:
        """Write, under a key of its own."""
        post = Post(who, path, body, uuid.uuid4().hex)
        answer = self._send(post)
        if answer is not None:
            self.tally.answered.append((post, answer))
        return answer

    def _send(self, post: Post) -> dict[str, object] | None:
        """Send it until there is an answer; None where it is refused or nobody answers for long."""
        if not hasattr(self._of_thread, "session"):
            self._of_thread.session = requests.Session()
        headers = {"Authorization": f"Token {self._tokens[post.who]}", "Idempotency-Key": post.key}
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.tally.requests += 1
            try:
                answer = self._of_thread.session.post(
                    self._site.url + post.path, json=post.body, headers=headers, timeout=20
                )
            except requests.RequestException:
                self.tally.away += 1
                time.sleep(0.5)
                continue
            if answer.ok:
                return dict(answer.json())
            if answer.status_code < 500:
                self.tally.refused.append(f"{post.path} {answer.status_code} {answer.text[:300]}")
                return None
            told = "Retry-After" in answer.headers
            self.tally.broken += not told
            self.tally.away += told
            time.sleep(0.5)
        self.tally.given_up.append(post.path)
        return None

    def _wait(self, least: float, most: float) -> None:
        time.sleep(max(self._dice.uniform(least, most), 0))
