"""Two hosts whose clocks are an hour or a day wrong and jump while they run: no promise is broken early, or missed.

    .venv/bin/python tests/drills/wrong_clocks.py --seconds 300 --consults 200

runs them before one database, whose clock is right, prints one line, and ends with status 1 where a figure misses.
"""

import argparse
import itertools
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests

sys.path[0] = str(Path(__file__).resolve().parents[2])

from portal.embedded import listening, site  # noqa: E402 - the path comes first
from portal.embedded.attaching import attach  # noqa: E402
from tests.drills import clocked, ground, judging  # noqa: E402
from tests.drills.asking import People, Written  # noqa: E402
from tests.drills.kills import FATES  # noqa: E402
from tests.drills.running import READY_LIMIT, Site, show_logs  # noqa: E402
from tests.mail import running_mail_server  # noqa: E402
from tests.programs import Program, free_port, wait_for  # noqa: E402

RIGHT, HOUR, DAY = timedelta(), timedelta(hours=1), timedelta(days=1)
CLOCKS = ((HOUR, -HOUR), (-DAY, DAY), (DAY, -DAY), (RIGHT, HOUR), (-HOUR, RIGHT), (DAY, -HOUR))
"""How far ahead each host's clock is, one after the other."""
WORST = 30.0
"""Seconds from due to seen from outside."""
MAILED = 60.0
"""Seconds after which the last mail has gone."""
ENTRY = {"submitted": "start", "ask": "pause", "reply": "resume", "answer": "stop"}
"""Which entry of the log each write makes."""
MOMENTS = """
SELECT c.number, e.kind, e.at FROM consults_clockevent e JOIN consults_consult c ON c.id = e.consult_id WHERE c.id > %s
 UNION ALL
SELECT c.number, 'claim', a.started_at FROM consults_assignment a JOIN consults_consult c ON c.id = a.consult_id
 WHERE c.id > %s
"""


class Host:
    """Web, worker and beat under one clock."""

    def __init__(self, name: str, state: Path, environment: dict[str, str]) -> None:
        self.name, self.apart = name, RIGHT
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._state, self._environment = state, environment | {"PORT": str(self._port)}
        self._clock = state / f"clock-{name}"
        self._programs: dict[str, Program] = {}

    def set_clock(self, apart: timedelta) -> None:
        self.apart = apart
        clocked.set_clock(self._clock, apart)

    def start(self) -> None:
        commands = {"web": site.web("127.0.0.1", self._port), "worker": site.worker()}
        commands["worker"] += ["--hostname", f"worker@{self.name}"]
        commands["beat"] = site.beat(self._state / f"beat-{self.name}")
        for role, command in commands.items():
            log = self._state / "log" / f"{self.name}-{role}.log"
            self._programs[role] = Program(clocked.command(self._clock, command), self._environment, log)

    def wait(self) -> None:
        wait_for(lambda: listening.answers(self.url), f"the web of {self.name}", limit=READY_LIMIT)
        self._programs["worker"].wait_for_line(" ready.", limit=READY_LIMIT)
        self._programs["beat"].wait_for_line("beat: Starting", limit=READY_LIMIT)

    def stop(self) -> None:
        for program in self._programs.values():
            program.stop()

    def says_so(self) -> bool:
        """Whether its /readyz says of its clock what is the case."""
        checks = requests.get(f"{self.url}/readyz", timeout=30).json()["checks"]
        return "clock" in checks and checks["clock"]["ok"] == (self.apart == RIGHT)


class Hosts(Site):
    """Its ``url`` is the next host's each time."""

    def __init__(self, state: Path, environment: dict[str, str]) -> None:
        super().__init__(state, environment)
        (state / "log").mkdir(exist_ok=True)
        self.hosts = [Host(name, state, environment) for name in ("host-a", "host-b")]
        self._turn = itertools.cycle(host.url for host in self.hosts)

    @property
    def url(self) -> str:
        return next(self._turn)

    def set_clocks(self, clocks: tuple[timedelta, ...]) -> None:
        for host, apart in zip(self.hosts, clocks, strict=True):
            host.set_clock(apart)


@contextmanager
def two_hosts() -> Iterator[tuple[Hosts, list[Any]]]:
    """The hosts at work, their clocks wrong from the start, and the list that grows with every message they mail."""
    with ground.copied() as state, running_mail_server() as (mail_url, messages):
        hosts = Hosts(state, ground.demonstration(state, attach(state), EMAIL_URL=mail_url))
        hosts.set_clocks(CLOCKS[0])
        try:
            for host in hosts.hosts:
                host.start()
            for host in hosts.hosts:
                host.wait()
            yield hosts, messages
        except BaseException:
            show_logs(hosts)
            raise
        finally:
            for host in hosts.hosts:
                host.stop()


