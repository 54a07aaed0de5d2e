"""kill -9 of worker, beat, web, broker and database at random while people ask and answer: nothing is lost or doubled.

    .venv/bin/python tests/drills/kills.py --kills 100 --consults 200

runs a site of its own, prints one line of figures, and ends with status 1 where one misses.
"""

import argparse
import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.drills import judging  # noqa: E402 - the path comes first
from tests.drills.asking import People  # noqa: E402
from tests.drills.running import Site, running, show_logs  # noqa: E402

ROLES = ("worker", "beat", "web", "broker", "postgres")
FATES = ("answered", "paused", "breached", "untaken", "late")
UP_LIMIT, BACK_LIMIT = 5.0, 30.0
"""Seconds from due to recorded: while everything is up (99 of 100), and after what was struck is back."""
JUDGED_FROM = 100
"""Marks of a kind from which on their times are judged: of a few, one late one says more of the machine."""
LEASE = 300
"""Seconds after which a message is taken up whose sender was killed."""


@dataclass(frozen=True)
class Strike:
    role: str
    at: datetime
    back: datetime


class Strikes:
    """Strikes at random moments, every third or so before the last one's victim is back."""

    def __init__(self, site: Site, kills: int, seed: int) -> None:
        self._site = site
        self.left = kills
        self._dice = random.Random(seed)
        self._watching: list[threading.Thread] = []
        self.done: list[Strike] = []

    def run(self) -> None:
        while self.left:
            time.sleep(self._dice.uniform(1, 5))
            self.left -= self._one(self._dice.choice(ROLES))
        for thread in self._watching:
            thread.join()

    def _one(self, role: str) -> bool:
        is_back, at = self._site.watch(role), datetime.now(UTC)
        if not self._site.strike(role, self._dice, only_a_part=self._dice.random() < 0.4):
            return False
        self._watching.append(threading.Thread(target=self._watch, args=(role, at, is_back)))
        self._watching[-1].start()
        if self._dice.random() < 0.7:
            self._watching[-1].join()
        return True

    def _watch(self, role: str, at: datetime, is_back: Any) -> None:
        time.sleep(0.3)
        end = time.monotonic() + 120
        while not is_back() and time.monotonic() < end:
            time.sleep(0.1)
        self.done.append(Strike(role, at, datetime.now(UTC)))


def _pace(strikes: Strikes, wanted: float, dice: random.Random) -> None:
    """Wait until about so many strikes were made, so that people are at work from the first to the last."""
    time.sleep(dice.uniform(0, 1))
    while len(strikes.done) < wanted - 1 and strikes.left:
        time.sleep(0.2)


def lateness(watcher: judging.Watcher, strikes: list[Strike]) -> tuple[list[float], list[float]]:
    """Seconds from due to seen while all was up, and from the return of the last victim (or due) to seen otherwise."""
    up: list[float] = []
    back: list[float] = []
    for due, seen in watcher.seen.values():
        met = [strike.back for strike in strikes if strike.role != "web" and strike.at <= seen and due <= strike.back]
        start = max([due, *(moment for moment in met if moment <= seen)])
        (back if met else up).append((seen - start).total_seconds())
    return sorted(up), sorted(back)


def times(up: list[float], back: list[float]) -> tuple[str, bool]:
    """The figures in words, and whether a limit is exceeded where there are enough to judge."""
    p99, worst = up[int(len(up) * 0.99)] if up else 0.0, back[-1] if back else 0.0
    late = (len(up) >= JUDGED_FROM and p99 > UP_LIMIT) or (len(back) >= JUDGED_FROM and worst > BACK_LIMIT)
    return f"up={len(up)} p99={p99:.1f}s struck={len(back)} worst={worst:.1f}s", late


def mails(site: Site, messages: list[Any], wait: bool) -> tuple[int, int, int]:
    """How many messages there are, how many never arrived, and how many arrived once more."""
    pending = "SELECT id FROM common_mail WHERE sent_at IS NULL"
    if not wait and site.rows(pending):
        time.sleep(20)  # whoever still sends has ended
        with site.connect() as connection:
            connection.execute("UPDATE common_mail SET next_try_at = now() WHERE sent_at IS NULL")
    end = time.monotonic() + (LEASE + 60 if wait else 40)
    while site.rows(pending) and time.monotonic() < end:
        time.sleep(1)
    arrived = Counter(str(message["Message-ID"]).strip("<>").partition("@")[0] for message in messages)
    wanted = [str(row.message_id) for row in site.rows("SELECT message_id FROM common_mail WHERE body = ''")]
    new = [name for name in wanted if name in arrived]
    unsent = len(site.rows(pending))
    marked = site.rows("SELECT message_id FROM common_mail WHERE attempts > 0 AND sent_at IS NOT NULL")
    never = sum(str(row.message_id) not in arrived for row in marked)
    return len(new), unsent + never, sum(count - 1 for count in arrived.values())


def run(kills: int, consults: int, seed: int, wait: bool) -> int:
    begun = time.monotonic()
    dice = random.Random(seed)
    with running() as (site, messages):
        after = site.rows("SELECT max(id) AS id FROM consults_consult")[0].id
        people, watcher = People(site, seed), judging.Watcher(site, after)
        people.promise()
        strikes = Strikes(site, kills, seed)
        striking = threading.Thread(target=strikes.run)
        striking.start()
        with ThreadPoolExecutor(64) as pool:
            for number in range(consults):
                pool.submit(people.one_consult, FATES[number % len(FATES)])
                _pace(strikes, (number + 1) / consults * kills, dice)
        striking.join()
        not_yet = judging.not_yet(site, after)
        last = judging.settled(site, after, limit=BACK_LIMIT + 10)
        watcher.stop()
        count, bad = judging.wrong(site, after, last)
        gone = judging.lost(site, after, people.tally.written)
        mail, unsent, twice = mails(site, messages, wait)
        differing = site.manage("verify_clocks").strip().splitlines()[-1]
        audit = site.manage("verify_audit").strip().splitlines()[-1]
        tally = people.tally
        taken, late = times(*lateness(watcher, strikes.done))
        roles = Counter(strike.role for strike in strikes.done)
        failed = bool(
            bad
            or gone
            or unsent
            or twice > kills
            or late
            or tally.given_up
            or tally.refused
            or " 0 differences" not in differing
        )
        for line in (*bad, *gone, *tally.refused, *tally.given_up):
            print(line, file=sys.stderr)
        if failed:
            show_logs(site)
    print(
        f"kills={len(strikes.done)} ({' '.join(f'{role}={roles[role]}' for role in ROLES)}) consults={consults}"
        f" written={len(tally.written)} lost={len(gone)} refused={len(tally.refused)} given_up={len(tally.given_up)}"
        f" tried_again={tally.away} broken={tally.broken} not_yet={not_yet} due={count} wrong={len(bad)}"
        f" {taken} mails={mail} unsent={unsent} twice={twice}"
        f" clocks={differing!r} audit={audit!r} seconds={time.monotonic() - begun:.0f}"
    )
    return int(failed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--consults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--skip-lease", action="store_true", help="take up at once what killed senders held")
    arguments = parser.parse_args()
    sys.exit(run(arguments.kills, arguments.consults, arguments.seed, wait=not arguments.skip_lease))


if __name__ == "__main__":
    main()
