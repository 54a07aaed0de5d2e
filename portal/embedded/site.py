"""The commands that make up the running site, the same for the supervisor and for the tests."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STOP_LIMIT = 10.0  # seconds for a graceful end of the web and the worker
# Without what stands after "?" in addresses, and without where a reader came from: both hold what was searched for.
ACCESS_LOG = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(b)s %(L)s'


def manage(*arguments: str) -> list[str]:
    """A management command."""
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def web(host: str, port: int) -> list[str]:
    """The web server."""
    options = ["--bind", f"{host}:{port}", "--workers", "2", "--threads", "4", "--access-logfile", "-"]
    options += ["--access-logformat", ACCESS_LOG]
    options += ["--graceful-timeout", str(int(STOP_LIMIT) - 2), "--no-control-socket"]
    return [sys.executable, "-m", "gunicorn", "portal.wsgi:application", *options]


def worker() -> list[str]:
    """The task worker."""
    options = ["--concurrency", "2", "--max-tasks-per-child", "500", "-O", "fair", "--loglevel", "INFO"]
    return [sys.executable, "-m", "celery", "-A", "portal.celery", "worker", *options]


def keeper() -> list[str]:
    """What keeps this host's search index current."""
    return manage("keep_index")


def beat(schedule: Path) -> list[str]:
    """The ticker, which remembers in the file ``schedule`` when it last ticked."""
    options = ["--schedule", str(schedule), "--pidfile=", "--loglevel", "INFO"]
    return [sys.executable, "-m", "celery", "-A", "portal.celery", "beat", *options]