@dataclass
class Jumps:
    """Sets the clocks anew, again and again within ``seconds``."""

    hosts: Hosts
    seconds: float
    done: int = 0
    untold: list[str] = field(default_factory=list)
    """Of which wrong or right clock /readyz did not say so."""

    def run(self) -> None:
        for clocks in CLOCKS:
            end = time.monotonic() + self.seconds / len(CLOCKS)
            self.hosts.set_clocks(clocks)
            self.done += 1
            self.untold += [f"{host.name} at {host.apart}" for host in self.hosts.hosts if not host.says_so()]
            time.sleep(max(end - time.monotonic(), 0))


def misdated(hosts: Hosts, after: int, written: list[Written]) -> list[str]:
    """Which writes stand in the record with a moment before they were tried, or after they were acknowledged."""
    found = {(row.number, row.kind): row.at for row in hosts.rows(MOMENTS, after, after)}
    moments = [(one, found.get((one.number, ENTRY.get(one.kind, one.kind)))) for one in written]
    return [
        f"{one.kind} of {one.number}: {at}, not {one.begun} to {one.at}"
        for one, at in moments
        if at is None or not one.begun <= at <= one.at
    ]


def mails(hosts: Hosts, messages: list[Any]) -> tuple[int, int]:
    """How many messages were not sent, and how many came once more."""
    pending, end = "SELECT id FROM common_mail WHERE sent_at IS NULL", time.monotonic() + MAILED
    while (left := len(hosts.rows(pending))) and time.monotonic() < end:
        time.sleep(1)
    return left, len(messages) - len({str(message["Message-ID"]) for message in messages})


def said(hosts: Hosts, command: str) -> str:
    """The last line of a command that may end with an error."""
    try:
        return hosts.manage(command).strip().splitlines()[-1]
    except AssertionError as error:
        return str(error).strip().splitlines()[-1]


def run(seconds: float, consults: int, seed: int) -> int:
    begun = time.monotonic()
    with two_hosts() as (hosts, messages):
        after = hosts.rows("SELECT max(id) AS id FROM consults_consult")[0].id
        people, watcher, jumps = People(hosts, seed), judging.Watcher(hosts, after), Jumps(hosts, seconds)
        people.promise()
        jumping = threading.Thread(target=jumps.run)
        jumping.start()
        with ThreadPoolExecutor(64) as pool:
            for number in range(consults):
                pool.submit(people.one_consult, FATES[number % len(FATES)])
                time.sleep(seconds / consults)
        jumping.join()
        other = people.again()
        last = judging.settled(hosts, after, limit=WORST + 10)
        watcher.stop()
        count, wrong = judging.wrong(hosts, after, last)
        late = [(seen - due).total_seconds() for due, seen in watcher.seen.values()]
        tally = people.tally
        gone, dated = judging.lost(hosts, after, tally.written), misdated(hosts, after, tally.written)
        unsent, twice = mails(hosts, messages)
        differing, audit = said(hosts, "verify_clocks"), said(hosts, "verify_audit")
        faults = [*wrong, *gone, *dated, *other, *jumps.untold, *tally.refused, *tally.given_up]
        early, worst = sum(one < 0 for one in late), max(late, default=WORST + 1)
        failed = bool(faults or early or worst > WORST or unsent or twice or " 0 differences" not in differing)
        print("\n".join(faults[:200]), file=sys.stderr)
        if failed:
            show_logs(hosts)
    print(
        f"hosts={len(hosts.hosts)} jumps={jumps.done} consults={consults} written={len(tally.written)} lost={len(gone)}"
        f" misdated={len(dated)} again={len(tally.answered)} other_answer={len(other)} refused={len(tally.refused)}"
        f" due={count} wrong={len(wrong)} missed={sum('recorded []' in line for line in wrong)} early={early}"
        f" worst={worst:.1f}s untold={len(jumps.untold)} mails={len(messages)} unsent={unsent} twice={twice}"
        f" clocks={differing!r} audit={audit!r} seconds={time.monotonic() - begun:.0f}"
    )
    return int(failed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--consults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    sys.exit(run(arguments.seconds, arguments.consults, arguments.seed))


if __name__ == "__main__":
    main()
