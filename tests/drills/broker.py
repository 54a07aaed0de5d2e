"""The broker loses everything and is gone for a while: pages go on, and all that fell due is recorded on its return.

    .venv/bin/python tests/drills/broker.py --gone 120 --consults 20

runs a site of its own, prints one line, and ends with status 1 where a figure misses.
"""

import argparse
import random
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import requests

sys.path[0] = str(Path(__file__).resolve().parents[2])

from portal.embedded.locking import exclusive  # noqa: E402 - the path comes first
from tests.drills import ground, judging  # noqa: E402
from tests.drills.asking import People  # noqa: E402
from tests.drills.running import Site, running, show_logs  # noqa: E402
from tests.programs import wait_for  # noqa: E402

BACK_LIMIT = 60.0
"""Seconds after the broker's return within which everything is recorded."""


def flush(site: Site) -> None:
    """Let it forget every message."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(site.servers["broker"].socket))
        connection.sendall(b"FLUSHALL\r\n")
        assert connection.recv(100).startswith(b"+OK")


def ask(people: People, number: int) -> list[float]:
    """Questions, one after the other; the seconds that each took to be acknowledged."""
    taken = []
    for _ in range(number):
        begun = time.monotonic()
        people.ask()
        taken.append(time.monotonic() - begun)
        time.sleep(0.5)
    return taken


def pages(site: Site) -> int:
    """How many of some pages do not answer as they should."""
    headers = {"Authorization": f"Token {site.token(ground.ASKS)}"}
    paths = {"/healthz": 200, "/readyz": 503, "/api/v1/consults/": 200, "/api/v1/me/": 200, "/accounts/login/": 200}
    found = {path: requests.get(site.url + path, headers=headers, timeout=30).status_code for path in paths}
    return sum(found[path] != status for path, status in paths.items())


def run(gone: float, consults: int) -> int:
    begun = time.monotonic()
    with running() as (site, _):
        after = site.rows("SELECT max(id) AS id FROM consults_consult")[0].id
        people, watcher = People(site, 1), judging.Watcher(site, after)
        people.promise()
        ask(people, max(consults // 4, 1))
        flush(site)
        # Whoever holds the lock keeps the supervisor from starting it again.
        with exclusive(site.home.lock, limit=60):
            assert site.strike("broker", random.Random(1), only_a_part=False)
            left = time.monotonic()
            slowest = max(ask(people, consults))
            wrong_pages = pages(site)
            time.sleep(max(gone - (time.monotonic() - left), 0))
        wait_for(site.servers["broker"].answers, "the broker", limit=90)
        back = datetime.now(UTC)
        last = judging.settled(site, after, BACK_LIMIT)
        watcher.stop()
        count, bad = judging.wrong(site, after, last)
        gone_writes = judging.lost(site, after, people.tally.written)
        slow = max((seen - max(back, due)).total_seconds() for due, seen in watcher.seen.values())
        failed = bool(bad or gone_writes or wrong_pages or slow > BACK_LIMIT or people.tally.given_up)
        for line in (*bad, *gone_writes, *people.tally.refused):
            print(line, file=sys.stderr)
        if failed:
            show_logs(site)
    print(
        f"gone={gone:.0f}s asked={len(people.tally.written)} lost={len(gone_writes)} due={count} wrong={len(bad)}"
        f" recorded_after_return={slow:.1f}s wrong_pages={wrong_pages} slowest_write={slowest:.1f}s"
        f" broken={people.tally.broken} seconds={time.monotonic() - begun:.0f}"
    )
    return int(failed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gone", type=float, default=120, help="seconds")
    parser.add_argument("--consults", type=int, default=20)
    arguments = parser.parse_args()
    sys.exit(run(arguments.gone, arguments.consults))


if __name__ == "__main__":
    main()
