"""The audit trail and looking as somebody else, in a browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn

CLINICIAN = "clinician@prairie.example"


@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_looking_as_somebody_else_and_finding_it_in_the_trail(
    sign_in: SignIn, axe: Callable[[Page], None], problems: list[str], device: str
) -> None:
    page = sign_in("network-admin@network.example", device)
    page.goto("/organizations/prairie-health/people/?q=clinician@prairie")
    page.locator("main tbody a").first.click()
    name = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name=f"Look as {name}").click()
    page.get_by_label("Why").fill("Request 4711: cannot find an answer")
    page.get_by_role("button", name="Begin looking").click()
    banner = page.get_by_role("complementary", name="Looking as somebody else")
    for path in ("/", "/consults/", "/ask/"):
        page.goto(path)
        expect(banner).to_contain_text(f"You look at the site as {name}")
        axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
    page.goto("/consults/?whose=all")
    page.locator("main a[href^='/consults/C-']").first.click()
    expect(banner).to_be_visible()
    consult = page.url.rstrip("/").rpartition("/")[2]
    page.goto("/account/tokens/")
    expect(page.locator("main")).to_contain_text("theirs alone")
    problems.clear()  # the browser notes the refusal
    banner.get_by_role("button", name="End").click()
    expect(page.locator("main")).to_contain_text("You are yourself again.")
    expect(banner).to_have_count(0)

    trail = sign_in("admin@prairie.example", device)
    trail.goto("/audit/")
    trail.get_by_label("Only what was done on behalf of somebody").check()
    trail.get_by_label("Record, such as").fill(consult)
    trail.get_by_role("button", name="Show", exact=True).click()
    row = trail.locator("main tbody tr").first
    expect(row).to_contain_text("consult.read")
    expect(row).to_contain_text("network-admin@network.example")
    expect(row).to_contain_text(f"on behalf of {CLINICIAN}")
    axe(trail)


def test_searching_the_trail_turning_its_pages_and_taking_a_file(sign_in: SignIn, axe: Callable[[Page], None]) -> None:
    page = sign_in("auditor@network.example")
    page.goto("/audit/")
    page.get_by_role("link", name="Older events").click()
    first = page.locator("main tbody tr").first.inner_text()
    page.get_by_role("link", name="Newer events").click()
    page.get_by_role("link", name="Older events").click()
    assert page.locator("main tbody tr").first.inner_text() == first
    page.get_by_label("Action").select_option("sign in")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("main tbody tr").first).to_contain_text("sign in")
    page.get_by_role("button", name="Prepare them as JSON Lines").click()
    save = page.get_by_role("link", name="Save Audit trail as JSON Lines").first
    expect(save).to_be_visible(timeout=90_000)
    expect(page.locator("main tbody tr").first).to_contain_text("action sign in")
    axe(page)
    with page.expect_download() as download:
        save.click()
    assert download.value.suggested_filename.endswith(".jsonl.gz")
