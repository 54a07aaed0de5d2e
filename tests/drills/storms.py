"""Disks full or read-only, a search index gone, a database restarted, slow, cut off or out of room, while people work.

    .venv/bin/python tests/drills/storms.py --seconds 20

serves a site of its own, prints one line, and ends with status 1 where an answer is neither right nor a 503 with
Retry-After, where something is half written or lost, where a deadline or a mail is missed or doubled, or where the site
does not recover by itself.
"""

import argparse
import logging
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.drills import ground, judging, kills  # noqa: E402 - the path comes first
from tests.drills.asking import People  # noqa: E402
from tests.drills.exposed import Exposed, exposed  # noqa: E402
from tests.drills.kills import Strike, lateness  # noqa: E402
from tests.drills.running import causes, show_logs  # noqa: E402
from tests.drills.visitors import Crowd, Visitor  # noqa: E402
from tests.drills.weather import Storm, Weather  # noqa: E402

BACK_LIMIT = 60.0
"""Seconds after a storm within which everything must be right again, and all that fell due in it be recorded."""
FELT_LIMIT = 60.0
"""Seconds longer that a storm lasts which nobody has felt yet, on a machine that is busy with other things."""
HARMLESS = {"no_index", "slow"}
"""Storms that need not be felt."""
READ_ON = {"full", "read_only", "no_index", "slow", "database_full", "takes_no_writes"}
"""Storms in which lists, documents and search are read as ever."""
PRIVATE = "CONSILIUM_DRILL_MOUNTS"
HALF = """
SELECT number FROM consults_consult c WHERE state <> 'draft'
   AND (due_at IS NULL OR NOT EXISTS (SELECT FROM consults_clockevent WHERE consult_id = c.id)
    OR NOT EXISTS (SELECT FROM consults_timelineentry WHERE consult_id = c.id))
   AND question LIKE 'Which dose of apixaban, drill%'
"""


@dataclass
class Figures:
    """What the drill found."""

    storms: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)
    marks: int = 0
    wrong: list[str] = field(default_factory=list)
    recorded: float = 0.0
    mails: tuple[int, int, int] = (0, 0, 0)
    mailed: float = 0.0
    clocks: str = ""

    @property
    def failed(self) -> bool:
        count, unsent, twice = self.mails
        late = self.recorded > BACK_LIMIT or " 0 differences" not in self.clocks
        missed = self.bad or self.lost or self.half or self.wrong or unsent or twice
        return bool(missed or late or not count or not self.marks)

    def __str__(self) -> str:
        count, unsent, twice = self.mails
        return (
            f"lost={len(self.lost)} half={len(self.half)} due={self.marks} wrong={len(self.wrong)}"
            f" recorded={self.recorded:.1f}s mails={count} unsent={unsent} twice={twice} mailed={self.mailed:.1f}s"
            f" clocks={self.clocks!r}"
        )


def recovered(visitor: Visitor) -> float:
    """Seconds until a whole round of everything has been right, the search by its index."""
    begun = time.monotonic()
    while not visitor.round():
        assert time.monotonic() - begun < BACK_LIMIT, f"not back: {visitor.seen.answers} {visitor.seen.wrong[-3:]}"
        time.sleep(0.2)
    return time.monotonic() - begun


def weathered(name: str, storm: Storm, visitors: list[Visitor], seconds: float, found: Figures) -> Strike:
    """One storm, from its coming until everything is right again; when it came, and when it went."""
    come, go = storm
    before, began = total(visitors), datetime.now(UTC)
    for one in visitors:
        one.seen.unread.clear()
    crowd = Crowd(visitors[1:])
    come()
    time.sleep(seconds)
    end = time.monotonic() + FELT_LIMIT
    while name not in HARMLESS and total(visitors)["later"] == before["later"] and time.monotonic() < end:
        time.sleep(0.2)
    go()
    ended = datetime.now(UTC)
    back = recovered(visitors[0])
    crowd.stop()
    seen = total(visitors) - before
    answers = " ".join(f"{what}={seen[what]}" for what in ("right", "later", "unread", "wrong", "hung"))
    found.storms.append(f"{name}=({answers} back={back:.1f}s)")
    if not seen["later"] and name not in HARMLESS:
        found.bad.append(f"{name} was not felt")
    if seen["unread"] and name in READ_ON:
        found.bad += [f"{name} not read: {line}" for one in visitors for line in one.seen.unread]
    return Strike(name, began, ended)


