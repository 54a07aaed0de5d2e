"""The short form of the index drill: tests/drills/index.py --kills 200 is the whole."""

import subprocess
import sys

from tests.environment import ROOT

DRILL = str(ROOT / "tests" / "drills" / "index.py")


def test_the_index_survives_killed_writers_a_full_disk_and_broken_files() -> None:
    done = subprocess.run([sys.executable, DRILL, "--kills", "12", "--documents", "40"], capture_output=True, text=True)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
