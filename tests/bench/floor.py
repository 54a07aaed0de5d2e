"""How the site's pages compare with a bare Django page: floor.py

The floor (tests/bench/floor_site.py: session, person, one query, a template) and the site are served by the same
server in the same run. Rounds at 1, 4 and 8 connections go to the floor and to each page in turn. One line a page: its
requests a second over the floor's at each number of connections, the same of CPU seconds a request (of the server's
processes, from the process table), the queries, and p50 and p95 at one connection, beside the targets.

From the environment: FLOOR_DOCUMENTS (200) and FLOOR_CONSULTS (200) rows, FLOOR_ROUNDS (2), FLOOR_REQUESTS (8) to each
page in each round at each number of connections, FLOOR_SERVER (gunicorn or granian), FLOOR_WORKERS (1), FLOOR_THREADS
(4), FLOOR_PAGES (some of the pages, as document,queue), FLOOR_PROFILE (a folder: each page's profile by cProfile).
"""

import cProfile
import http.client
import os
import re
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
sys.path[:1] = [str(ROOT)]

import psutil  # noqa: E402 - the root must be known first

from tests.bench import copies, corpus  # noqa: E402

if TYPE_CHECKING:
    from django.test import Client

ROWS = {name: int(os.environ.get(f"FLOOR_{name.upper()}", "200")) for name in ("documents", "consults")}
ROUNDS, REQUESTS = int(os.environ.get("FLOOR_ROUNDS", "2")), int(os.environ.get("FLOOR_REQUESTS", "8"))
SERVER = os.environ.get("FLOOR_SERVER", "gunicorn")
WORKERS, THREADS = os.environ.get("FLOOR_WORKERS", "1"), os.environ.get("FLOOR_THREADS", "4")
CONNECTIONS = (1, 4, 8)


@dataclass
class Page:
    """One page as somebody asks for it: ``target`` is the share of the floor's requests a second it must reach."""

    name: str
    path: str
    cookies: dict[str, str] = field(default_factory=dict)
    target: float | None = None
    queries: int | None = None
    body: str = ""
    most: int | None = None


@dataclass
class Taken:
    """What requests to one page at one number of connections took: by round, requests a second and CPU seconds each."""

    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)


def main() -> None:
    """Measure and print."""
    corpus.set_up()
    with corpus.site(), tempfile.TemporaryDirectory() as scratch, ExitStack() as servers:
        pages = world(Path(scratch))
        wanted = os.environ.get("FLOOR_PAGES", "")
        pages = [page for page in pages if not wanted or page.name in ["floor", *wanted.split(",")]]
        count_queries(pages[1:])
        if folder := os.environ.get("FLOOR_PROFILE"):
            profile(pages[1:], Path(folder))
            return
        floor = servers.enter_context(serving("tests.bench.floor_site:application", Path(scratch) / "floor.log"))
        site = servers.enter_context(serving("portal.wsgi:application", Path(scratch) / "site.log"))
        taken: dict[tuple[str, int], Taken] = defaultdict(Taken)
        for turn in range(ROUNDS + 1):  # the first warms
            for connections in CONNECTIONS:
                for page in pages:
                    port, process = floor if page.name == "floor" else site
                    measured = ask(page, port, process, connections)
                    if turn:
                        keep(taken[page.name, connections], measured)
        show(pages, taken)


