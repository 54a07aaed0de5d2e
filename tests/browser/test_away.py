"""Away and backup in a browser: an absence entered in seconds, and the work with whoever is on call a sweep later."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.test_journey import CLINICIAN, LEAD, SPECIALIST, ask
from tests.stack import Stack

BACKUP = "specialist2@network.example"
Axe = Callable[[Page], None]


def test_work_of_who_is_away_goes_to_the_backup_on_call(stack: Stack, sign_in: SignIn, axe: Axe) -> None:
    today = datetime.now(ZoneInfo("America/Chicago")).date()
    lead = sign_in(LEAD)
    lead.goto("/on-call/")
    lead.get_by_role("link", name="Cardiology: rota and routing").click()
    lead.get_by_label("From").first.fill(today.isoformat())
    lead.get_by_label("Until").first.fill((today + timedelta(days=1)).isoformat())
    lead.locator("#duty_primary").select_option(SPECIALIST)
    lead.locator("#duty_backup").select_option(BACKUP)
    lead.get_by_role("button", name="Set these days").click()
    expect(lead.get_by_role("status").first).to_contain_text("The rota is saved")
    axe(lead)

    doctor = sign_in(CLINICIAN)
    doctor.goto("/ask/")
    number = ask(doctor, "Is amiodarone or a beta blocker the better choice in this situation?")
    expert = sign_in(SPECIALIST)
    expert.goto(f"/consults/{number}/")
    expert.get_by_role("button", name="Claim this question").click()
    due = doctor.locator(".page-side .clock-due").inner_text()

    expert.goto("/availability/")
    axe(expert)
    expert.get_by_role("button", name="Say I am away").click()
    expect(expert.locator(".notice-attention")).to_contain_text("You are away until")
    try:
        stack.manage("sweep_routing")
        assert "0 handed over" in stack.manage("sweep_routing"), "a second sweep finds nothing"
        backup = sign_in(BACKUP)
        backup.goto("/notices/")
        backup.get_by_role("link", name=f"Consult {number} waits for an answer").first.click()
        expect(backup.locator(".timeline")).to_contain_text(re.compile("is away until .*, who is on call"))
        expect(backup.get_by_label("Your answer")).to_be_visible()
        doctor.reload()
        assert doctor.locator(".page-side .clock-due").inner_text() == due, "the clock is untouched"
        doctor.goto("/on-call/")
        expect(doctor.locator("tr", has_text="Cardiology")).to_contain_text("Away: ask the backup")
        axe(doctor)
        doctor.goto("/ask/")
        doctor.get_by_label("Which specialty").select_option("cardiology")
        expect(doctor.get_by_label("A specialist you would like to ask")).to_contain_text("(away)")
    finally:
        expert.goto("/availability/")
        expert.get_by_role("button", name="I am back").click()
    expect(expert.locator(".notice-attention")).to_have_count(0)
