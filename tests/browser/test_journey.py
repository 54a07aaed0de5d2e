"""The whole journey in a browser as three people, on the running site; and the path of a broken promise."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.programs import wait_for
from tests.stack import Stack

CLINICIAN, SPECIALIST, LEAD = "clinician@prairie.example", "specialist@network.example", "lead@network.example"
SUMMARY = "68-year-old with atrial fibrillation, 82 kg, creatinine clearance 24 mL/min and stable. No bleeding before."
Axe = Callable[[Page], None]


def was_mailed(stack: Stack, email: str, words: str) -> bool:
    return any(email in mail["To"] and words in mail["Subject"] for mail in stack.mail())


def ask(page: Page, question: str) -> str:
    """Write and send a question from the ask page; its number."""
    page.get_by_label("What do you want to know").fill(question)
    page.get_by_label("Which specialty").select_option("cardiology")
    page.get_by_label("What is it about").select_option("dosing")
    page.get_by_label("What does the specialist need").fill(SUMMARY)
    page.get_by_role("button", name="Send: answered by").click()
    page.wait_for_url("**/consults/C-*/")
    return page.url.rstrip("/").rpartition("/")[2]


def test_found_asked_asked_back_answered_and_closed(stack: Stack, sign_in: SignIn, axe: Axe) -> None:
    question = "Which dose of apixaban for atrial fibrillation at a creatinine clearance of 24 mL/min?"
    doctor = sign_in(CLINICIAN)
    axe(doctor)
    doctor.keyboard.press("/")
    doctor.keyboard.type("apixaban dose kidney")
    doctor.keyboard.press("Enter")
    expect(doctor.locator(".hit").first).to_contain_text(re.compile("apixaban", re.IGNORECASE))
    axe(doctor)
    doctor.locator(".hit a").first.click()
    expect(doctor.get_by_role("heading", level=1)).to_be_visible()
    expect(doctor.get_by_role("heading", name="Recommendations")).to_be_visible()
    axe(doctor)
    doctor.get_by_role("link", name="Ask a specialist about this").first.click()
    doctor.get_by_label("What do you want to know").press_sequentially(question, delay=2)
    expect(doctor.locator("#ask-side")).to_contain_text("Atrial fibrillation", timeout=10_000)
    expect(doctor.locator("[data-autosave-status]")).to_contain_text("Draft saved")
    axe(doctor)
    number = ask(doctor, question)
    expect(doctor.locator(".page-side .clock")).to_contain_text(re.compile(r"4[78] h|48 h"))
    doctor.get_by_text("How this is counted").click()
    expect(doctor.locator(".clock-sum")).to_contain_text("Promised: an answer within 48 h")
    axe(doctor)

    expert = sign_in(SPECIALIST)
    expert.goto("/queue/?who=waiting&specialty=cardiology")
    axe(expert)
    row = expert.locator("[data-item]", has_text=number)
    row.get_by_role("link").focus()
    expert.keyboard.press("c")
    expert.wait_for_url(f"**/consults/{number}/")
    expect(expert.get_by_role("status").first).to_contain_text("is yours")
    axe(expert)
    expert.get_by_text("Ask the requester something first").click()
    expert.get_by_label("Your question to the requester").fill("Which weight, and is the creatinine stable?")
    expert.get_by_role("button", name="Ask, and pause the clock").click()
    expect(expert.locator(".page-side .clock")).to_contain_text("Paused since")

    doctor.goto("/notices/")
    axe(doctor)
    doctor.get_by_role("link", name=f"Your consult {number} has a question for you").click()
    expect(doctor.locator(".page-side .clock")).to_contain_text("waiting for your reply")
    doctor.get_by_label("Your reply").fill("82 kg; stable for half a year.")
    doctor.get_by_role("button", name="Send the reply").click()
    expect(doctor.locator(".page-side .clock")).to_contain_text("left")

    expert.reload()
    expert.get_by_label("Your answer").fill("Apixaban 5 mg twice daily: only one of the criteria for 2.5 mg is met.")
    expert.locator("#find-q").press_sequentially("atrial fibrillation", delay=5)
    expert.get_by_role("option", name=re.compile("Atrial fibrillation", re.IGNORECASE)).first.click()
    expect(expert.locator("#cite-found input:checked")).to_have_count(1)
    expert.get_by_label("Your minutes").fill("9")
    expert.get_by_role("button", name="Send the answer").click()
    expect(expert.get_by_role("status").first).to_contain_text("Your answer was sent")
    axe(expert)

    doctor.reload()
    expect(doctor.locator(".message-answer")).to_contain_text("5 mg twice daily")
    expect(doctor.locator(".message-answer .message-sources a").first).to_be_visible()
    expect(doctor.locator(".page-side .clock")).to_contain_text("early")
    axe(doctor)
    doctor.get_by_label("It gave a new or additional course of action").check()
    doctor.get_by_label("A referral was contemplated and is now avoided").check()
    doctor.get_by_label("5, excellent").check()
    doctor.get_by_role("button", name="Close this consult").click()
    expect(doctor.get_by_role("heading", name="Close-out")).to_be_visible()
    for words in ("Sent", "Taken by a specialist", "Question back", "Reply", "Answered", "Closed"):
        expect(doctor.locator(".timeline")).to_contain_text(words)
    axe(doctor)


def test_a_broken_promise_is_recorded_once_and_told_to_assignee_and_lead(stack: Stack, sign_in: SignIn) -> None:
    doctor = sign_in(CLINICIAN)
    doctor.goto("/ask/")
    number = ask(doctor, "Is a bridge with heparin needed before elective cardioversion in this situation?")
    expert = sign_in(SPECIALIST)
    expert.goto(f"/consults/{number}/")
    expert.get_by_role("button", name="Claim this question").click()
    later = (datetime.now(UTC) + timedelta(hours=48, minutes=5)).isoformat(timespec="seconds")
    stack.stop("beat")
    try:
        assert "late." in stack.manage("sweep_clock", "--at", later)
        assert "0 consults" in stack.manage("sweep_clock", "--at", later)
    finally:
        stack.start("beat")
    assert "Late by 5 min" in stack.manage("explain_clock", number, "--at", later)
    told = f"Consult {number}: the promised time has passed"
    for email in (SPECIALIST, LEAD):
        wait_for(partial(was_mailed, stack, email, told), f"a mail to {email}")
        page = sign_in(email)
        page.goto("/notices/")
        expect(page.get_by_role("link", name=told)).to_have_count(1)
    doctor.reload()
    expect(doctor.locator(".timeline")).to_contain_text("Promised time passed")
    for message in stack.mail():
        text = f"{message['Subject']} {message.get_payload()}".lower()
        assert "heparin" not in text
        assert "cardioversion" not in text


def test_of_two_specialists_who_claim_the_second_is_told(stack: Stack, sign_in: SignIn) -> None:
    doctor = sign_in(CLINICIAN)
    doctor.goto("/ask/")
    number = ask(doctor, "How long should dual antiplatelet therapy last after this stent?")
    first, second = sign_in(SPECIALIST), sign_in("specialist2@network.example")
    for page in (first, second):
        page.goto(f"/consults/{number}/")
    first.get_by_role("button", name="Claim this question").click()
    expect(first.get_by_role("status").first).to_contain_text("is yours")
    second.get_by_role("button", name="Claim this question").click()
    expect(second.locator(".notice", has_text="took it before you")).to_be_visible()