def half_written(place: Exposed, visitors: list[Visitor], found: Figures) -> None:
    """What is there in part, and which acknowledged writes are not there exactly once."""
    rows = place.rows("SELECT name, file, size FROM consults_attachment")
    files = [path for path in place.files.rglob("*") if path.is_file()]
    sizes = {str(path.relative_to(place.files)): path.stat().st_size for path in files}
    found.half += [f"{row.name} has no whole file" for row in rows if sizes.get(row.file) != row.size]
    found.half += [f"{name} belongs to nothing" for name in sizes.keys() - {row.file for row in rows}]
    found.half += [f"{row.number} has no clock or no timeline" for row in place.rows(HALF)]
    questions = Counter(row.question for row in place.rows("SELECT question FROM consults_consult"))
    names = Counter(row.name for row in rows)
    found.lost += [text for one in visitors for text in one.seen.questions if questions[text] != 1]
    found.lost += [name for one in visitors for name in one.seen.files if names[name] != 1]


def total(visitors: list[Visitor]) -> Counter[str]:
    return sum((one.seen.answers for one in visitors), Counter())


def run(seconds: float, only: list[str]) -> int:
    begun, found = time.monotonic(), Figures()
    with exposed() as (place, messages):
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # each line of each conversation with the mail server
        after = place.rows("SELECT max(id) AS id FROM consults_consult")[0].id
        People(place, 1).promise()
        watcher = judging.Watcher(place, after)
        visitors = [Visitor(place.url, place.token(ground.ASKS)) for _ in range(3)]
        storms = Weather(place).storms()
        strikes = [
            weathered(name, storm, visitors, seconds, found)
            for name, storm in storms.items()
            if name in only or not only
        ]
        last = judging.settled(place, after, BACK_LIMIT)
        watcher.stop()
        found.marks, found.wrong = judging.wrong(place, after, last)
        found.recorded = max(max(times, default=0.0) for times in lateness(watcher, strikes))
        waited = time.monotonic()
        found.mails = kills.mails(place, messages, wait=True)
        found.mailed = time.monotonic() - waited
        half_written(place, visitors, found)
        found.clocks = place.manage("verify_clocks").strip().splitlines()[-1]
        found.bad += [line for one in visitors for line in one.seen.wrong]
        found.bad += [f"{command} ended" for command in place.ended()]
        print(*found.bad[:40], *found.lost, *found.half, *found.wrong, sep="\n", file=sys.stderr)
        if found.failed:
            show_logs(place)
            for role in ("web", "worker"):
                print(*causes(place.state / "log" / f"{role}.log"), sep="\n", file=sys.stderr)
    written = sum(len(one.seen.questions) + len(one.seen.files) for one in visitors)
    slowest = max(one.seen.slowest for one in visitors)
    taken = time.monotonic() - begun
    print(f"{' '.join(found.storms)} written={written} {found} slowest={slowest:.1f}s seconds={taken:.0f}")
    return int(found.failed)


def with_mounts_of_our_own() -> None:
    """Start again where mounts are seen by nobody else, and end with the program; users may have that too."""
    if PRIVATE in os.environ:
        return
    as_a_user = [] if os.geteuid() == 0 else ["--map-current-user", "--keep-caps"]
    command = ["unshare", "--mount", *as_a_user, sys.executable, *sys.argv]
    os.execvpe(command[0], command, os.environ | {PRIVATE: "1"})  # noqa: S606


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="of each storm")
    parser.add_argument("--only", nargs="*", default=[], help="these storms and no others")
    arguments = parser.parse_args()
    with_mounts_of_our_own()
    sys.exit(run(arguments.seconds, arguments.only))


if __name__ == "__main__":
    main()