def world(folder: Path) -> list[Page]:
    """Fill the database, and say which pages are asked for, the floor first."""
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from tests.bench.desk import copies as more_consults
    from tests.cast import make_cast
    from tests.consults.helpers import sent, waiting

    copies.write([], ROWS["documents"], folder / "documents.jsonl.gz")
    corpus.fill(folder / "documents.jsonl.gz")
    cast = make_cast()
    then = timezone.now() - timedelta(hours=3)
    open_one, consult = sent(cast, at=then), waiting(cast)
    more_consults(open_one, ROWS["consults"], "X-")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    clinician, specialist = session(cast.clinician_prairie), session(cast.specialist)
    bare = session(cast.clinician_prairie, backend="django.contrib.auth.backends.ModelBackend")
    question = {
        "question": "Which dose of apixaban at an eGFR of 22?",
        "summary": "72-year-old with atrial fibrillation, 70 kg, eGFR 22 mL/min and stable.",
        "specialty": "cardiology",
        "reason": "dosing",
        "attested": "on",
        "csrfmiddlewaretoken": clinician[settings.CSRF_COOKIE_NAME],
    }
    return [
        Page("floor", "/", bare),
        Page("document", document(folder), clinician, 0.60, most=10),
        Page("search", "/search/?q=renal+risk", clinician, 0.30),
        Page("queue", "/queue/", specialist, 0.45, most=10),
        Page("consult", consult.get_absolute_url(), clinician, 0.35, most=12),
        Page("ask", "/ask/", clinician, 0.30, body=urlencode(question)),
        Page("home", "/", clinician),
    ]


def document(folder: Path) -> str:
    """A document as most are: a few recommendations and references, two pages of text."""
    from tests.knowledge.helpers import make_document

    advice = [
        {"text": f"Reduce the dose when the clearance is under {n * 10}.", "strength": "strong", "grade": "low"}
        | {"verified_on": "2026-06-30", "due_on": "2027-06-30"}
        for n in range(1, 6)
    ]
    body = "\n\n".join(f"## Part {n}\n\n" + "Renal clearance decides on the dose. " * 40 for n in range(1, 9))
    made = make_document(
        folder, "measured", recommendations=advice, references=["A source"] * 8, codes=["I48.0"], body=body
    )
    return made.get_absolute_url()


def session(person: object, backend: str = "") -> dict[str, str]:
    """The cookies of somebody signed in."""
    from django.conf import settings
    from django.middleware.csrf import _get_new_csrf_string
    from django.test import Client

    client = Client()
    client.force_login(person, backend=backend or None)  # type: ignore[arg-type]
    if not backend:
        client.get("/account/")  # the first page marks when the session began
    token = _get_new_csrf_string()
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value} | {
        settings.CSRF_COOKIE_NAME: token
    }


def count_queries(pages: Sequence[Page]) -> None:
    """How many statements each page costs, without those that begin and end transactions."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for page in pages:
        client = browser(page)
        ask_here(page, client)
        with CaptureQueriesContext(connection) as seen:
            ask_here(page, client)
        framing = re.compile(r"(BEGIN|COMMIT|ROLLBACK|(RELEASE )?SAVEPOINT)\b")
        page.queries = sum(not framing.match(query["sql"]) for query in seen)


def browser(page: Page) -> "Client":
    """A browser within this process, with the page's cookies."""
    from django.test import Client

    client = Client()
    client.cookies.load(page.cookies)
    return client


def ask_here(page: Page, client: "Client") -> None:
    """Ask for the page within this process."""
    form = "application/x-www-form-urlencoded"
    answer = client.post(page.path, page.body, content_type=form) if page.body else client.get(page.path)
    assert answer.status_code == (302 if page.body else 200), (page.name, answer.status_code)


