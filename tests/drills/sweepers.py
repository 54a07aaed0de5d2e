"""Three beats and eight sweepers at once over many deadlines: each is recorded once.

    .venv/bin/python tests/drills/sweepers.py --due 10000

runs a database, a broker, beats and workers of its own, prints one line, and ends with status 1 where anything is
missed or doubled.
"""

import argparse
import logging
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[2])

from portal.embedded import site as commands  # noqa: E402 - the path comes first
from portal.embedded.attaching import attach  # noqa: E402
from tests.drills import ground, judging  # noqa: E402
from tests.drills.asking import SPECIALTY  # noqa: E402
from tests.drills.running import Site  # noqa: E402
from tests.mail import running_mail_server  # noqa: E402
from tests.programs import Program, wait_for  # noqa: E402

BEATS, SWEEPERS = 3, 8
AGO = timedelta(hours=30)
"""So long ago each question was asked: the first marks of its 48 hours have passed, the others have not."""
LATER = "UPDATE consults_consult SET next_milestone_at = next_milestone_at + interval '{} days' WHERE id > %s"
WORK = re.compile(r"sweep_clock\[\S+\] succeeded in .*'consults': (\d+)")


def questions(number: int) -> None:
    """So many questions that a specialist has, with their logs, by the site's own services and then by copying."""
    import django

    django.setup()
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # each line of each conversation with the mail server
    from consults.models import Consult
    from consults.services import answering, drafting, sending
    from portal.common import tenancy
    from portal.members.models import Person, Specialty
    from tests.bench.desk import copies

    at = datetime.now(UTC) - AGO
    tenancy.open_session_scope()
    asks = Person.objects.get(email=ground.ASKS)
    content = drafting.Content(
        specialty=Specialty.objects.get(slug=SPECIALTY),
        reason="dosing",
        question="Which dose of apixaban?",
        summary="70 kg",
    )
    draft = drafting.start_draft(by=asks, organization_id=None, content=content, at=at)
    sent: Consult = sending.send(draft, by=asks, attested=True, at=at)
    answering.claim(sent, by=Person.objects.get(email=ground.ANSWERS), at=at + timedelta(minutes=1))
    sent.refresh_from_db()
    copies(sent, number - 1, "Y-")


@contextmanager
def programs(state: Path, environment: dict[str, str]) -> Iterator[None]:
    """The beats, which fall upon each other, and a worker of eight processes; all ready, and stopped in the end."""
    log = state / "log"
    log.mkdir(exist_ok=True)
    worker = commands.worker()
    worker[worker.index("--concurrency") + 1] = str(SWEEPERS)
    lines = {"worker": (worker, " ready.")}
    lines |= {f"beat-{one}": (commands.beat(state / f"beat-{one}"), "beat: Starting") for one in range(BEATS)}
    with ExitStack() as started:
        for name, (command, line) in lines.items():
            program = Program(command, environment, log / f"{name}.log")
            started.callback(program.stop)
            wait_for(lambda program=program, line=line: line in program.log(), f"{name}: {line}", limit=150)  # type: ignore[misc]
        yield


def sweep(site: Site, after: int, due: int, limit: float) -> float:
    """Let them all be due at one moment; the seconds until all are recorded, or the limit."""
    from celery import current_app

    import portal.celery  # noqa: F401 - makes it the current one

    with site.connect() as connection:
        connection.execute(LATER.format("-1000").encode(), [after])
        begun = time.monotonic()
        for _ in range(SWEEPERS):
            current_app.send_task("consults.tasks.sweep_clock")
        left: Any = due
        while left and time.monotonic() - begun < limit:
            time.sleep(0.1)
            row = connection.execute(
                "SELECT count(*) AS n FROM consults_consult WHERE id > %s AND next_milestone_at <= now()", [after]
            ).fetchone()
            left = row.n if row else due
    return time.monotonic() - begun


def doubled(site: Site, after: int, messages: list[Any]) -> list[str]:
    """What was told or noted more than once; the database itself refuses a second milestone."""
    entries = site.rows(
        "SELECT consult_id, kind FROM consults_timelineentry WHERE consult_id > %s"
        " GROUP BY consult_id, kind HAVING count(*) > 1",
        after,
    )
    arrived = Counter(str(message["Message-ID"]) for message in messages)
    return [f"{row.kind} of {row.consult_id} stands twice" for row in entries] + [
        f"{name} came {count} times" for name, count in arrived.items() if count > 1
    ]


def run(due: int) -> int:
    begun = time.monotonic()
    with ground.copied() as state, running_mail_server() as (mail_url, messages):
        addresses = attach(state)
        environment = ground.demonstration(state, addresses, EMAIL_URL=mail_url, SWEEP_SECONDS="1")
        os.environ.update(environment)
        site = Site(state, environment)
        after = site.rows("SELECT max(id) AS id FROM consults_consult")[0].id
        questions(due)
        site.rows(LATER.format("1000") + " RETURNING id", after)
        with programs(state, environment):
            taken = sweep(site, after, due, limit=300)
            time.sleep(3)  # for those who would do it again
        count, bad = judging.wrong(site, after, datetime.now(UTC))
        bad += doubled(site, after, messages)
        shares = [int(found) for found in WORK.findall((state / "log" / "worker.log").read_text()) if int(found)]
    for line in bad[:50]:
        print(line, file=sys.stderr)
    print(
        f"due={due} beats={BEATS} sweepers={SWEEPERS} milestones={count} wrong={len(bad)}"
        f" sweeps_with_work={len(shares)}"
        f" sweep_seconds={taken:.1f} due_a_second={due / taken:.0f} seconds={time.monotonic() - begun:.0f}"
    )
    return int(bool(bad))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--due", type=int, default=10_000)
    sys.exit(run(parser.parse_args().due))


if __name__ == "__main__":
    main()
