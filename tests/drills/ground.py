"""What drills start from: a state folder with the demonstration's data, made once and copied for each drill."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from portal.embedded.addresses import Addresses
from portal.embedded.attaching import attach, stop
from portal.embedded.home import home_of
from portal.embedded.locking import exclusive
from tests.environment import ROOT
from tests.guard import guard

KEPT = ROOT / "var" / "drills"
ASKS = "clinician@prairie.example"
ANSWERS = "specialist@network.example"
MADE_FROM = (
    "*/migrations/*.py",
    "*/*/migrations/*.py",
    "**/demonstration/*",
    "portal/embedded/*.sql",
    "requirements.txt",
)
OF_OTHERS = ("CONSILIUM_MODE", "CELERY_QUEUE", "EMAIL_URL", "SITE_URL", "DATABASE_URL", "DATABASE_OWNER_URL")
"""What a test run has set for itself, which a drill's site must not take up."""


def environment(state: Path, **changes: str) -> dict[str, str]:
    """The environment of a site on ``state`` with servers of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in (*OF_OTHERS, "CELERY_BROKER_URL")}
    ours = {"STATE_DIR": str(state), "DJANGO_SETTINGS_MODULE": "portal.settings", "API_RATE": "100000/min"}
    return kept | ours | changes


def demonstration(state: Path, addresses: Addresses, **changes: str) -> dict[str, str]:
    """The same for a demonstration whose servers are attached already."""
    servers = {
        "DATABASE_URL": addresses.database_url,
        "DATABASE_OWNER_URL": addresses.database_owner_url,
        "CELERY_BROKER_URL": addresses.broker_url,
        "CELERY_QUEUE": "consilium",
    }
    return environment(state, CONSILIUM_MODE="demonstration", **servers | changes)


def manage(state: Path, *arguments: str, code: Path = ROOT, **changes: str) -> str:
    """A management command of the program in ``code`` on a state folder; what it printed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=code,
        env=environment(state, **changes),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"manage.py {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
    return done.stdout


@contextmanager
def copied(code: Path = ROOT, kept: Path = KEPT) -> Iterator[Path]:
    """A state folder of the drill's own, which is gone again afterwards with its servers, as when the drill is killed.

    It was made by the program in ``code``, whose folders are kept in ``kept``.
    """
    prepared = _prepared(code, kept)
    # Where the servers' account can reach it, when root runs the drill.
    folder = Path(tempfile.mkdtemp(prefix="consilium-drill-"))
    guard().take(folder)
    folder.chmod(0o711)
    state = folder / "state"
    subprocess.run(["cp", "-aL", str(prepared), str(state)], check=True)  # noqa: S607
    try:
        yield state
    finally:
        stop(state)
        for path in (home_of(state).sockets, folder):
            shutil.rmtree(path, ignore_errors=True)
        guard().let_go(folder)


def _prepared(code: Path, kept: Path) -> Path:
    kept.mkdir(parents=True, exist_ok=True)
    ready = kept / _digest(code)
    with exclusive(kept / "lock", limit=600, refusal="Another drill prepares"):
        if not ready.exists():
            for old in kept.iterdir():
                if old.is_dir():
                    shutil.rmtree(old)
            state = kept / "new"
            _prepare(state, code)
            state.rename(ready)
    return ready


def _prepare(state: Path, code: Path) -> None:
    addresses = attach(state)
    try:
        for command in (("migrate", "--noinput"), ("collectstatic", "--noinput"), ("load_demonstration",)):
            manage(state, *command, code=code)
        for name in (ASKS, ANSWERS):
            (state / f"token-{name}").write_text(manage(state, "token", name, code=code).strip())
        with psycopg.connect(addresses.database_url) as connection:
            connection.execute("SELECT set_config('consilium.organizations', '*', true)")
            connection.execute("UPDATE common_mail SET sent_at = now(), body = '' WHERE sent_at IS NULL")
    finally:
        stop(state)
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(state / "mail")


def _digest(code: Path) -> str:
    """Names what the data was made from."""
    digest = hashlib.sha256()
    for pattern in MADE_FROM:
        for path in sorted(code.glob(pattern)):
            if path.is_file() and ".venv" not in path.parts and "var" not in path.parts:
                digest.update(str(path.relative_to(code)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]
