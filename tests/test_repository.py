"""What must hold of the files themselves."""

import re
import subprocess
from pathlib import Path

from tests.environment import ROOT

NOT_OURS = {".git", ".venv", ".boot", "var", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
NOT_OURS |= {".import_linter_cache", ".hypothesis", "node_modules"}
# Put together from parts, so that this file does not name them.
HOSTS = ["pypi" + ".org", "python" + "hosted", "npm" + "js.", "debian" + ".org", "ubuntu" + ".com", "github" + ".com"]
HOSTS += ["githubuser" + "content", "jsdel" + "ivr", "unp" + "kg.com", "cdn" + "js"]
WORKPLACE = ["/wo" + "rk/", "infra" + "_spec"]
VENDORED_NAME = re.compile(r"(\.min\.(js|css)|\.map|^(htmx|bootstrap|jquery|alpine)[\w.-]*\.(js|css)|\.woff2?)$")
FOREIGN_BANNER = re.compile(r"^\s*/\*!")
LARGEST = 450_000  # bytes; the longest is a list of words
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
MAKE = re.compile(r"(?:^|[`$\s])make ([a-z][a-z-]*)")


def files() -> list[Path]:
    """Every file of the project: what git would commit, or without git everything that is not made."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - the developer's own git
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if NOT_OURS.isdisjoint(path.relative_to(ROOT).parts)]
    return [path for path in found if path.is_file()]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def naming(words: list[str]) -> list[str]:
    """The files that hold any of the words."""
    found = []
    for path in files():
        text = path.read_text(errors="replace").lower()
        found += [f"{name(path)}: {word}" for word in words if word in text]
    return found


def test_no_file_names_a_package_registry_or_a_script_host() -> None:
    assert naming(HOSTS) == []


def test_no_file_names_the_place_it_was_written_in() -> None:
    assert naming(WORKPLACE) == []


def test_nothing_of_others_is_kept_here() -> None:
    found = [
        name(path)
        for path in files()
        if VENDORED_NAME.search(path.name)
        or (path.suffix in {".js", ".css"} and FOREIGN_BANNER.match(path.read_text()))
        or path.stat().st_size > LARGEST
    ]
    assert found == []


def test_links_lead_somewhere() -> None:
    dangling = []
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in {link.partition("#")[0] for link in LINK.findall(document.read_text())}:
            elsewhere = not target or "://" in target or target.startswith("mailto:")
            if not elsewhere and not (document.parent / target).exists():
                dangling.append(f"{name(document)}: {target}")
    assert dangling == []


def test_the_readme_names_only_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    code = " ".join(CODE.findall((ROOT / "README.md").read_text()))
    named = set(MAKE.findall(code))
    assert {"demo", "test"} <= named <= targets


def test_every_pin_has_a_hash() -> None:
    pins = re.split(r"^(?=[a-z])", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE)
    unhashed = [pin.splitlines()[0] for pin in pins if pin.strip() and "--hash=sha256:" not in pin]
    assert len(pins) > 50
    assert unhashed == []
