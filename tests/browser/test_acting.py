"""Somebody who works for two organizations chooses which one to act for, and a question is then asked for that one."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn


@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_one_of_two_is_chosen(sign_in: SignIn, axe: Callable[[Page], None], device: str) -> None:
    page = sign_in("locum@doctors.example", device)
    for name, slug in (("Prairie Health", "prairie-health"), ("Lakeside Family Practice", "lakeside-family-practice")):
        choose(page, name)
        page.goto("/ask/")
        expect(page.locator("select[name=organization]")).to_have_value(slug)
    axe(page)


def choose(page: Page, name: str) -> None:
    """Of the person's own menu, which is folded; whoever acts for it already finds no button."""
    page.goto("/notices/")
    page.locator(".menu > summary").click()
    button = page.get_by_role("button", name=f"Act for {name}")
    if button.count():
        button.click()
    expect(page.locator(".menu-panel")).to_contain_text(f"You act for {name}")