def profile(pages: Sequence[Page], folder: Path) -> None:
    """One profile a page, of 60 requests within this process."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in pages:
        watching, client = cProfile.Profile(), browser(page)
        for turn in range(61):
            watching.runcall(ask_here, page, client) if turn else ask_here(page, client)
        watching.dump_stats(folder / f"{page.name}.prof")


@contextmanager
def serving(application: str, log: Path) -> Iterator[tuple[int, psutil.Process]]:
    """A server for one of the two, with its port and its main process."""
    from tests import database
    from tests.environment import STATE
    from tests.programs import Program, child_environment, free_port, wait_for

    port = free_port()
    environment = child_environment(
        CONSILIUM_MODE="test", DATABASE_URL=database.url("DATABASE_URL"), STATE_DIR=str(STATE), LOG_LEVEL="ERROR"
    )
    program = Program(command(application, port), environment, log)
    try:
        wait_for(lambda: answers(port) or program.process.poll() is not None, f"{application}")
        assert program.process.poll() is None, program.log()
        yield port, psutil.Process(program.process.pid)
    finally:
        program.stop()


def command(application: str, port: int) -> list[str]:
    if SERVER == "granian":
        options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", WORKERS]
        options += ["--blocking-threads", THREADS, "--no-ws", "--log-level", "error"]
        return [sys.executable, "-m", "granian", *options, application]
    options = ["--bind", f"127.0.0.1:{port}", "--workers", WORKERS, "--threads", THREADS, "--no-control-socket"]
    return [sys.executable, "-m", "gunicorn", application, "--log-level", "error", *options]


def answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except OSError:
        return False


def ask(page: Page, port: int, process: psutil.Process, connections: int) -> tuple[float, float, list[float]]:
    """REQUESTS requests over so many connections at once: how long all took, CPU seconds, and each one's wait."""
    waits: list[float] = []
    each = -(-REQUESTS // connections)
    threads = [threading.Thread(target=_some, args=(page, port, each, waits)) for _ in range(connections)]
    begun, spent = time.perf_counter(), cpu(process)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(waits) == each * connections, f"{page.name}: a request failed"
    return time.perf_counter() - begun, cpu(process) - spent, waits


def _some(page: Page, port: int, count: int, waits: list[float]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in page.cookies.items()), "Host": "localhost"}
    if page.body:
        headers |= {"Content-Type": "application/x-www-form-urlencoded"}
    for _ in range(count):
        begun = time.perf_counter()
        connection.request("POST" if page.body else "GET", page.path, page.body or None, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != (302 if page.body else 200):
            print(f"{page.name}: {answer.status}", file=sys.stderr)
            return
        waits.append(time.perf_counter() - begun)


def cpu(process: psutil.Process) -> float:
    """CPU seconds of a server's processes so far."""
    found = [process, *process.children(recursive=True)]
    return sum(sum(one.cpu_times()[:2]) for one in found)


def keep(taken: Taken, measured: tuple[float, float, list[float]]) -> None:
    wall, spent, waits = measured
    taken.rates.append(len(waits) / wall)
    taken.cpu.append(spent / len(waits))
    taken.waits += waits


def show(pages: Sequence[Page], taken: dict[tuple[str, int], Taken]) -> None:
    """One line a page."""
    print(
        f"{SERVER}, {WORKERS} process of {THREADS} threads; {ROWS['documents']} documents, {ROWS['consults']} consults"
    )
    for page in pages:
        ratios, shares = [], []
        for connections in CONNECTIONS:
            here, floor = taken[page.name, connections], taken["floor", connections]
            ratios.append(median(a / b for a, b in zip(here.rates, floor.rates, strict=True)))
            shares.append(sum(floor.cpu) / (sum(here.cpu) or 1e-9))
        waits = [1000 * wait for wait in taken[page.name, 1].waits]
        aim = f" (target {page.target:.2f})" if page.target else ""
        limit = f" (at most {page.most})" if page.most else ""
        print(
            f"page {page.name}: ratio to the floor {' '.join(f'{ratio:.2f}' for ratio in ratios)} at "
            f"{', '.join(map(str, CONNECTIONS))} connections{aim}; "
            f"of CPU {' '.join(f'{share:.2f}' for share in shares)}; queries {page.queries or 3}{limit}; "
            f"p50 {median(waits):.1f} ms, p95 {quantiles(waits, n=20)[-1]:.1f} ms; "
            f"CPU {1000 * median(taken[page.name, 1].cpu):.1f} ms"
        )


if __name__ == "__main__":
    main()
