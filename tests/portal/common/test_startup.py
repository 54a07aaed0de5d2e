"""What must hold before anyone is served: a role that the walls bind, no published passwords, right settings."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from psycopg import sql

from portal.common import startup
from portal.embedded import addresses
from portal.embedded.home import home_of
from tests import database
from tests.cast import Cast
from tests.environment import ROOT, SERVERS

GOOD = {
    "CONSILIUM_MODE": "production",
    "SECRET_KEY": "k" * 60,
    "SITE_URL": "https://consilium.example",
    "ALLOWED_HOSTS": "consilium.example",
    "EMAIL_URL": "smtp://127.0.0.1:25",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
    "CELERY_BROKER_URL": "redis://127.0.0.1:9/0",
}
START = "import django; django.setup(); from django.conf import settings; settings.SECRET_KEY; print('started')"
WSGI = "import portal.wsgi"
SUPER, BYPASS = (f"{name}_{os.getpid()}" for name in ("startup_super", "startup_bypass"))


def run(program: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
    """The program with the project's own settings, in this environment and no other."""
    kept = {name: os.environ[name] for name in ("PATH", "STATE_DIR", "HOME") if name in os.environ}
    values = kept | {"DJANGO_SETTINGS_MODULE": "portal.settings"} | environment
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={name: value for name, value in values.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=60,
    )


class TestSettings:
    def test_production_starts_with_everything_given(self) -> None:
        done = run(START, **GOOD)
        assert (done.returncode, done.stdout) == (0, "started\n"), done.stderr

    @pytest.mark.parametrize("name", [name for name in GOOD if name != "CONSILIUM_MODE"])
    def test_what_is_missing_in_production_is_named(self, name: str) -> None:
        done = run(START, **GOOD | {name: None})
        assert done.returncode != 0
        assert "ImproperlyConfigured" in done.stderr.splitlines()[-1]
        assert name in done.stderr.splitlines()[-1]

    def test_a_database_address_alone_means_production(self) -> None:
        """A forgotten CONSILIUM_MODE never opens a real database with the demonstration's settings."""
        done = run(START, **GOOD | {"CONSILIUM_MODE": None, "SECRET_KEY": None})
        assert "SECRET_KEY" in done.stderr.splitlines()[-1]

    @pytest.mark.parametrize(
        ("name", "value"), [("CONSILIUM_MODE", "prod"), ("DATABASE_URL", "mysql://a@b/c"), ("EMAIL_URL", "pigeon://x")]
    )
    def test_a_bad_value_stops_the_program(self, name: str, value: str) -> None:
        done = run(START, **GOOD | {name: value})
        assert done.returncode != 0
        assert "ImproperlyConfigured" in done.stderr.splitlines()[-1]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SESSION_IDLE_MINUTES", "half an hour"),
            ("SESSION_ABSOLUTE_HOURS", "-5"),
            ("ATTACHMENT_MAX_BYTES", "10 MB"),
            ("TRUSTED_PROXY_COUNT", "one"),
            ("CONN_MAX_AGE", "x"),
            ("PREPARED_STATEMENTS", "x"),
            ("DATABASE_URL", "garbage"),
            ("API_RATE", "lots"),
            ("SITE_URL", "consilium.example"),
            ("LOG_LEVEL", "chatty"),
            ("SECURE_SSL_REDIRECT", "maybe"),
        ],
    )
    def test_a_bad_value_is_named(self, name: str, value: str) -> None:
        done = run(START, **GOOD | {name: value})
        assert done.returncode != 0
        assert name in done.stderr.splitlines()[-1]

    def test_a_database_address_may_name_several_hosts(self) -> None:
        """Whichever takes writes is used: nothing is changed here when a replica takes over."""
        address = "postgresql://app:secret@db1:5432,db2:5433/consilium?target_session_attrs=read-write"
        program = START + "; found = settings.DATABASES['default']; print(found['HOST'], found['PORT'], found['NAME'],"
        program += " found['OPTIONS']['target_session_attrs'], found['OPTIONS']['connect_timeout'])"
        assert run(program, **GOOD | {"DATABASE_URL": address}).stdout == (
            "started\ndb1,db2 5432,5433 consilium read-write 5\n"
        )

    def test_production_is_closed(self) -> None:
        program = START + "; print(settings.DEBUG, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE,"
        program += " settings.SECURE_SSL_REDIRECT, settings.REQUIRE_SECOND_FACTOR, settings.SECURE_HSTS_SECONDS > 0)"
        assert run(program, **GOOD).stdout == "started\nFalse True True True True True\n"


