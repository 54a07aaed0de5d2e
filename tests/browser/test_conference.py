"""A case conference in a browser: called, put on its agenda, answered, and read by nobody it is not for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.test_journey import CLINICIAN, LEAD, SPECIALIST, ask
from tests.stack import Stack

Axe = Callable[[Page], None]


def test_called_with_an_agenda_and_the_requester_is_told(
    stack: Stack, sign_in: SignIn, axe: Axe, problems: list[str]
) -> None:
    doctor = sign_in(CLINICIAN)
    doctor.goto("/ask/")
    number = ask(doctor, "Should anticoagulation go on after this bleed?")

    lead = sign_in(LEAD)
    lead.goto("/conferences/")
    axe(lead)
    lead.get_by_role("link", name="Call a conference").first.click()
    axe(lead)
    lead.get_by_label("Title").fill("Bleeding board")
    lead.get_by_label("Specialty").select_option("cardiology")
    lead.get_by_label("Date").fill((datetime.now(UTC).date() + timedelta(days=5)).isoformat())
    lead.get_by_label("Begins at").fill("15:30")
    lead.get_by_label("Place or link").fill("Room 7")
    lead.get_by_role("group", name="Who is invited").get_by_role("checkbox").first.check()
    lead.get_by_role("button", name="Call it").click()
    expect(lead.get_by_role("status").first).to_contain_text("The conference is called")
    address = lead.url
    axe(lead)

    expert = sign_in(SPECIALIST)
    expert.goto(f"/consults/{number}/")
    expert.get_by_role("button", name="Claim this question").click()
    due = expert.locator(".page-side .clock-due").inner_text()
    expert.get_by_text("Put it on an agenda").click()
    expert.locator("#board_conference").select_option(address.rstrip("/").rpartition("/")[2])
    expert.get_by_role("button", name="Put it on the agenda").click()
    expect(expert.get_by_role("status").first).to_contain_text("the clock runs on")
    assert expert.locator(".page-side .clock-due").inner_text() == due
    axe(expert)

    doctor.goto(f"/consults/{number}/")
    expect(doctor.locator(".timeline")).to_contain_text("On the agenda of a case conference")
    response = doctor.goto(address)
    assert response is not None
    assert response.status == 404
    problems.clear()


def test_the_past_one_shows_its_signed_conclusion(stack: Stack, sign_in: SignIn, axe: Axe) -> None:
    page = sign_in(SPECIALIST)
    page.goto("/conferences/?show=past")
    page.get_by_role("link", name="Weekly board (demonstration)").click()
    expect(page.locator("main")).to_contain_text("Signed by")
    axe(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Sign it")).to_have_count(0)
