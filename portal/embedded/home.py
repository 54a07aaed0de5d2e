"""Where the embedded servers of one state folder keep everything."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from portal.embedded import folders
from portal.embedded.account import ROOT_UID, Account, server_account
from portal.embedded.errors import EmbeddedError
from portal.embedded.locking import alone

SYSTEM_STATE = Path("/var/lib/consilium")
SHORT_FOLDERS = Path("/tmp")  # noqa: S108 - fixed, so that every process agrees; folders.private() guards against planting
LONGEST_SOCKET = 100  # bytes; the kernel's limit is 107
LONGEST_NAME = "/.s.PGSQL.5432.lock"
MAKING_LIMIT = 30.0  # seconds
PLAIN_PATH = re.compile(r"[A-Za-z0-9/_.-]+")


@dataclass(frozen=True)
class Home:
    """The folders of one state folder's servers, and the account that runs them."""

    folder: Path
    sockets: Path
    account: Account

    @property
    def database(self) -> Path:
        return self.folder / "postgres"

    @property
    def broker(self) -> Path:
        return self.folder / "broker"

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def attached(self) -> Path:
        return self.folder / "attached"

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def supervisor_lock(self) -> Path:
        return self.folder / "supervisor"


def home_of(state: Path) -> Home:
    """The home for the state folder ``state``, with its folders made.

    Raises EmbeddedError when a folder is not ours to use.
    """
    state.mkdir(parents=True, exist_ok=True)
    state = state.resolve()
    with alone(state, limit=MAKING_LIMIT):  # a folder just made is not yet its account's
        return _made(state)


def _made(state: Path) -> Home:
    folder = _main_folder(state)
    account = server_account(folder / "postgres")
    ours = Account(folder.stat().st_uid, folder.stat().st_gid)
    for name in ("secrets", "attached", "log"):
        folders.private(folder / name, ours)
    folders.private(folder / "broker", account)
    return Home(folder, _socket_folder(folder, account), account)


def short_name(path: Path) -> str:
    """A short name that stands for ``path`` alone."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _main_folder(state: Path) -> Path:
    folder = state / "embedded"
    if folder.is_symlink():
        return folder.resolve(strict=True)
    if folder.exists():
        return _usable(folder)
    if os.geteuid() != ROOT_UID:
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder
    if folders.reachable(state):
        return folders.passable(folder)
    return _outside(state, folder)


def _usable(folder: Path) -> Path:
    owner = folder.stat().st_uid
    if os.geteuid() not in (ROOT_UID, owner):
        raise EmbeddedError(f"{folder} belongs to user {owner}: start as that user, or move {folder.parent} away.")
    return folder


def _outside(state: Path, link: Path) -> Path:
    """A folder for root's servers where their account can reach it, with ``link`` pointing to it."""
    folders.passable(SYSTEM_STATE)
    folder = folders.passable(SYSTEM_STATE / short_name(state))
    try:
        link.symlink_to(folder)
    except FileExistsError:
        return link.resolve(strict=True)  # another process was faster
    print(f"The embedded database keeps its data in {folder}: its account cannot reach {state}.", flush=True)
    return folder


def _socket_folder(folder: Path, account: Account) -> Path:
    beside = folder / "sockets"
    if len(os.fsencode(f"{beside}{LONGEST_NAME}")) < LONGEST_SOCKET and PLAIN_PATH.fullmatch(str(beside)):
        return folders.private(beside, account)
    return folders.private(SHORT_FOLDERS / f"consilium-{short_name(folder)}", account)
