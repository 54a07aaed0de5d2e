"""An improvement engagement in a browser: asked for, agreed, begun, measured, and seen on its run chart."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.stack import Stack

Axe = Callable[[Page], None]
ADMIN, NETWORK = "admin@prairie.example", "network-admin@network.example"


def test_from_the_question_to_the_first_point(stack: Stack, sign_in: SignIn, axe: Axe) -> None:
    admin = sign_in(ADMIN)
    admin.goto("/engagements/")
    axe(admin)
    admin.get_by_role("link", name="Ask for one").first.click()
    axe(admin)
    admin.get_by_label("Which area").fill("Falls on the ward")
    admin.get_by_label("What should be better").fill("Half as many within a year.")
    admin.get_by_label("What belongs to it").fill("Ward 3.")
    admin.get_by_label("Sponsor").select_option(ADMIN)
    admin.get_by_role("button", name="Ask for it").click()
    expect(admin.get_by_role("status").first).to_contain_text("Asked for")
    address = admin.url

    network = sign_in(NETWORK)
    network.goto(address)
    network.get_by_text("Agree to it").click()
    network.get_by_label("Hours it may take").fill("12")
    network.get_by_role("button", name="Agree", exact=True).click()
    expect(network.get_by_role("status").first).to_contain_text("Agreed")
    network.get_by_role("button", name="Begin the work").click()
    expect(network.locator(".tag").first).to_contain_text("Under way")
    axe(network)

    admin.goto(address)
    admin.get_by_text("Add a measure").click()
    admin.get_by_label("Name", exact=True).fill("Falls")
    admin.get_by_label("Unit").fill("a month")
    admin.get_by_label("Definition").fill("All falls on ward 3")
    admin.get_by_role("button", name="Add it").click()
    admin.get_by_label("Day").first.fill((datetime.now(UTC) - timedelta(days=1)).date().isoformat())
    admin.get_by_label("Value").first.fill("7")
    admin.get_by_role("button", name="Enter the point").click()
    expect(admin.get_by_role("img", name="Run chart of Falls")).to_be_visible()
    axe(admin)


def test_the_run_chart_of_twenty_points_is_drawn_and_told(stack: Stack, sign_in: SignIn, axe: Axe) -> None:
    page = sign_in(ADMIN)
    page.goto("/engagements/")
    page.get_by_role("link", name="Time to antibiotics in sepsis").click()
    chart = page.get_by_role("img", name="20 points")
    expect(chart).to_be_visible()
    assert chart.evaluate("image => image.complete && image.naturalWidth") == 560
    expect(page.locator("main")).to_contain_text("six or more points in a row on one side")
    page.get_by_text("The points as a table, and the rules").click()
    expect(page.get_by_role("row", name="Sepsis kit at triage")).to_be_visible()
    axe(page)
