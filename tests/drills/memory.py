"""A day of every scheduled task, one after the other through a real worker: its memory at the beginning and the end.

    .venv/bin/python tests/drills/memory.py --hours 24

runs a database, a broker and a worker of its own, prints one line, and ends with status 1 where memory grew or a task
failed. The worker's processes are not renewed after so many tasks, as they are in use: that would hide what leaks.
"""

import argparse
import heapq
import logging
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

sys.path[0] = str(Path(__file__).resolve().parents[2])

from portal.embedded import site as commands  # noqa: E402 - the path comes first
from portal.embedded.attaching import attach  # noqa: E402
from tests.drills import ground  # noqa: E402
from tests.drills.asking import SPECIALTY  # noqa: E402
from tests.mail import running_mail_server  # noqa: E402
from tests.programs import Program, wait_for  # noqa: E402

GROWTH_LIMIT = 5.0
"""Per cent."""
NEVER = "1000000000"
"""Tasks after which a process of the worker is renewed."""
WARMING = 6
"""How often each task runs before the first hour: often enough that every process has had it."""
AHEAD = 200
"""Messages that wait at most."""
QUESTIONS = 10
"""Asked in each hour, with the mail that follows: ticks that find nothing leave little behind."""
PARTS = 4
DAY = 24


def times_a_day(schedule: Any) -> float:
    """How often beat would tick in a day."""
    from celery.schedules import crontab

    if isinstance(schedule, crontab):
        return float(len(schedule.minute) * len(schedule.hour))  # type: ignore[attr-defined]
    return DAY * 3600 / float(schedule)


def ticks(schedule: dict[str, Any], hours: float) -> Iterator[tuple[float, str]]:
    """Every tick of so many hours, in the order of its time in hours; what comes less often comes once at least."""
    streams = []
    for entry in schedule.values():
        number = max(round(times_a_day(entry["schedule"]) * hours / DAY), 1)
        streams.append([((one + 1) * hours / number, str(entry["task"])) for one in range(number)])
    return heapq.merge(*streams)


def ask() -> None:
    """One question by the site's own service."""
    from consults.services import drafting, sending
    from portal.common import tenancy
    from portal.members.models import Person, Specialty

    tenancy.open_session_scope()
    content = drafting.Content(
        specialty=Specialty.objects.get(slug=SPECIALTY), reason="dosing", question="Which dose?", summary="70 kg"
    )
    at, asks = datetime.now(UTC), Person.objects.get(email=ground.ASKS)
    draft = drafting.start_draft(by=asks, organization_id=None, content=content, at=at)
    sending.send(draft, by=asks, attested=True, at=at)


class Day:
    """Sends the ticks to the worker, no faster than it works."""

    def __init__(self, worker: Program) -> None:
        from celery import current_app

        import portal.celery  # noqa: F401 - makes it the current one

        self._app = current_app
        self._channel: Any = self._app.connection_for_write().default_channel
        self._worker = worker
        self.sent = 0

    def send(self, task: str) -> None:
        self._app.send_task(task)
        self.sent += 1
        while self.sent % 20 == 0 and self._waiting() > AHEAD:
            time.sleep(0.05)

    def finish(self) -> None:
        """Wait until all is done, what tasks and questions have sent themselves too."""
        wait_for(lambda: not self._waiting() and not self._taken(), "the tasks", limit=600, every=0.5)

    def succeeded(self) -> int:
        return self._worker.log().count("] succeeded in ")

    def failed(self) -> int:
        return self._worker.log().count("] raised ")

    def memory(self) -> float:
        """MB of the worker and its processes, what they share counted once."""
        self.finish()
        time.sleep(1)
        main = psutil.Process(self._worker.process.pid)
        return sum(one.memory_full_info().pss for one in (main, *main.children(recursive=True))) / 1e6

    def _waiting(self) -> int:
        return int(self._channel.client.llen(self._app.conf.task_default_queue))

    def _taken(self) -> int:
        return int(self._channel.client.hlen("unacked"))


def lived(day: Day, schedule: dict[str, Any], hours: float) -> list[float]:
    """Let so many hours pass; the memory before them and after each part."""
    for entry in list(schedule.values()) * WARMING:
        day.send(str(entry["task"]))
    for _ in range(QUESTIONS):
        ask()
    for _, task in ticks(schedule, hours / 10):
        day.send(task)
    found = [day.memory()]
    asked = 0
    for at, task in ticks(schedule, hours):
        while asked < at * QUESTIONS:
            ask()
            asked += 1
        if at > hours * len(found) / PARTS:
            found.append(day.memory())
        day.send(task)
    return [*found, day.memory()]


def run(hours: float) -> int:
    begun = time.monotonic()
    with ground.copied() as state, running_mail_server() as (mail_url, messages):
        addresses = attach(state)
        environment = ground.demonstration(state, addresses, EMAIL_URL=mail_url)
        os.environ.update(environment)
        import django

        django.setup()
        from django.conf import settings

        logging.getLogger("mail.log").setLevel(logging.WARNING)  # each line of each conversation with the mail server
        (state / "log").mkdir(exist_ok=True)
        command = commands.worker()
        command[command.index("--max-tasks-per-child") + 1] = NEVER
        worker = Program(command, environment, state / "log" / "worker.log")
        try:
            wait_for(lambda: " ready." in worker.log(), "the worker", limit=150)
            day = Day(worker)
            found = lived(day, settings.CELERY_BEAT_SCHEDULE, hours)
            succeeded, failed = day.succeeded(), day.failed()
        finally:
            worker.stop()
        if failed or succeeded < day.sent:
            print(worker.log()[-5000:], file=sys.stderr)
        mails = len(messages)
    growth = 100 * (found[-1] / found[0] - 1)
    bad = growth > GROWTH_LIMIT or failed or succeeded < day.sent or not mails
    print(
        f"hours={hours:g} tasks={day.sent} failed={failed} mails={mails} growth={growth:+.1f}%"
        f" pss={'/'.join(f'{one:.0f}' for one in found)}MB seconds={time.monotonic() - begun:.0f}"
    )
    return int(bool(bad))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=24)
    sys.exit(run(parser.parse_args().hours))


if __name__ == "__main__":
    main()
