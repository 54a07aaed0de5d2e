"""The environment of the tests, set before Django reads its settings.

Without DATABASE_URL the embedded servers are started for `var/test`; with it (as in CI, against another PostgreSQL and
Redis), DATABASE_OWNER_URL and CELERY_BROKER_URL must be given too. Each run has files, a queue and a database of its
own, so that two runs do not meet.
"""

import atexit
import os
import shutil
from pathlib import Path

import psutil

from portal.embedded import attach

ROOT = Path(__file__).resolve().parent.parent
SERVERS = ROOT / "var" / "test"
RUNS = SERVERS / "runs"
STATE = RUNS / str(os.getpid())
ADDRESSES = ("DATABASE_URL", "DATABASE_OWNER_URL", "CELERY_BROKER_URL")


def prepare() -> None:
    """Make the environment complete. Raises SystemExit naming what is missing when only a part was given."""
    os.environ["CONSILIUM_MODE"] = "test"
    os.environ["STATE_DIR"] = str(STATE)
    os.environ["CELERY_QUEUE"] = f"test-{os.getpid()}"
    if "DATABASE_URL" not in os.environ:
        servers = attach(SERVERS, durable=False)
        os.environ["DATABASE_URL"] = servers.database_url
        os.environ["DATABASE_OWNER_URL"] = servers.database_owner_url
        os.environ["CELERY_BROKER_URL"] = servers.broker_url
    missing = [name for name in ADDRESSES if name not in os.environ]
    if missing:
        raise SystemExit(f"DATABASE_URL is set, so the tests need {' and '.join(missing)} too.")
    _remove_finished_runs()
    atexit.register(shutil.rmtree, STATE, ignore_errors=True)


def _remove_finished_runs() -> None:
    """A killed run cannot remove its own files."""
    RUNS.mkdir(parents=True, exist_ok=True)
    for run in RUNS.iterdir():
        if not psutil.pid_exists(int(run.name)):
            shutil.rmtree(run, ignore_errors=True)
