"""The desk in a browser: a consult answered by keyboard alone, with a citation and a saved piece; a draft recovered."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.members.demonstration import PASSWORD
from tests.browser.conftest import SignIn
from tests.browser.test_journey import CLINICIAN, SPECIALIST, ask

Axe = Callable[[Page], None]
STATUS = "form:has(#answer_text) [data-autosave-status]"
PIECE = "Come back at once with bleeding, fainting or a new palpitation."


def asked(sign_in: SignIn, question: str) -> str:
    doctor = sign_in(CLINICIAN)
    doctor.goto("/ask/")
    return ask(doctor, question)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there, as someone without a mouse does."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} is not reached with Tab")


def has_focus(page: Page, selector: str) -> None:
    expect(page.locator(f"{selector}:focus")).to_have_count(1)


def test_a_consult_is_answered_by_keyboard_with_a_citation_and_a_piece(sign_in: SignIn, axe: Axe) -> None:
    number = asked(sign_in, "Is apixaban still right at a creatinine clearance of 26 mL/min?")
    expert = sign_in(SPECIALIST)
    keys = expert.keyboard

    expert.goto("/pieces/")
    tab_to(expert, "#id_title")
    keys.type("Safety net")
    keys.press("Tab")
    keys.type(PIECE)
    tab_to(expert, "main .button-primary")
    keys.press("Enter")
    expect(expert.get_by_role("status").first).to_contain_text("“Safety net” is saved")
    axe(expert)

    # From one urgent question to the next, until it is this one.
    expert.goto("/queue/")
    for _ in range(40):
        with expert.expect_navigation():
            keys.press("n")
        if expert.url.endswith(f"/{number}/"):
            break
    expect(expert).to_have_url(re.compile(f"/{number}/$"))
    keys.press("c")
    expect(expert.get_by_role("status").first).to_contain_text("is yours")

    keys.press("a")
    has_focus(expert, "#answer_text")
    keys.type("Yes, 5 mg twice daily n a c @")
    has_focus(expert, "#find-q")
    keys.type("atrial fibrillation")
    expect(expert.locator("#find-q-suggestions [aria-selected=true]")).to_contain_text("Atrial fibrillation")
    axe(expert)
    keys.press("Enter")
    has_focus(expert, "#answer_text")
    keys.type(". @")
    keys.type("safety")
    expect(expert.locator("#find-q-suggestions [aria-selected=true]")).to_contain_text("My piece")
    keys.press("Enter")
    text = expert.locator("#answer_text")
    expect(text).to_have_value(
        re.compile(r"^Yes, 5 mg twice daily n a c \(Atrial fibrillation[^)]*\)\. Come back at once")
    )
    expect(expert.locator("#cite-found input:checked")).to_have_count(1)
    expect(expert.locator(STATUS)).to_contain_text(re.compile(r"Saved \d\d:\d\d"))
    axe(expert)
    keys.press("Control+Enter")
    expect(expert.get_by_role("status").first).to_contain_text("Your answer was sent")
    expect(expert.locator(".message-answer")).to_contain_text(PIECE)
    expect(expert.locator(".message-answer .message-sources")).to_contain_text("Atrial fibrillation")


@pytest.mark.parametrize("device", ["phone"])
def test_a_half_written_answer_survives_the_end_of_the_session(sign_in: SignIn, axe: Axe, device: str) -> None:
    number = asked(sign_in, "When may a beta blocker be begun again after this bradycardia?")
    expert = sign_in(SPECIALIST, device)
    expert.goto(f"/consults/{number}/")
    expert.get_by_role("button", name="Claim this question").tap()
    expert.get_by_label("Your answer").press_sequentially("As soon as the rate is above 60", delay=2)
    expect(expert.locator(STATUS)).to_contain_text(re.compile(r"Saved \d\d:\d\d"))
    expert.context.clear_cookies(name="consilium_session")
    expert.get_by_label("Your answer").press_sequentially(", at half the dose.", delay=2)
    expert.wait_for_url("**/accounts/login/**")
    expert.locator("input[name=login]").fill(SPECIALIST)
    expert.locator("input[name=password]").fill(PASSWORD)
    expert.locator("input[name=password]").press("Enter")
    expert.wait_for_url(f"**/consults/{number}/")
    whole = "As soon as the rate is above 60, at half the dose."
    expect(expert.get_by_label("Your answer")).to_have_value(whole)
    expert.get_by_label("Your minutes").fill("4")
    expect(expert.locator(STATUS)).to_contain_text(re.compile(r"Saved \d\d:\d\d"))

    # On another device it goes on where it was left.
    desktop = sign_in(SPECIALIST)
    desktop.goto(f"/consults/{number}/")
    expect(desktop.get_by_label("Your answer")).to_have_value(whole)
    expect(desktop.locator("#answer")).to_contain_text("It goes on where you left it.")
    for page in (expert, desktop):
        axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
    desktop.get_by_text("Discard what you have written").click()
    desktop.get_by_role("button", name="Discard the draft").click()
    expect(desktop.get_by_label("Your answer")).to_have_value("")


def test_no_key_acts_in_a_field_nor_once_switched_off(sign_in: SignIn, axe: Axe) -> None:
    expert = sign_in(SPECIALIST)
    expert.goto("/queue/")
    expert.get_by_role("button", name="Keys").click()
    box = expert.get_by_label("Single keys act in this browser")
    axe(expert)
    box.uncheck()
    expert.keyboard.press("Escape")
    expert.locator("h1").click()
    for key in ("n", "?", "/"):
        expert.keyboard.press(key)
    expect(expert.locator("dialog[open]")).to_have_count(0)
    expect(expert).to_have_url(re.compile("/queue/$"))
    expert.reload()
    expert.get_by_role("button", name="Keys").click()
    expect(box).not_to_be_checked()
    box.check()
    expert.keyboard.press("Escape")
    expert.get_by_label("Show", exact=True).focus()
    expert.keyboard.press("n")
    expect(expert).to_have_url(re.compile("/queue/$"))
    expert.locator("h1").click()
    expert.keyboard.press("n")
    expect(expert).to_have_url(re.compile("/consults/C-"))
