"""Searching by keyboard alone: typing, what is suggested, arrows, Enter and Escape, and narrowing down."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignIn

CLINICIAN = "clinician@prairie.example"


def field_of(page: Page) -> Locator:
    """The search field of the front page, reached with the keyboard alone."""
    page.goto("/")
    field = page.locator("main input[type=search]").first
    tab_to(page, field)
    return field


def tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(80):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not to be reached with the keyboard")


def test_a_suggestion_is_chosen_with_the_arrows_and_opened_with_enter(
    sign_in: SignIn, axe: Callable[[Page], None]
) -> None:
    page = sign_in(CLINICIAN)
    field = field_of(page)
    page.keyboard.type("hyperk", delay=20)
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    axe(page)
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "?")
    page.keyboard.press("ArrowUp")
    expect(page.locator("[role=option][aria-selected=true]")).to_have_count(0)
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    address = options.first.get_attribute("data-url")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")


def test_escape_closes_the_suggestions_and_enter_searches_for_what_was_typed(
    sign_in: SignIn, axe: Callable[[Page], None]
) -> None:
    page = sign_in(CLINICIAN)
    field = field_of(page)
    page.keyboard.type("hyperkalemia", delay=20)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(field).to_have_value("hyperkalemia")
    expect(field).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=hyperkalemia")
    axe(page)
    tab_to(page, page.locator(".hit a").first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/**")


def test_a_slip_is_searched_for_as_it_was_meant_and_said_so(sign_in: SignIn) -> None:
    page = sign_in(CLINICIAN)
    field_of(page)
    page.keyboard.type("hyperkalemmia")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=hyperkalemmia")
    expect(page.get_by_role("status").filter(has_text="Shown for")).to_contain_text("hyperkalemia")
    expect(page.locator(".hit").first).to_contain_text(re.compile("hyperkalemia", re.IGNORECASE))


def test_results_are_narrowed_down_by_notes_code_and_day(sign_in: SignIn, axe: Callable[[Page], None]) -> None:
    page = sign_in(CLINICIAN)
    page.goto("/search/?q=sepsis")
    tab_to(page, page.get_by_role("link", name="With notes of your organization"))
    page.keyboard.press("Enter")
    page.wait_for_url("**noted=1**")
    expect(page.locator(".hit")).not_to_have_count(0)
    for mark in page.locator(".hit").all():
        expect(mark).to_contain_text("Note of your organization")
    axe(page)
    tab_to(page, page.locator("summary", has_text="Code and date"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("ICD-10-CM code"))
    page.keyboard.type("A41")
    page.keyboard.press("Enter")
    page.wait_for_url("**code=A41**")
    assert "noted=1" in page.url
    axe(page)
