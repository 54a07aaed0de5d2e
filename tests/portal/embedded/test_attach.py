"""Attaching to the embedded servers: many processes, crashes, and who may do what."""

import stat
from pathlib import Path

import psycopg
import pytest
import redis

from portal.embedded import Addresses, EmbeddedError, attach
from portal.embedded.attaching import servers_of
from portal.embedded.home import Home, home_of
from portal.embedded.programs import programs_for
from portal.embedded.server import Server
from tests.portal.embedded.processes import Attached


def servers(home: Home) -> list[Server]:
    return servers_of(home, programs_for(home), durable=False)


def ask(address: str, question: str) -> tuple[object, ...]:
    with psycopg.connect(address) as connection:
        answer = connection.execute(question).fetchone()
    assert answer is not None
    return tuple(answer)


def broker(addresses: Addresses) -> "redis.Redis":
    return redis.Redis(unix_socket_path=addresses.broker_url.removeprefix("redis+socket://"))


def test_two_processes_at_once_share_one_pair_of_servers(state: Path) -> None:
    both = [Attached(state), Attached(state)]
    assert len({process.database_url() for process in both}) == 1
    home = home_of(state)
    first = servers(home)[0].main_process()
    both[0].leave()
    assert servers(home)[0].main_process() == first, "the one that stays keeps its servers"
    both[1].leave()
    assert [server.processes() for server in servers(home)] == [[], []], "the last one out stops them"


def test_after_kill_9_of_everything_the_next_start_finds_the_data(state: Path) -> None:
    addresses = attach(state)
    with psycopg.connect(addresses.database_owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert broker(addresses).rpush("queue", "message") == 1
    for server in servers(home_of(state)):
        for process in server.processes():
            process.kill()
    assert attach(state) == addresses
    assert ask(addresses.database_owner_url, "SELECT answer FROM kept") == (42,)
    assert broker(addresses).lrange("queue", 0, -1) == [b"message"]


def test_a_killed_process_does_not_keep_the_servers_running(state: Path) -> None:
    killed, last = Attached(state), Attached(state)
    assert killed.database_url() == last.database_url()
    killed.kill()
    last.leave()
    assert servers(home_of(state))[0].processes() == []


def test_the_application_owns_nothing_and_the_owner_is_no_superuser(state: Path) -> None:
    addresses = attach(state)
    rights = "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    assert ask(addresses.database_url, f"{rights} AND rolname = 'consilium_app'") == (False, False, False, False)
    assert ask(addresses.database_owner_url, f"{rights} AND rolname = 'consilium_owner'") == (False,) * 4
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    assert ask(addresses.database_url, owner) == ("consilium_owner",)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(addresses.database_url, "CREATE TABLE mine ()")
    with psycopg.connect(addresses.database_owner_url) as connection:
        connection.execute("CREATE TABLE made ()")
    extensions = "SELECT array_agg(extname::text ORDER BY extname) FROM pg_extension WHERE extname <> 'plpgsql'"
    assert ask(addresses.database_url, extensions) == (["btree_gist", "citext", "pg_trgm", "unaccent"],)


def test_nothing_opens_without_the_password(state: Path) -> None:
    sockets = home_of(state).sockets
    attach(state, durable=False)
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(f"postgresql://postgres@/postgres?host={sockets}", passfile="/dev/null")


def test_files_are_for_their_owner_alone(state: Path) -> None:
    attach(state, durable=False)
    home = home_of(state)
    for folder in (home.sockets, home.database, home.broker, home.secrets, home.attached, home.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    for secret in home.secrets.iterdir():
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600, secret
    assert home.sockets.stat().st_uid == home.account.uid
    assert not list(home.folder.glob("*.password"))


def test_data_of_another_postgresql_names_the_fix(state: Path) -> None:
    data = home_of(state).database
    data.mkdir(mode=0o700)
    (data / "PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 15.*pg_dumpall"):
        attach(state)
