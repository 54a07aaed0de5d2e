"""Inviting many by a list: first with errors, then mended, then accepted by one of those invited."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, SignIn
from tests.programs import wait_for
from tests.stack import Stack

LISTS = "/organizations/prairie-health/people/lists/"
WRONG = """email;name;role;facility;npi
{who}@prairie.example;Dr Nora Lund;clinician;Prairie Home Care;1245319599
second.{who}@prairie;Dr Omar Haddad;clinician;Prairie Clinic East;1245319590
"""
RIGHT = "second.{who}@prairie.example;Dr Omar Haddad;clinician;Prairie Clinic West;"


def link_to(stack: Stack, email: str) -> str:
    """The path of the invitation's link; empty while no mail has come."""
    found = [mail for mail in stack.mail() if email == mail["To"]]
    match = re.search(r"^https?://[^/\s]+(/invitations/\S+)", found[-1].get_content(), re.MULTILINE) if found else None
    return match[1] if match else ""


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0)


@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_a_list_with_errors_mended_and_accepted(
    stack: Stack, sign_in: SignIn, open_page: OpenPage, axe: Callable[[Page], None], device: str
) -> None:
    who = f"nora.{device}"
    page = sign_in("admin@prairie.example", device)
    page.goto("/organizations/prairie-health/people/")
    page.get_by_role("link", name="Invite many").click()
    page.get_by_label("Or paste the lines").fill("name,role\nNora,clinician")
    page.get_by_role("button", name="Check the list").click()
    expect(page.get_by_role("alert")).to_contain_text("The column email cannot be found")
    axe(page)
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": WRONG.format(who=who).encode()}
    page.get_by_label("A CSV file").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Check the list").click()
    expect(page.locator("main")).to_contain_text("Nothing has been sent.")
    wrong = page.get_by_role("region", name="Lines to mend")
    for words in ("This is no e-mail address", "This organization has no facility", "a digit is mistyped"):
        expect(wrong).to_contain_text(words)
    expect(page.get_by_role("button", name="Send 1 invitation and leave out 1 line")).to_be_visible()
    axe(page)
    assert fits(page)

    page.get_by_role("link", name="Mend the list").click()
    box = page.get_by_label("Or paste the lines")
    lines = box.input_value().splitlines()
    box.fill("\n".join([*lines[:2], RIGHT.format(who=who)]))
    page.get_by_role("button", name="Check the list").click()
    expect(page.locator("main")).to_contain_text("Every line is right.")
    axe(page)
    page.get_by_role("button", name="Send 2 invitations").click()
    expect(page.locator("main")).to_contain_text("Sent")
    axe(page)
    assert fits(page)

    email = f"{who}@prairie.example"
    wait_for(lambda: bool(link_to(stack, email)), "the invitation")
    guest = open_page(device)
    guest.goto(link_to(stack, email))
    expect(guest.get_by_label("Name")).to_have_value("Dr Nora Lund")
    guest.get_by_label("Password").fill("harbor-violet-93-kite")
    guest.get_by_role("button", name="Accept and sign in").click()
    expect(guest.get_by_role("heading", level=1)).to_be_visible()

    page.goto(f"/organizations/prairie-health/people/?q={email}")
    page.locator("main").get_by_role("link", name="Dr Nora Lund").click()
    expect(page.locator("main")).to_contain_text("Prairie Home Care")
    expect(page.locator("main")).to_contain_text("1245319599")
    axe(page)


def test_asking_to_join(sign_in: SignIn, open_page: OpenPage, axe: Callable[[Page], None]) -> None:
    page = open_page("phone")
    page.goto("/accounts/login/")
    page.get_by_role("link", name="ask to join").click()
    axe(page)
    page.get_by_label("Your name").fill("Somebody")
    page.get_by_label("E-mail address at your organization").fill("somebody@nowhere.example")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    axe(page)
    admin = sign_in("admin@prairie.example", "phone")
    admin.goto("/organizations/prairie-health/joining/")
    expect(admin.locator("main")).to_contain_text("prairie.example")
    axe(admin)
    assert fits(admin)
