"""The scanner's hook, with a real program: what it lets in, what it refuses, and that failure is closed."""

import logging
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile

from portal.common import scanning
from portal.common.refusals import Invalid
from portal.environment import Environment

NAME = "scan of Mr Gunderson.txt"
SCANNER = """#!{python}
import pathlib, sys
content = pathlib.Path(sys.argv[-1]).read_bytes()
sys.exit(1 if b"harmful" in content else 2 if b"trouble" in content else 0)
"""


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(NAME, content)


@pytest.fixture
def scanner(tmp_path: Path, settings: Any) -> Path:
    program = tmp_path / "a scanner.py"
    program.write_text(SCANNER.format(python=sys.executable), encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    settings.SCAN_COMMAND = (str(program), "--quiet")
    return program


def is_python_clean(path: str) -> bool:
    return b"harmful" not in Path(path).read_bytes()


def is_broken(path: str) -> bool:
    raise RuntimeError(path)


def test_clean_goes_through_and_is_as_if_unread(scanner: Path) -> None:
    file = upload(b"notes")
    scanning.scan(file, name=NAME)
    assert file.read() == b"notes"


def test_harmful_is_refused_in_plain_words(scanner: Path) -> None:
    with pytest.raises(Invalid, match="the scanner found harmful content"):
        scanning.scan(upload(b"very harmful"), name=NAME)


def test_a_large_file_on_disk_is_scanned_too(scanner: Path) -> None:
    file = TemporaryUploadedFile(NAME, "text/plain", 20, None)
    file.write(b"x" * 3_000_000 + b"harmful")
    file.size = 3_000_007
    with pytest.raises(Invalid, match="harmful"):
        scanning.scan(file, name=NAME)


@pytest.mark.parametrize("trouble", ["another code", "no such program", "no answer in time", "not to be run"])
def test_whatever_goes_wrong_keeps_the_file_out_and_names_nobody_in_the_log(
    scanner: Path, settings: Any, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    if trouble == "no such program":
        settings.SCAN_COMMAND = ("/nowhere/scanner",)
    elif trouble == "no answer in time":
        settings.SCAN_COMMAND, settings.SCAN_SECONDS = (sys.executable, "-c", "import time; time.sleep(30)"), 1
    elif trouble == "not to be run":
        scanner.chmod(0o600)
    with caplog.at_level(logging.ERROR), pytest.raises(Invalid, match="could not be checked"):
        scanning.scan(upload(b"trouble"), name=NAME)
    assert len(caplog.records) == 1
    assert "Gunderson" not in caplog.text


def test_a_function_by_its_dotted_path(settings: Any) -> None:
    settings.SCAN_COMMAND = ("python:tests.portal.common.test_scanning.is_python_clean",)
    scanning.scan(upload(b"notes"), name=NAME)
    with pytest.raises(Invalid, match="harmful content in it"):
        scanning.scan(upload(b"harmful"), name=NAME)
    settings.SCAN_COMMAND = ("python:tests.portal.common.test_scanning.is_broken",)
    with pytest.raises(Invalid, match="could not be checked"):
        scanning.scan(upload(b"notes"), name=NAME)
    settings.SCAN_COMMAND = ("python:nowhere.at_all",)
    with pytest.raises(Invalid, match="could not be checked"):
        scanning.scan(upload(b"notes"), name=NAME)


def test_off_unless_named_and_the_monitor_is_told(scanner: Path, settings: Any) -> None:
    assert scanning.state() == (True, "on")
    settings.SCAN_COMMAND = ("/nowhere/scanner",)
    assert scanning.state() == (False, "the scanner cannot be found, so every upload is refused")
    settings.SCAN_COMMAND = ("python:nowhere.at_all",)
    assert scanning.state()[0] is False
    settings.SCAN_COMMAND = ()
    assert scanning.state() == (True, "off: uploads are judged by type and size only")
    scanning.scan(upload(b"harmful"), name=NAME)


def test_a_command_is_written_as_in_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.exceptions import ImproperlyConfigured

    monkeypatch.setenv("CONSILIUM_SCAN_COMMAND", "clamdscan --fdpass --config-file='/etc/my clamd.conf'")
    read = Environment().command("CONSILIUM_SCAN_COMMAND")
    assert read == ("clamdscan", "--fdpass", "--config-file=/etc/my clamd.conf")
    monkeypatch.setenv("CONSILIUM_SCAN_COMMAND", "clamdscan 'open")
    with pytest.raises(ImproperlyConfigured, match="CONSILIUM_SCAN_COMMAND"):
        Environment().command("CONSILIUM_SCAN_COMMAND")
