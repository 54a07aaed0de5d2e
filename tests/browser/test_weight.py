"""The first page after signing in, with an empty cache: few bytes, and nothing but the style sheet holds it up."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn

MOST = 100_000  # bytes over the wire, headers and all
SLOW = {"offline": False, "latency": 0, "downloadThroughput": 200_000, "uploadThroughput": 100_000}  # 1.6 Mbit/s
LOADED = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map(
  one => ({name: new URL(one.name).pathname, bytes: one.transferSize, blocks: one.renderBlockingStatus,
           kind: one.initiatorType}))"""
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
READY = "() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


def first_page(page: Page) -> list[dict[str, Any]]:
    """What the browser fetches for the first page, without anything kept, over a slow line."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    network.send("Network.emulateNetworkConditions", SLOW)
    page.goto("/", wait_until="load")
    expect(page.get_by_role("main")).to_be_visible()
    loaded: list[dict[str, Any]] = page.evaluate(LOADED)
    return loaded


@pytest.mark.parametrize(
    "email", ["clinician@prairie.example", "specialist@network.example", "network-admin@network.example"]
)
def test_the_first_page_is_light(sign_in: SignIn, email: str) -> None:
    page = sign_in(email)
    loaded = first_page(page)
    total = sum(one["bytes"] for one in loaded)
    print(
        f"\n{email}: {total} bytes in {len(loaded)} requests; at 1.6 Mbit/s painted after {page.evaluate(PAINTED):.0f}"
    )
    print(f"ms, ready after {page.evaluate(READY):.0f} ms: {[(one['name'], one['bytes']) for one in loaded]}")
    assert all(one["bytes"] > 0 for one in loaded), loaded
    assert total <= MOST, loaded
    blocking = [one for one in loaded if one["blocks"] == "blocking"]
    assert [one["kind"] for one in blocking] == ["link"], blocking
    assert blocking[0]["name"].startswith("/static/consilium.")


def test_what_does_not_change_is_kept_for_ever_and_compressed(sign_in: SignIn) -> None:
    page = sign_in("clinician@prairie.example")
    for one in first_page(page):
        if one["name"].startswith("/static/"):
            answer = page.request.get(one["name"], headers={"Accept-Encoding": "gzip"})
            assert answer.headers["cache-control"] == "max-age=315360000, public, immutable", one
            assert answer.headers.get("content-encoding") == "gzip" or one["bytes"] < 1_000, one
