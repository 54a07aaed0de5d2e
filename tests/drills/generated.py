"""Cases that schemathesis makes of the description of the REST interface, sent to it by one person at a time."""

import itertools
import random
import re
import shlex
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.control import SkipTest
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.drills.known import Known
from tests.drills.spoiling import spoil

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
KEY = "Idempotency-Key"
OWN = ("/api/v1/people/", "/api/v1/organizations/")
"""Below these the people who ask, and their own organizations, are read and not written: see ``Known.spared``."""
TIMEOUT = 120
NEVER_WRONG: set[str] = set()
VALUES = re.compile(r"\"[^\"]*\"|'[^']*'|\d+")
Case = schemathesis.Case[Any]


class Share(NamedTuple):
    """So many cases of one operation, as one person."""

    operation: str
    role: str
    cases: int
    seed: int


class Fault(NamedTuple):
    """A failure as far as it is told from others; values in the reason are left out."""

    operation: str
    check: str
    reason: str


@dataclass
class Tally:
    """What came back for one role's cases."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: Counter[Fault] = field(default_factory=Counter)
    examples: dict[Fault, str] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        self.cases += other.cases
        self.statuses += other.statuses
        self.faults += other.faults
        self.examples = other.examples | self.examples


class Asker:
    """Sends the cases of one share and judges each answer."""

    def __init__(self, url: str, token: str, known: Known, share: Share) -> None:
        self._url, self._known, self._share = url, known, share
        self._headers = {"Authorization": f"Token {token}"}
        self._dice = random.Random(share.seed)
        self._session = requests.Session()
        self._session.trust_env = False
        self.tally = Tally()

    @property
    def is_done(self) -> bool:
        return self.tally.cases >= self._share.cases

    def ask(self, case: Case) -> None:
        if self.is_done:
            return
        # What is changed from here on needs no judgement of its own.
        case.freeze_metadata()
        self._lead(case)
        wire = case.as_transport_kwargs(base_url=self._url, headers=dict(self._headers))
        how = spoil(wire, self._dice)
        # What no client can write on the wire is no case.
        with suppress(requests.exceptions.InvalidHeader, requests.exceptions.InvalidJSONError, UnicodeError):
            self._judge(case, self._send(wire), how)
            self.tally.cases += 1

    def _lead(self, case: Case) -> None:
        """To what is there, three times in four; and a new key for a write, as often."""
        if self._dice.random() < 0.75:
            path = case.path.removeprefix("/api/v1/")
            case.path_parameters = {**case.path_parameters, **self._known.address(path, self._dice)}
            case.query = self._meant(case.query)
            if isinstance(case.body, dict):
                case.body = self._meant(case.body)
            if KEY in case.headers:
                case.headers[KEY] = uuid.UUID(int=self._dice.getrandbits(128)).hex
        if case.method != "GET" and case.path.startswith(OWN):
            self._spare(case)

    def _meant(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: self._known.value(name, like, self._dice) for name, like in values.items()}

    def _spare(self, case: Case) -> None:
        name = case.path.split("{")[1].partition("}")[0] if "{" in case.path else ""
        for _ in range(20):
            if str(case.path_parameters.get(name)) not in self._known.spared:
                return
            path = case.path.removeprefix("/api/v1/")
            case.path_parameters = {**case.path_parameters, **self._known.address(path, self._dice)}
        case.path_parameters = {**case.path_parameters, name: "0"}

    def _send(self, wire: dict[str, Any]) -> requests.Response:
        try:
            return self._session.request(**wire, timeout=TIMEOUT, allow_redirects=False)
        except requests.ConnectionError:
            # The server ended a kept connection in the very moment; a new one tells.
            return self._session.request(**wire, timeout=TIMEOUT, allow_redirects=False)

    def _judge(self, case: Case, answer: requests.Response, how: str) -> None:
        self.tally.statuses[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as found:
            for failure in found.exceptions:
                self._note(Fault(self._share.operation, type(failure).__name__, reason(failure)), answer, how)
        if answer.status_code == 401 and how != "stranger":
            self._note(Fault(self._share.operation, "SignedOut", "the run ended its own token"), answer, how)

    def _note(self, fault: Fault, answer: requests.Response, how: str) -> None:
        self.tally.faults[fault] += 1
        if fault not in self.tally.examples:
            self.tally.examples[fault] = f"{self._share.role}, {how}: {curl(answer)}\n    {answer.text[:400]}"


def reason(failure: Failure) -> str:
    """One line, the same for all cases of a kind."""
    where = "/".join("#" if isinstance(part, int) else str(part) for part in getattr(failure, "instance_path", ()))
    words = " ".join(failure.message.split("\n\n")[0].split()) or failure.title
    if code := getattr(failure, "status_code", None):
        return f"{code}"
    return f"{where} {VALUES.sub('…', words)}"[:200].strip()


def curl(answer: requests.Response) -> str:
    """The request of an answer as a command, without its token."""
    asked = answer.request
    sent = {name: value for name, value in asked.headers.items() if name in (KEY, "Content-Type")}
    more = [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in sent.items()]
    body = asked.body.decode(errors="backslashreplace") if isinstance(asked.body, bytes) else asked.body or ""
    more += [f"--data-raw {shlex.quote(str(body)[:600])}"] if body else []
    return " ".join([f"curl -X {asked.method} {shlex.quote(str(asked.url)[:600])}", *more])


def each(strategy: Any, number: int, seed: int, ask: Callable[[Case], None]) -> None:
    """Ask with that many examples of a strategy, fewer where it has no more."""

    @seeded(seed)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def one(case: Case) -> None:
        ask(case)

    # Some operations have nothing that could be made wrong.
    with suppress(SkipTest, Unsatisfiable):
        one()


def run(description: Any, share: Share, asker: Asker) -> Tally:
    """Half of a share's cases as described, half not; again with another seed where there are not as many."""
    operation = description.find_operation_by_label(share.operation)
    right, wrong = (operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode)
    for number in itertools.count():
        before = asker.tally.cases
        half = (share.cases - before) // 2
        # Looking for what can be made wrong, where nothing can, takes long: it is done once.
        if half and share.operation not in NEVER_WRONG:
            each(wrong, half, share.seed - number, asker.ask)
            if asker.tally.cases == before:
                NEVER_WRONG.add(share.operation)
        each(right, share.cases - asker.tally.cases, share.seed + number, asker.ask)
        if asker.is_done:
            break
        assert asker.tally.cases > before, f"nothing can be sent to {share.operation}"
    return asker.tally
