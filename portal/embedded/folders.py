"""Making folders that only their owner can use, and refusing those that somebody else could have planted."""

import os
import stat
from pathlib import Path

from portal.embedded.account import Account
from portal.embedded.errors import EmbeddedError

OTHERS = 0o077
OTHERS_MAY_WRITE = 0o022


def private(path: Path, account: Account) -> Path:
    """The folder ``path`` with mode 0700 belonging to ``account``, made when it is not there.

    Raises EmbeddedError when what is there belongs to someone else or is open to others: its mode is never changed,
    because it may be a trap.
    """
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        account.own(path)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & OTHERS:
        raise EmbeddedError(f"{path} must be a folder of user {account.uid} with mode 0700. Remove it and start again.")
    return path


def passable(path: Path) -> Path:
    """The folder ``path``, ours, which other accounts may cross but not list; made when it is not there.

    Raises EmbeddedError when it belongs to someone else or others may write to it.
    """
    try:
        path.mkdir(mode=0o711)
    except FileExistsError:
        pass
    else:
        path.chmod(0o711)  # whatever the umask was
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & OTHERS_MAY_WRITE:
        raise EmbeddedError(f"{path} must be a folder of user {os.geteuid()} that nobody else can write to.")
    return path


def reachable(path: Path) -> bool:
    """Whether an account with no rights of its own can cross every folder down to ``path``."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))
