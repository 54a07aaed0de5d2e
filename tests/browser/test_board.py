"""The live board in a browser: it changes by itself, moves nothing, and says when it cannot or does not."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.test_journey import CLINICIAN, LEAD, ask
from tests.stack import Stack

SOON = 30_000
"""The board asks every 20 seconds."""


def opened(page: Page) -> int:
    return int(page.locator('[data-section="cardiology"] [data-figure="open"]').inner_text())


def test_the_board_changes_without_reloading_and_keeps_focus_and_scroll(
    stack: Stack, sign_in: SignIn, axe: Callable[[Page], None], problems: list[str]
) -> None:
    lead = sign_in(LEAD)
    lead.goto("/board/")
    axe(lead)
    before = opened(lead)
    lead.evaluate("window.neverReloaded = true")
    link = lead.locator('[data-section="hospital-medicine"] a[href$="show=late"]')
    lead.locator('[data-section="hospital-medicine"] summary').click()
    link.focus()
    lead.evaluate("window.scrollTo(0, 120)")
    scrolled = lead.evaluate("window.scrollY")

    doctor = sign_in(CLINICIAN)
    doctor.goto("/ask/")
    number = ask(doctor, "Which rate control first in this patient with atrial fibrillation?")

    expect(lead.locator('[data-section="cardiology"] [data-figure="open"]')).to_have_text(str(before + 1), timeout=SOON)
    assert lead.evaluate("window.neverReloaded") is True
    assert lead.evaluate("window.scrollY") == scrolled
    expect(link).to_be_focused()
    expect(lead.locator('[data-section="hospital-medicine"] details')).to_have_attribute("open", "")

    stamp = lead.locator("[data-board-at]").inner_text()
    lead.context.set_offline(True)
    expect(lead.locator("[data-board-status]")).to_contain_text("Cannot be refreshed", timeout=SOON)
    problems.clear()
    lead.context.set_offline(False)
    expect(lead.locator("[data-board-status]")).to_be_hidden(timeout=SOON)
    assert lead.locator("[data-board-at]").inner_text() > stamp, "the time moves where nothing has changed, too"
    problems.clear()

    lead.locator('[data-section="cardiology"] a[href$="show=not-taken"]').click()
    expect(lead.locator("#board")).to_contain_text(number)
    lead.locator(".list-row", has_text=number).locator("a.list-row-title").click()
    lead.wait_for_url(f"**/consults/{number}/")


def test_the_board_rests_while_it_is_hidden(sign_in: SignIn) -> None:
    lead = sign_in(LEAD)
    lead.goto("/board/")
    asked: list[str] = []
    lead.on("request", lambda request: asked.append(request.url) if "/board/" in request.url else None)
    hide = "Object.defineProperty(document, 'hidden', {get: () => %s, configurable: true});"
    lead.evaluate((hide % "true") + "document.dispatchEvent(new Event('visibilitychange'))")
    lead.wait_for_timeout(21_000)
    assert asked == []
    lead.evaluate((hide % "false") + "document.dispatchEvent(new Event('visibilitychange'))")
    lead.wait_for_timeout(1_500)
    assert len(asked) == 1, "looked at again, it asks at once"
