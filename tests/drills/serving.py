"""The web alone, as every site starts it, on data of its own: for drills that attack over HTTP."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
import requests
from psycopg.rows import namedtuple_row

from portal.embedded import listening, site
from portal.embedded.addresses import Addresses
from portal.embedded.attaching import attach
from tests.drills import ground
from tests.programs import Program, free_port, wait_for

PASSWORD = "consilium-demonstration"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([A-Za-z0-9]{64})"')
TIMEOUT = 120
"""Seconds for one answer: a machine that is busy with all of them at once takes its time."""


class Served:
    """A site whose web answers at ``url``."""

    def __init__(self, state: Path, addresses: Addresses, port: int) -> None:
        self.state, self.addresses, self.port = state, addresses, port
        self.url = f"http://127.0.0.1:{port}"
        self.log = state / "log" / "web.log"

    def connect(self) -> "psycopg.Connection[Any]":
        """As the owner of the tables, seeing every organization."""
        connection = psycopg.connect(self.addresses.database_owner_url, autocommit=True, row_factory=namedtuple_row)
        connection.execute("SELECT set_config('consilium.organizations', '*', false)")
        return connection

    def run(self, statement: str, *values: object) -> list[Any]:
        """A statement on its database; the rows, where it gives some."""
        with self.connect() as connection:
            found = connection.execute(statement.encode(), values or None)
            return found.fetchall() if found.description else []

    def shell(self, code: str) -> str:
        """A few lines of Python in its settings; what they print."""
        return ground.manage(self.state, "shell", "--no-imports", "-c", code, PORT=str(self.port))

    def forget(self) -> None:
        """Empty the counts of attempts, as if the time of every limit were over."""
        self.run("DELETE FROM common_cache")


class Place(Protocol):
    """What can be asked over HTTP."""

    @property
    def url(self) -> str:
        """Where to ask it next."""


class Browser:
    """A session of somebody's, with the secrets of its forms."""

    def __init__(self, served: Place) -> None:
        self._served = served
        self.session = requests.Session()

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.session.get(self._served.url + path, timeout=TIMEOUT, **more)

    def post(self, path: str, fields: dict[str, Any], *, form: str = "", **more: Any) -> requests.Response:
        """Post a form of the page at ``form`` (or ``path``) to ``path``; redirections are not followed."""
        token = self.token(form or path)
        data = {"csrfmiddlewaretoken": token, **fields}
        return self.session.post(self._served.url + path, data=data, timeout=TIMEOUT, allow_redirects=False, **more)

    def token(self, path: str) -> str:
        """What the forms of a page carry against forged posts."""
        page = self.get(path)
        found = TOKEN.search(page.text)
        assert found, f"{path}: {page.status_code}, no form\n{page.text[:2000]}"
        return found[1]

    def sign_in(self, email: str) -> "Browser":
        answer = self.post("/accounts/login/", {"login": email, "password": PASSWORD})
        assert answer.status_code == 302, f"{email} cannot sign in: {answer.status_code}\n{answer.text[:3000]}"
        return self


@contextmanager
def served(**changes: str) -> Iterator[Served]:
    """A web with the demonstration's data; everything is gone afterwards."""
    with ground.copied() as state:
        place = Served(state, attach(state), free_port())
        place.log.parent.mkdir(exist_ok=True)
        environment = ground.environment(state, CONSILIUM_MODE="demonstration", PORT=str(place.port), **changes)
        web = Program(site.web("127.0.0.1", place.port), environment, place.log)
        try:
            wait_for(lambda: listening.answers(place.url), f"{place.url}/healthz")
            yield place
        except BaseException:
            print(place.log.read_text(errors="replace")[-5000:], file=sys.stderr)
            raise
        finally:
            web.stop()
