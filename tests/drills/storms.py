"""A disk full or read-only, a search index gone, a database restarted, slow or cut off, while people read and write.

    .venv/bin/python tests/drills/storms.py --seconds 20

serves a site of its own, prints one line, and ends with status 1 where an answer is neither right nor a 503 with
Retry-After, where something is half written or lost, or where the site does not recover by itself.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

sys.path[0] = str(Path(__file__).resolve().parents[2])

from portal.embedded import listening, site  # noqa: E402 - the path comes first
from portal.embedded.attaching import attach, stop  # noqa: E402
from portal.embedded.home import home_of  # noqa: E402
from tests.drills import ground  # noqa: E402
from tests.drills.link import Link  # noqa: E402
from tests.drills.serving import Served  # noqa: E402
from tests.drills.visitors import Crowd, Visitor  # noqa: E402
from tests.programs import Program, free_port, wait_for  # noqa: E402

BACK_LIMIT = 60.0
"""Seconds after a storm within which everything must be right again."""
ROOM = "8m"
PRIVATE = "CONSILIUM_DRILL_MOUNTS"
HALF = """
SELECT number FROM consults_consult c WHERE state <> 'draft'
   AND (due_at IS NULL OR NOT EXISTS (SELECT FROM consults_clockevent WHERE consult_id = c.id)
    OR NOT EXISTS (SELECT FROM consults_timelineentry WHERE consult_id = c.id))
   AND question LIKE 'Which dose of apixaban, drill%'
"""


class Weather:
    """What can be done to a site, and taken back."""

    def __init__(self, place: Served, link: Link) -> None:
        self.place, self.link = place, link
        self._files, self._index = place.state / "files", place.state / "index"
        self._filler = self._files / "filler"

    def full(self) -> None:
        with self._filler.open("wb", buffering=0) as filler:
            try:
                while filler.write(bytes(4096)) == 4096:
                    pass
            except OSError:
                pass

    def emptied(self) -> None:
        self._filler.unlink()

    def read_only(self) -> None:
        wait_for(lambda: mount("-o", "remount,ro", str(self._files)), "a read-only folder", limit=10)

    def writable(self) -> None:
        assert mount("-o", "remount,rw", str(self._files))

    def index_gone(self) -> None:
        away = self._index.with_name("index-away")
        self._index.rename(away)
        shutil.rmtree(away)

    def database_down(self) -> None:
        stop(self.place.state)

    def database_up(self) -> None:
        attach(self.place.state)

    def slow(self) -> None:
        self.link.delay = 0.02


def mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True).returncode == 0  # noqa: S607


def nothing() -> None:
    """What needs nobody to end it."""


@contextmanager
def exposed() -> Iterator[Weather]:
    """A web and a keeper of the index; files on a small disk of their own, the database behind a link."""
    with ground.copied() as state:
        addresses = attach(state)
        files = state / "files"
        files.mkdir(exist_ok=True)
        assert mount("-t", "tmpfs", "-o", f"size={ROOM}", "none", str(files)), "this system mounts no tmpfs for us"
        link = Link(home_of(state).sockets / ".s.PGSQL.5432")
        url = urlsplit(addresses.database_url)
        far = url._replace(netloc=f"{url.netloc}127.0.0.1:{link.port}", query="").geturl()
        place = Served(state, addresses, free_port())
        place.log.parent.mkdir(exist_ok=True)
        environment = ground.demonstration(state, addresses, DATABASE_URL=far, PORT=str(place.port))
        commands = {"web": site.web("127.0.0.1", place.port), "index": site.keeper()}
        logs = place.log.parent
        programs = [Program(command, environment, logs / f"{name}.log") for name, command in commands.items()]
        try:
            wait_for(lambda: listening.answers(place.url), f"{place.url}/healthz: {place.log}")
            yield Weather(place, link)
        except BaseException:
            print(place.log.read_text(errors="replace")[-5000:], file=sys.stderr)
            raise
        finally:
            for program in programs:
                program.stop()
            subprocess.run(["umount", "--lazy", str(files)], check=False)  # noqa: S607


def recovered(visitor: Visitor) -> float:
    """Seconds until a whole round of everything has been right, the search by its index."""
    begun = time.monotonic()
    while not visitor.round():
        assert time.monotonic() - begun < BACK_LIMIT, f"not back: {visitor.seen.answers} {visitor.seen.wrong[-3:]}"
        time.sleep(0.2)
    return time.monotonic() - begun


def half_written(place: Served, visitors: list[Visitor]) -> tuple[list[str], list[str]]:
    """What is there in part, and which acknowledged writes are not there exactly once."""
    rows = place.run("SELECT name, file, size FROM consults_attachment")
    sizes = {str(path.relative_to(place.state / "files")): path.stat().st_size for path in _files(place)}
    half = [f"{row.name} has no whole file" for row in rows if sizes.get(row.file) != row.size]
    half += [f"{name} belongs to nothing" for name in sizes.keys() - {row.file for row in rows}]
    half += [f"{row.number} has no clock or no timeline" for row in place.run(HALF)]
    questions = Counter(row.question for row in place.run("SELECT question FROM consults_consult"))
    names = Counter(row.name for row in rows)
    lost = [text for one in visitors for text in one.seen.questions if questions[text] != 1]
    lost += [name for one in visitors for name in one.seen.files if names[name] != 1]
    return half, lost


def _files(place: Served) -> list[Path]:
    return [path for path in (place.state / "files").rglob("*") if path.is_file()]


def run(seconds: float) -> int:
    begun = time.monotonic()
    with exposed() as weather:
        token = (weather.place.state / f"token-{ground.ASKS}").read_text()
        wait_for(lambda: (weather.place.state / "index").exists(), "the index")
        visitors = [Visitor(weather.place.url, token) for _ in range(3)]
        storms: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
            "full": (weather.full, weather.emptied),
            "read_only": (weather.read_only, weather.writable),
            "no_index": (weather.index_gone, nothing),
            "restart": (weather.database_down, weather.database_up),
            "slow": (weather.slow, weather.link.mend),
            "cut": (weather.link.cut, weather.link.mend),
        }
        figures = []
        for name, (come, go) in storms.items():
            before = total(visitors)
            crowd = Crowd(visitors[1:])
            come()
            time.sleep(seconds)
            go()
            back = recovered(visitors[0])
            crowd.stop()
            seen = total(visitors) - before
            answers = " ".join(f"{what}={seen[what]}" for what in ("right", "later", "wrong", "hung"))
            figures.append(f"{name}=({answers} back={back:.1f}s)")
        half, lost = half_written(weather.place, visitors)
        bad = [line for one in visitors for line in one.seen.wrong] + half + lost
        for line in bad[:40]:
            print(line, file=sys.stderr)
        if bad:
            print(weather.place.log.read_text(errors="replace")[-6000:], file=sys.stderr)
    written = sum(len(one.seen.questions) + len(one.seen.files) for one in visitors)
    slowest = max(one.seen.slowest for one in visitors)
    print(
        f"{' '.join(figures)} written={written} lost={len(lost)} half={len(half)} slowest={slowest:.1f}s"
        f" seconds={time.monotonic() - begun:.0f}"
    )
    return int(bool(bad))


def total(visitors: list[Visitor]) -> Counter[str]:
    return sum((one.seen.answers for one in visitors), Counter())


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
    arguments = parser.parse_args()
    with_mounts_of_our_own()
    sys.exit(run(arguments.seconds))


if __name__ == "__main__":
    main()
