"""A real browser on the running site: signed-in pages in two sizes, accessibility, and nothing amiss in the console."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError
from pytest_playwright import CreateContextCallback

from portal.members.demonstration import PASSWORD
from tests.programs import wait_for
from tests.stack import Stack

INSTALL = "no browser: install one, on Debian with `apt-get install chromium`"
FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
DEVICES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "is_mobile": True,
        "has_touch": True,
        "device_scale_factor": 2,
    },
}
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LEFT_THE_PAGE = "net::ERR_ABORTED"
# A busy machine takes longer than the 5 seconds that are usual.
expect.set_options(timeout=20_000)


class OpenPage(Protocol):
    """Opens an empty page in a fresh context."""

    def __call__(self, device: str = "desktop") -> Page: ...


class SignIn(Protocol):
    """Signs a person in and returns the page they arrive at."""

    def __call__(self, email: str, device: str = "desktop") -> Page: ...


@pytest.fixture(scope="session", autouse=True)
def _chromium() -> str:
    """The browser's program; without one these tests are skipped, except where they must run."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        (pytest.fail if os.environ.get("CONSILIUM_REQUIRE_BROWSER") else pytest.skip)(INSTALL)
    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code in every later test.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    return found


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], _chromium: str) -> dict[str, Any]:
    """How pytest-playwright starts the system's Chromium, which cannot build its sandbox as root."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {"executable_path": _chromium, "args": FLAGS + sandbox}


@pytest.fixture(scope="session")
def base_url(stack: Stack) -> str:
    """Where pages with a path alone are found."""
    return stack.url


@pytest.fixture(scope="session")
def browser_context_args(base_url: str) -> dict[str, Any]:
    """What every context has; without pytest-playwright's own --device, so that tests may be run for each device."""
    return {"base_url": base_url}


@pytest.fixture
def problems() -> list[str]:
    """What went wrong in the pages of this test; a test that provokes an error clears it."""
    return []


@pytest.fixture(autouse=True)
def _nothing_amiss(problems: list[str]) -> Iterator[None]:
    """Fail the test on an error in a console, an uncaught exception or a failed request."""
    yield
    assert not problems, "\n".join(problems)


@pytest.fixture
def open_page(new_context: CreateContextCallback, problems: list[str]) -> OpenPage:
    """Open pages of the running site, nobody signed in."""

    def opened(device: str = "desktop") -> Page:
        context = new_context(**DEVICES[device])
        _listen(context, problems)
        return context.new_page()

    return opened


@pytest.fixture
def sign_in(open_page: OpenPage) -> SignIn:
    """Sign a demonstration person in, each in a context of their own."""

    def signed_in(email: str, device: str = "desktop") -> Page:
        page = open_page(device)
        page.goto("/accounts/login/")
        page.locator("input[name=login]").fill(email)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    return signed_in


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Assert that a page has no violation of WCAG 2.2 AA that a program can find."""

    def check(page: Page) -> None:
        options = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
        _arrived(page)
        try:
            results = Axe().run(page, options=options)
        except PlaywrightError:  # the page was left in the middle of it
            _arrived(page)
            results = Axe().run(page, options=options)
        assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"

    return check


def _arrived(page: Page) -> None:
    """Wait until the page has stopped moving: a click may return before the page it leads to is there."""
    wait_for(lambda: _complete(page), "the whole page")


def _complete(page: Page) -> bool:
    """Asked from outside: what waits in the page is evaluated there, which the content security policy refuses."""
    try:
        return page.evaluate("document.documentElement !== null && document.readyState === 'complete'") is True
    except PlaywrightError:  # the page was left in the middle of it
        return False


def _listen(context: BrowserContext, problems: list[str]) -> None:
    context.on(
        "console", lambda message: problems.append(f"console: {message.text}") if message.type == "error" else None
    )
    context.on("weberror", lambda error: problems.append(f"exception: {error.error}"))
    context.on(
        "requestfailed",
        lambda request: (
            problems.append(f"{request.url}: {request.failure}") if request.failure != LEFT_THE_PAGE else None
        ),
    )
