"""Phone in a browser: asked for, taken and noted, read; and untaken, with the backup by a sweep at a given moment."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.test_journey import CLINICIAN, LEAD, SPECIALIST
from tests.stack import Stack

BACKUP = "specialist2@network.example"
Axe = Callable[[Page], None]


def ask_for_a_call(page: Page, topic: str) -> str:
    """Fill in the form; returns the path of the call."""
    page.goto("/calls/new/")
    page.get_by_label("Which specialty").select_option("cardiology")
    page.get_by_label("What is it about, in one sentence").fill(topic)
    page.get_by_label("Number to call").fill("217 555 0143")
    page.get_by_role("button", name="Ask to be called").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(topic)
    return page.url.split("/", 3)[3]


def test_a_call_is_asked_for_taken_noted_and_read_or_goes_to_the_backup(
    stack: Stack, sign_in: SignIn, axe: Axe
) -> None:
    today = datetime.now(ZoneInfo("America/Chicago")).date()
    lead = sign_in(LEAD)
    lead.goto("/sections/cardiology/")
    lead.get_by_label("From").first.fill(today.isoformat())
    lead.get_by_label("Until").first.fill((today + timedelta(days=1)).isoformat())
    lead.locator("#duty_primary").select_option(SPECIALIST)
    lead.locator("#duty_backup").select_option(BACKUP)
    lead.get_by_role("button", name="Set these days").click()
    expect(lead.get_by_role("status").first).to_contain_text("The rota is saved")

    doctor, expert = sign_in(CLINICIAN), sign_in(SPECIALIST, "phone")
    doctor.goto("/calls/new/")
    axe(doctor)
    expert.goto("/calls/")
    topic = "Is digoxin an option when the pressure is low?"
    place = ask_for_a_call(doctor, topic)
    expect(expert.get_by_role("link", name=topic)).to_be_visible(timeout=30_000)
    axe(expert)
    expert.get_by_role("link", name=topic).click()
    expect(expert.get_by_role("link", name="217 555 0143")).to_be_visible()
    expert.get_by_role("button", name="Take this call").click()
    expert.get_by_label("Advice given").check()
    expert.get_by_label("What was asked").fill("Digoxin with a pressure of 95?")
    expert.get_by_label("What was advised").fill("Yes, loaded slowly, with the level on day five.")
    expert.get_by_label("Your minutes").fill("5")
    axe(expert)
    expert.get_by_role("button", name="Sign the note").click()
    expect(expert.get_by_role("status").first).to_contain_text("signed")
    expect(expert.get_by_text("217 555 0143")).to_have_count(0)

    doctor.goto(f"/{place}")
    expect(doctor.get_by_text(re.compile("^Signed by Dr"))).to_be_visible()
    axe(doctor)
    doctor.get_by_role("link", name=re.compile(r"^C-\d+$")).click()
    expect(doctor.locator(".message-text").first).to_contain_text("loaded slowly")

    untaken = ask_for_a_call(doctor, "Which dose of metoprolol after a night of bradycardia?")
    later = datetime.now(ZoneInfo("America/Chicago")) + timedelta(minutes=20)
    stack.manage("sweep_clock", "--at", later.isoformat())
    backup = sign_in(BACKUP)
    backup.goto("/notices/")
    backup.get_by_role("link", name="was not taken: please call").first.click()
    backup.goto(f"/{untaken}")
    expect(backup.locator(".timeline")).to_contain_text("Offered to the backup")
    backup.get_by_role("button", name="Take this call").click()
    expect(backup.get_by_label("What was advised")).to_be_visible()
