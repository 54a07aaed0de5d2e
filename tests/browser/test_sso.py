"""Single sign-on in a browser: an administrator sets it up, a physician comes in twice, and a stranger does not."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SignIn
from tests.providers import CLIENT, SECRET, Provider, running_provider
from tests.stack import Stack

PAGE = "/organizations/prairie-health/sign-in/"
PEOPLE = {"lin": "a.lin@prairie.example", "stranger": "someone@elsewhere.example"}
Axe = Callable[[Page], None]


def come_in(browser: Browser, stack: Stack, axe: Axe, who: str) -> Page:
    """In a browser of their own, by way of the provider's sign-in page, which is not held to our standards."""
    page = browser.new_context(base_url=stack.url).new_page()
    page.goto("/accounts/login/")
    axe(page)
    page.get_by_label("E-mail address").fill("a.lin@prairie.example")
    page.get_by_role("button", name="Sign in through my organization").click()
    page.locator("#username").fill(who)
    page.locator("#password").fill(who)
    page.locator("button[type=submit]").click()
    page.wait_for_url(f"{stack.url}/**")
    return page


def set_up(admin: Page, provider: Provider, axe: Axe) -> None:
    admin.goto("/organizations/prairie-health/")
    admin.get_by_role("link", name="Sign-in", exact=True).click()
    axe(admin)
    admin.get_by_label("Issuer").fill(provider.url)
    admin.get_by_label("Client ID").fill(CLIENT)
    admin.get_by_label("Client secret").fill(SECRET)
    admin.get_by_role("button", name="Save the provider").click()
    admin.get_by_role("button", name="Check the provider").click()
    expect(admin.get_by_text("Well", exact=True)).to_be_visible()
    admin.get_by_label("People of our domains sign in through our provider").check()
    admin.get_by_role("button", name="Set the switches").click()
    expect(admin.get_by_text("On", exact=True)).to_be_visible()
    axe(admin)


def test_a_physician_comes_in_through_their_organization(
    stack: Stack, sign_in: SignIn, axe: Axe, browser: Browser, tmp_path: Path
) -> None:
    with running_provider(tmp_path, PEOPLE) as provider:
        admin = sign_in("admin@prairie.example")
        set_up(admin, provider, axe)
        try:
            for _ in ("first, just in time", "second"):
                page = come_in(browser, stack, axe, "lin")
                page.goto("/account/")
                expect(page.get_by_text("Clinician").first).to_be_visible()
                page.context.close()
            page = come_in(browser, stack, axe, "stranger")
            expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
            expect(page.get_by_text("elsewhere.example is not a confirmed domain")).to_be_visible()
            axe(page)
            page.goto("/account/")
            expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
            page.context.close()
            admin.goto("/organizations/prairie-health/people/?q=a.lin")
            expect(admin.get_by_role("cell", name="a.lin@prairie.example")).to_be_visible()
            admin.goto("/organizations/prairie-health/directory/")
            axe(admin)
        finally:
            admin.goto(f"{PAGE}remove/")
            admin.get_by_role("button", name="Forget the provider").click()
