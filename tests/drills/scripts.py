"""Plant texts that mean to run into every kind of field, and open the pages in Chromium: none runs.

    .venv/bin/python tests/drills/scripts.py --payloads 1000

serves a site of its own, prints one line, and ends with status 1 where a script runs, an attribute could run one, the
policy must stop something, a page leads or asks elsewhere, or texts were hardly planted.
"""

import argparse
import os
import random
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Request, sync_playwright
from playwright.sync_api import Error as PlaywrightError

sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.drills.planting import ROLES, Gardener, Shown  # noqa: E402 - the path comes first
from tests.drills.serving import Browser, Served, served  # noqa: E402
from tests.environment import ROOT  # noqa: E402

TEXTS = (ROOT / "tests" / "knowledge" / "hostile.txt").read_text(encoding="utf-8").split("\n%%\n")
BEFORE = (
    "",
    "",
    '">',
    "'>",
    "-->",
    "</textarea>",
    "</title></style></script>",
    "> ",
    "* ",
    "| a |\n|---|\n| ",
    "&",
    "`",
)
FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
WATCH = """
window.alert = (...given) => window.drillRan('alert ' + given.join());
window.confirm = window.prompt = window.print = (...given) => window.drillRan('dialog ' + given.join());
document.addEventListener('securitypolicyviolation', (event) => {
  window.drillStopped(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample);
});
"""
LIVE = """() => [...document.querySelectorAll('*')].flatMap((one) => [...one.attributes]
  .filter((it) => it.name.startsWith('on') || /^(hx|data-hx)-/.test(it.name) && it.value.includes('alert')
    || ['href', 'src', 'action', 'formaction', 'srcdoc', 'xlink:href', 'data'].includes(it.name)
      && /^[\\s\\x00-\\x20]*(javascript|data:text|vbscript)/i.test(it.value.replace(/[\\s\\x00-\\x20]/g, '')))
  .map((it) => one.tagName + ' ' + it.name + '=' + it.value.slice(0, 80)))"""


class Watched:
    """Pages of one person, and all that happens in them that no text may make happen."""

    def __init__(self, site: Served, chromium: Chromium, who: str) -> None:
        self._site = site
        self.found: list[str] = []
        context = chromium.new_context(base_url=site.url)
        context.expose_function("drillRan", lambda what: self.found.append(f"ran: {what}"))
        context.expose_function("drillStopped", lambda what: self.found.append(f"stopped: {what}"))
        context.add_init_script(WATCH)
        context.route("**/*", self._only_home)
        session = Browser(site).sign_in(who).session
        context.add_cookies([{"name": one.name, "value": one.value or "", "url": site.url} for one in session.cookies])
        self.context: BrowserContext = context
        self._page = context.new_page()
        self._page.on("dialog", self._dialog)

    def open(self, path: str, marks: list[str]) -> int:
        """Open a page and try what could run; how many of the marked texts are in it."""
        try:
            self._page.goto(path, wait_until="load")
            text = self._page.content()
            self.found += [f"live: {one}" for one in self._page.evaluate(LIVE)]
            self._page.wait_for_timeout(50)
        except PlaywrightError as error:
            self.found.append(f"broken: {path}: {error}")
            return 0
        if not self._page.url.startswith(self._site.url + path.partition("?")[0].partition("%")[0]):
            self.found.append(f"led: {path} to {self._page.url}")
        return sum(mark in text for mark in marks)

    def take(self, about: str) -> list[str]:
        found, self.found = [f"{one} ({about})" for one in self.found], []
        return found

    def _only_home(self, route: Any, request: Request) -> None:
        if request.url.startswith((self._site.url, "data:", "blob:")):
            route.continue_()
        else:
            self.found.append(f"outside: {request.url}")
            route.abort()

    def _dialog(self, dialog: Any) -> None:
        self.found.append(f"ran: {dialog.type} {dialog.message}")
        dialog.dismiss()


def texts(number: int, dice: random.Random) -> list[str]:
    """Every hostile text as it is, then again and again behind what may close what it stands in; each with a mark."""
    pure = dice.sample(TEXTS, len(TEXTS))
    more = (dice.choice(BEFORE) + dice.choice(TEXTS) for _ in range(number))
    chosen = [*pure, *more][:number]
    return [
        f"{one}\n\nmark{place:05}x" if dice.random() < 0.5 else f"mark{place:05}x {one}"
        for place, one in enumerate(chosen)
    ]


def attack(site: Served, chromium: Chromium, number: int, dice: random.Random) -> tuple[Counter[str], list[str]]:
    tally: Counter[str] = Counter()
    wrong: list[str] = []
    people = {who: Watched(site, chromium, who) for who in ROLES}
    gardener, left = Gardener(site), texts(number, dice)
    places = list(gardener.places())
    while left:
        for place in places:
            chosen, left = left[: place.takes], left[place.takes :]
            if not chosen:
                break
            filled = chosen + [dice.choice(TEXTS) for _ in range(place.takes - len(chosen))]
            marks = [text[text.index("mark") :][:10] for text in chosen if "mark" in text]
            seen: int = 0
            pages: list[Shown] = place.plant(filled)
            for shown in pages:
                seen = max(seen, people[shown.who].open(shown.path, marks))
                wrong += people[shown.who].take(f"{place.name} {shown.path[:80]}")
            tally.update(planted=len(chosen), shown=seen, pages=len(pages), refused=not pages)
    tally["unanswered"] = gardener.refused
    return tally, wrong


def run(number: int, seed: int) -> int:
    begun, dice = time.monotonic(), random.Random(seed)
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "no browser: install one, on Debian with `apt-get install chromium`"
    flags = FLAGS + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with served() as site, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=flags)
        tally, wrong = attack(site, chromium, number, dice)
        chromium.close()
    bad = Counter(line.partition(":")[0] for line in wrong)
    kinds = " ".join(f"{kind}={bad[kind]}" for kind in ("ran", "stopped", "live", "outside", "led", "broken"))
    print(
        f"payloads={number} planted={tally['planted']} shown={tally['shown']} pages={tally['pages']}"
        f" refused={tally['unanswered']} {kinds} seconds={time.monotonic() - begun:.0f}"
    )
    print(*wrong, sep="\n", file=sys.stderr)
    # Of what was planted, most must be seen, or nothing was proven.
    return int(bool(wrong) or tally["shown"] < number * 0.6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payloads", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    sys.exit(run(given.payloads, given.seed))


if __name__ == "__main__":
    main()
