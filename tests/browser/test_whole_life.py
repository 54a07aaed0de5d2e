"""The whole life of a change: written, reviewed by another, scheduled, published, recalled and acknowledged."""

import re
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.stack import Stack

CLINICIAN, EDITOR, REVIEWER = "clinician@prairie.example", "editor@network.example", "reviewer@network.example"
ADDRESS = "/documents/topic-giant-cell-arteritis/"
SENTENCE = "Somebody is called on the same day."
# The moment it was scheduled for, without waiting for it.
LATER = """
from datetime import timedelta
from django.utils import timezone
from knowledge.services import publish_due
publish_due(now=timezone.now() + timedelta(days=3))
"""


def test_written_reviewed_scheduled_published_recalled_acknowledged(
    stack: Stack, sign_in: SignIn, axe: Callable[[Page], None]
) -> None:
    reader = sign_in(CLINICIAN)
    reader.goto(ADDRESS)

    editor = sign_in(EDITOR)
    editor.goto(ADDRESS)
    editor.get_by_role("link", name="Write a new revision").click()
    editor.get_by_role("button", name="Begin a draft").click()
    field = editor.locator("#id_recommendation-0-text")
    field.fill(f"{field.input_value()} Call on the same day.")
    editor.get_by_role("button", name="Save and send to review").click()
    editor.wait_for_url("**/submit/")
    choice = editor.get_by_label("Reviewer 1", exact=True)
    choice.select_option(choice.locator("option", has_text="Dr Paul Yamada").get_attribute("value"))
    editor.get_by_role("button", name="Send to review").click()
    editor.wait_for_url("**/review/")
    expect(editor.get_by_text("Your decision is asked for by")).to_have_count(0)

    reviewer = sign_in(REVIEWER)
    reviewer.goto("/reviews/")
    reviewer.get_by_role("link", name=re.compile("Giant cell arteritis", re.IGNORECASE)).first.click()
    expect(reviewer.locator("main")).to_contain_text("Call on the same day.")
    reviewer.get_by_label("I approve it").check()
    reviewer.get_by_role("button", name="Record my decision").click()
    expect(reviewer.locator("main")).to_contain_text("Approved")

    reviewer.goto(f"{ADDRESS}publish/")
    reviewer.get_by_label("Changes practice").check()
    reviewer.get_by_label("What is different, in one sentence").fill(SENTENCE)
    reviewer.get_by_label("On a date").check()
    moment = (timezone.now() + timedelta(days=2)).astimezone(ZoneInfo("America/Chicago"))
    reviewer.get_by_label("Date and time").fill(f"{moment:%Y-%m-%dT%H:%M}")
    reviewer.get_by_role("button", name="Publish, or schedule it").click()
    expect(reviewer.locator("main")).to_contain_text(re.compile("scheduled", re.IGNORECASE))
    axe(reviewer)
    reader.goto(ADDRESS)
    expect(reader.locator("main")).not_to_contain_text("Call on the same day.")

    stack.manage("shell", "-c", LATER)
    reader.goto(ADDRESS)
    expect(reader.locator("main")).to_contain_text("Call on the same day.")
    expect(reader.locator("main")).to_contain_text(SENTENCE)
    reader.get_by_role("button", name=re.compile("^I have read this")).click()
    expect(reader.locator("main")).to_contain_text("You have acknowledged what changed")
