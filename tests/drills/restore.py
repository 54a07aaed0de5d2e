"""Back up, lose everything, and restore, by the commands of docs/operations.md: rows, files and trail are equal.

    .venv/bin/python tests/drills/restore.py --consults 1000

runs a database of its own, prints one line, and ends with status 1 where anything differs.
"""

import argparse
import hashlib
import os
import shutil
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from psycopg import sql

sys.path[0] = str(Path(__file__).resolve().parents[2])

from portal.embedded.addresses import Addresses  # noqa: E402 - the path comes first
from portal.embedded.attaching import attach, stop  # noqa: E402
from portal.embedded.home import home_of  # noqa: E402
from portal.embedded.programs import programs_for  # noqa: E402
from tests.drills import ground, operating  # noqa: E402
from tests.drills.asking import SPECIALTY  # noqa: E402

TABLES = (
    "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
)
RIGHTS = """
SELECT 'policy', tablename::text, policyname::text, coalesce(qual, '') || coalesce(with_check, '') FROM pg_policies
UNION ALL SELECT 'right', table_name::text, grantee::text, privilege_type::text
  FROM information_schema.role_table_grants WHERE table_schema = 'public'
UNION ALL SELECT 'wall', relname::text, relrowsecurity::text, relforcerowsecurity::text
  FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
UNION ALL SELECT 'number', sequencename::text, '', coalesce(last_value, 0)::text FROM pg_sequences
"""
BY_SERVICES = 1000
DIGEST = "SELECT count(*), md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) FROM {} t"


def questions(state: Path, addresses: Addresses, number: int) -> None:
    """So many questions by the site's own services, every tenth with a file; beyond a thousand, copies of the last."""
    os.environ.update(ground.demonstration(state, addresses))
    import django

    django.setup()
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.db import connections

    from consults.services import attachments, drafting, sending
    from portal.common import tenancy
    from portal.members.models import Person, Specialty
    from tests.bench.desk import copies

    asks, at = Person.objects.get(email=ground.ASKS), datetime.now(UTC) - timedelta(hours=1)
    tenancy.open_session_scope()
    content = drafting.Content(
        specialty=Specialty.objects.get(slug=SPECIALTY), reason="dosing", question="Which dose?", summary="70 kg"
    )
    for one in range(min(number, BY_SERVICES)):
        draft = drafting.start_draft(by=asks, organization_id=None, content=content, at=at)
        if one % 10 == 0:
            upload = SimpleUploadedFile("notes.txt", f"Notes {one}\n".encode() * 500, "text/plain")
            attachments.attach(draft, by=asks, upload=upload, at=at)
        last = sending.send(draft, by=asks, attested=True, at=at)
    if number > BY_SERVICES:
        copies(last, number - BY_SERVICES, "Y-")
    connections.close_all()


def contents(addresses: Addresses) -> dict[str, object]:
    """A digest of every table, and the walls, rights and numbers."""
    with psycopg.connect(addresses.database_owner_url) as connection:
        connection.execute("SELECT set_config('consilium.organizations', '*', true)")
        tables = sorted(name for (name,) in connection.execute(TABLES))
        found: dict[str, object] = {
            name: connection.execute(sql.SQL(DIGEST).format(sql.Identifier(name))).fetchone() for name in tables
        }
        return found | {"rights": sorted(connection.execute(RIGHTS).fetchall())}


def files(state: Path) -> dict[str, str]:
    folder = state / "files"
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _environment(state: Path, addresses: Addresses) -> dict[str, str]:
    """What an operator at the shell has set."""
    path = operating.path(programs_for(home_of(state)))
    return ground.environment(state, DATABASE_OWNER_URL=addresses.database_owner_url, PATH=path)


def lose(state: Path) -> None:
    """Everything but the environment, of which the demonstration's secret key is a part."""
    key = (state / "secret-key").read_text()
    stop(state)
    shutil.rmtree(state)
    state.mkdir()
    (state / "secret-key").write_text(key)


def run(consults: int) -> int:
    begun = time.monotonic()
    saving, restoring = operating.blocks("Back up and restore")
    with ground.copied() as state:
        safe = state.with_name("safe")
        safe.mkdir()
        addresses = attach(state)
        questions(state, addresses, consults)
        ground.manage(state, "verify_clocks")
        head = ground.manage(state, "verify_audit").strip().splitlines()[-1]
        rows, kept = contents(addresses), files(state)
        saved = operating.run(saving, safe, _environment(state, addresses))
        lose(state)
        addresses = attach(state)
        restored = operating.run(restoring, safe, _environment(state, addresses))
        after, there = contents(addresses), files(state)
        differing = [name for name in rows.keys() | after.keys() if rows.get(name) != after.get(name)]
        wrong_files = len(kept.items() ^ there.items())
        trail = ground.manage(state, "verify_audit").strip().splitlines()[-1]
        clocks = ground.manage(state, "verify_clocks").strip().splitlines()[-1]
        size = (safe / "consilium.dump").stat().st_size
    count = sum(value[0] for value in rows.values() if isinstance(value, tuple))
    print(
        f"consults={consults} tables={len(rows) - 1} rows={count} differing={sorted(differing)} files={len(kept)}"
        f" wrong_files={wrong_files} trail_equal={trail == head} clocks={clocks!r} dump_bytes={size}"
        f" backup={saved:.1f}s restore={restored:.1f}s seconds={time.monotonic() - begun:.0f}"
    )
    return int(bool(differing or wrong_files or not kept or trail != head or " 0 differences" not in clocks))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consults", type=int, default=1000)
    sys.exit(run(parser.parse_args().consults))


if __name__ == "__main__":
    main()
