"""Addresses of the embedded servers, in the forms that Django and Celery read."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from portal.embedded.home import Home

DATABASE = "consilium"
SUPERUSER = "postgres"
OWNER = "consilium_owner"
APPLICATION = "consilium_app"


@dataclass(frozen=True)
class Addresses:
    """How to reach the servers: the database as the application and as its owner, and the broker."""

    database_url: str
    database_owner_url: str
    broker_url: str


def addresses_of(home: Home) -> Addresses:
    """The addresses of the servers of ``home``, whose passwords exist."""
    return Addresses(
        database_url=_database_url(home, APPLICATION),
        database_owner_url=_database_url(home, OWNER),
        broker_url=f"redis+socket://{broker_socket(home)}",
    )


def broker_socket(home: Home) -> Path:
    """Where the broker listens."""
    return home.sockets / "broker"


def password(home: Home, role: str) -> str:
    """The password of a database role, made the first time it is asked for. Call it holding the lock."""
    path = home.secrets / role
    if not path.exists():
        new = path.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(secrets.token_urlsafe(32))
        new.rename(path)  # whole or not at all
    return path.read_text()


def _database_url(home: Home, role: str) -> str:
    # The socket stands in ?host= because django-environ does not decode %2F in the place of a host name.
    return f"postgresql://{role}:{password(home, role)}@/{DATABASE}?host={quote(str(home.sockets))}"
