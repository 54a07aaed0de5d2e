"""The account that the servers run as: PostgreSQL refuses to run as root."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.errors import EmbeddedError

ROOT_UID = 0


@dataclass(frozen=True)
class Account:
    """The user and group that own the servers' files and processes."""

    uid: int
    gid: int

    @property
    def foreign(self) -> bool:
        """Whether this is another account than the one this process runs as."""
        return self.uid != os.geteuid()

    def own(self, path: Path) -> None:
        """Hand ``path`` to this account."""
        if self.foreign:
            os.chown(path, self.uid, self.gid)


def server_account(data: Path) -> Account:
    """The account to run the servers as, for the data folder ``data``, which need not exist yet.

    An ordinary user runs them itself. Root runs them as whoever owns the data already (a person's checkout, started
    once with sudo, must keep working without), and otherwise as ``nobody``.
    """
    if os.geteuid() != ROOT_UID:
        return Account(os.geteuid(), os.getegid())
    if data.exists() and data.stat().st_uid != ROOT_UID:
        return Account(data.stat().st_uid, data.stat().st_gid)
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedError(
            "The embedded database cannot run as root and this system has no user 'nobody'. "
            "Run as an ordinary user, or give DATABASE_URL and CELERY_BROKER_URL."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)