class TestRole:
    """With real roles on the test cluster, made and dropped by whoever may; skipped nowhere."""

    @pytest.fixture
    def superuser(self, committed: None) -> Iterator[psycopg.Connection]:
        """A connection that may make roles."""
        found = administrator()
        yield found
        for name in (SUPER, BYPASS):
            found.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
        found.close()

    def test_the_applications_own_role_may_serve(self, committed: None) -> None:
        startup.refuse_unsafe_start()

    def test_the_owner_of_the_tables_may_not(self, committed: None) -> None:
        done = self.start(database.url("DATABASE_OWNER_URL"))
        assert done.returncode != 0
        assert "ImproperlyConfigured" in done.stderr
        assert re_owns(done.stderr)

    @pytest.mark.parametrize(
        ("name", "attribute", "why"),
        [
            (SUPER, "SUPERUSER", "is a superuser"),
            (BYPASS, "BYPASSRLS", "bypasses row-level security"),
        ],
        ids=["superuser", "bypass"],  # the names differ from process to process
    )
    def test_no_role_above_the_walls_may(
        self, superuser: psycopg.Connection, name: str, attribute: str, why: str
    ) -> None:
        statement = "CREATE ROLE {} LOGIN PASSWORD 'x' " + attribute
        superuser.execute(sql.SQL(statement).format(sql.Identifier(name)))
        done = self.start(as_role(name, "x", database.url("DATABASE_URL")))
        assert done.returncode != 0
        assert f"The database role {name} {why}" in done.stderr

    def start(self, address: str) -> subprocess.CompletedProcess[str]:
        return run(WSGI, **GOOD | {"CONSILIUM_MODE": "test", "DATABASE_URL": address})


def re_owns(text: str) -> bool:
    return "owns " in text and "so that row-level security would protect nothing" in text


def as_role(name: str, password: str, address: str) -> str:
    """The address, as another role."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{name}:{password}@{host}").geturl()


def administrator() -> psycopg.Connection:
    """As the superuser: the embedded server asks for its password, the servers of CI trust their socket."""
    home = home_of(SERVERS)
    known = addresses.password(home, addresses.SUPERUSER) if home.secrets.exists() else "none"
    address = as_role(addresses.SUPERUSER, known, database.url("DATABASE_URL", "postgres"))
    return psycopg.connect(address, autocommit=True)


@pytest.mark.django_db
class TestDemonstrationAccounts:
    @pytest.fixture(autouse=True)
    def still_open(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The check closes the connection it used; here it is the test's own."""
        from django.db import connection

        monkeypatch.setattr(connection, "close", lambda: None)

    def test_they_stop_production_and_the_way_out_is_named(self, cast: Cast, settings: Any) -> None:
        settings.PRODUCTION = True
        startup.refuse_unsafe_start()
        cast.editor.is_demonstration = True
        cast.editor.save()
        with pytest.raises(ImproperlyConfigured, match=r"1 demonstration accounts .* remove_demonstration_accounts"):
            startup.refuse_unsafe_start()
        cast.editor.is_active, cast.editor.deactivated_at = False, timezone.now()
        cast.editor.save()
        startup.refuse_unsafe_start()

    def test_a_demonstration_starts_with_them(self, cast: Cast, settings: Any) -> None:
        cast.editor.is_demonstration = True
        cast.editor.save()
        assert not settings.PRODUCTION
        startup.refuse_unsafe_start()


def test_the_web_process_hints_to_the_queue_that_the_workers_read() -> None:
    """In a thread of its own, as requests have, and in a process of its own: here everything is imported already."""
    code = """
from concurrent.futures import ThreadPoolExecutor
import portal.wsgi
from celery import current_app
from django.conf import settings
with ThreadPoolExecutor(1) as pool:
    found = pool.submit(lambda: current_app.conf.task_default_queue).result()
assert found == settings.CELERY_TASK_DEFAULT_QUEUE, found
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
