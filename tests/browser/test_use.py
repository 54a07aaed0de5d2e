"""What people meet in use: no JavaScript, a phone, the dark, a lost session, keys, a typing error."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.members.demonstration import PASSWORD
from tests.browser.conftest import OpenPage, SignIn
from tests.stack import Stack

CLINICIAN = "clinician@prairie.example"
PAGES = {
    CLINICIAN: [
        "/",
        "/search/?q=sepsis",
        "/search/?q=zzqqxx",
        "/documents/",
        "/documents/sepsis-adult/",
        "/documents/calculator-cha2ds2-vasc/",
        "/documents/order-set-sepsis/",
        "/documents/sepsis-adult/history/?from=1&to=1",
        "/ask/",
        "/ask/?question=Which+dose+of+apixaban%3F&specialty=cardiology",
        "/consults/",
        "/notices/",
        "/account/",
        "/account/tokens/",
        "/account/following/",
        "/account/reading/",
        "/account/changes/",
        "/documents/acute-stroke/",
        "/account/lists/",
        "/account/education/",
        "/account/stand-ins/",
        "/account/education/new/?document=sepsis-adult",
        "/specialists/?q=sepsis",
        "/calls/",
        "/calls/new/",
        "/calls/1/",
        "/consults/C-1047/people/",
        "/preparation/",
    ],
    "specialist@network.example": [
        "/",
        "/queue/",
        "/consults/?whose=all",
        "/reviews/",
        "/account/directory/",
        "/availability/",
        "/on-call/",
        "/calls/",
        "/calls/1/",
        "/calls/2/",
        "/calls/dialled/",
        "/scoreboard/?by=organization",
        "/my-results/",
        "/reviews-of-answers/",
        "/consults/C-1036/billing/",
        "/consults/C-1036/minutes/",
        "/pieces/",
        "/consults/C-1034/",
    ],
    "lead@network.example": [
        "/sections/cardiology/",
        "/sections/cardiology/phone/",
        "/sections/cardiology/escalation/",
        "/sections/cardiology/gate/",
        "/sections/cardiology/read-instead/",
        "/conferences/",
        "/conferences/?show=past",
        "/conferences/new/",
        "/conferences/1/",
        "/conferences/2/",
        "/board/",
        "/board/cardiology/?show=late",
        "/scoreboard/?by=month",
        "/billing/",
        "/reviews-of-answers/",
    ],
    "admin@prairie.example": [
        "/",
        "/organizations/prairie-health/preparation/",
        "/organizations/prairie-health/people/",
        "/organizations/prairie-health/people/lists/",
        "/organizations/prairie-health/people/lists/1/",
        "/organizations/prairie-health/joining/",
        "/organizations/prairie-health/rules/",
        "/organizations/prairie-health/",
        "/organizations/prairie-health/contacts/",
        "/organizations/prairie-health/signed/",
        "/organizations/prairie-health/facilities/",
        "/organizations/prairie-health/facilities/1/",
        "/people/1/",
        "/documents/sepsis-adult/",
        "/documents/sepsis-adult/local-notes/",
        "/documents/sepsis-adult/local-notes/add/?revision=1&passage=0",
        "/documents/sepsis-adult/local-notes/1/",
        "/documents/sepsis-adult/local-notes/1/delete/",
        "/local-notes/",
        "/organizations/prairie-health/acknowledgements/",
        "/engagements/",
        "/engagements/new/",
        "/engagements/1/",
        "/audit/",
        "/scoreboard/",
        "/scoreboard/network/",
        "/people/1/deactivate/",
        "/people/1/consults/",
        "/invoices/",
        "/invoices/2/",
        "/usage/",
        "/usage/2/",
        "/invoices/2/worth/",
        "/reminders/",
        "/renewals/",
        "/renewals/1/",
        "/renewals/2/accept/",
        "/renewals/2/decline/",
        "/fees/accounts/2/",
    ],
    "network-admin@network.example": [
        "/",
        "/organizations/",
        "/organizations/prairie-health/",
        "/organizations/prairie-health/membership/end/",
        "/network/applications/?state=all",
        "/network/applications/1/",
        "/network/applications/1/accept/",
        "/network/applications/1/decline/",
        "/network/people/",
        "/people/1/look/",
        "/promises/",
        "/promises/new/",
        "/promises/calendars/new/",
        "/board/",
        "/scoreboard/?by=specialist",
        "/promises/escalation/",
        "/invoices/",
        "/invoices/1/",
        "/invoices/1/credit/",
        "/fees/payments/",
        "/fees/payments/1/",
        "/fees/accounts/",
        "/fees/accounts/1/",
        "/fees/accounts/1/pay/",
        "/fees/accounts/1/statement/",
        "/fees/accounts/1/standing/",
        "/fees/credit-notes/1/",
        "/fees/ageing/",
        "/fees/plans/",
        "/fees/plans/1/",
        "/fees/plans/1/version/",
        "/organizations/prairie-health/agreements/",
        "/organizations/prairie-health/agreements/new/",
        "/fees/agreements/1/",
        "/usage/",
        "/usage/1/",
        "/usage/1/?what=consults",
        "/overview/",
        "/overview/?show=tier-Network+member",
        "/exports/",
        "/bank/",
        "/bank/lines/",
        "/reminders/",
        "/invoices/1/hold/",
        "/renewals/",
        "/renewals/2/",
        "/renewals/2/withdraw/",
        "/fees/agreements/1/renew/",
        "/online-payments/",
    ],
    "editor@network.example": [
        "/",
        "/editing/",
        "/documents/manage/",
        "/documents/new/",
        "/documents/sepsis-adult/edit/",
        "/answers/",
        "/comments/",
        "/comments/1/",
        "/comments/documents/",
        "/documents/freshness/",
        "/documents/acute-stroke/acknowledgements/",
        "/documents/copd-exacerbation/verify/",
        "/documents/copd-exacerbation/settings/",
        "/documents/copd-exacerbation/retire/",
        "/reviews/?state=decided",
    ],
    "auditor@network.example": [
        "/",
        "/audit/",
        "/audit/?record=nothing-such",
        "/exports/",
        "/board/",
        "/scoreboard/",
    ],
}


@pytest.mark.parametrize("device", ["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("email", list(PAGES))
def test_each_page_is_accessible_and_fits(
    sign_in: SignIn, axe: Callable[[Page], None], email: str, device: str, scheme: str
) -> None:
    page = sign_in(email, device)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for path in PAGES[email]:
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, path
        axe(page)
        assert page.locator("option", has_text="-----").count() == 0, f"{path} has a choice that says nothing"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} px wider than a {device}"


def test_the_journey_begins_without_javascript(stack: Stack, browser: "object") -> None:
    context = browser.new_context(base_url=stack.url, java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto("/")
    page.locator("input[name=login]").fill("clinician@lakeside.example")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit], form button:not([type])").first.click()
    page.locator("main input[type=search]").first.fill("hyperkalemia")
    page.locator("main").get_by_role("button", name="Search").click()
    page.locator(".hit a").first.click()
    page.get_by_role("link", name="Ask a specialist about this").first.click()
    page.get_by_label("What do you want to know").fill("When may potassium be checked again?")
    page.get_by_role("button", name="Send: answered by").click()
    expect(page.locator(".error-summary")).to_contain_text("Choose what you want help with")
    page.get_by_label("What is it about").select_option("monitoring")
    page.get_by_label("What does the specialist need").fill("70-year-old, potassium 6.1 mmol/L, treated.")
    page.get_by_role("button", name="Send: answered by").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("When may potassium be checked again?")
    context.close()


def test_a_half_written_question_survives_signing_in_again(stack: Stack, sign_in: SignIn) -> None:
    page = sign_in(CLINICIAN)
    page.goto("/ask/")
    page.context.clear_cookies(name="consilium_session")
    page.get_by_label("What do you want to know").fill("Does this text survive the end of my session?")
    page.get_by_label("What does the specialist need").fill("A long summary that nobody wants to type twice.")
    page.get_by_role("button", name="Save the draft").click()
    page.wait_for_url("**/accounts/login/**")
    page.locator("input[name=login]").fill(CLINICIAN)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/ask/**")
    expect(page.get_by_label("What do you want to know")).to_have_value("Does this text survive the end of my session?")
    expect(page.get_by_label("What does the specialist need")).to_have_value(
        "A long summary that nobody wants to type twice."
    )


def test_identifiers_are_pointed_out_before_sending(sign_in: SignIn) -> None:
    page = sign_in(CLINICIAN)
    page.goto("/ask/")
    page.get_by_label("What does the specialist need").press_sequentially(
        "Mr. Gunderson, MRN 00482913, has AF.", delay=2
    )
    expect(page.locator("#ask-side")).to_contain_text("looks like a record number", timeout=10_000)
    page.get_by_label("What do you want to know").fill("Which anticoagulant, if any, is right here?")
    page.get_by_label("Which specialty").select_option("cardiology")
    page.get_by_label("What is it about").select_option("treatment")
    page.get_by_role("button", name="Send: answered by").click()
    expect(page.locator(".error-summary")).to_contain_text("Take it out")


def test_the_specialty_is_suggested_from_the_text_and_taken_with_one_click(sign_in: SignIn) -> None:
    page = sign_in(CLINICIAN)
    page.goto("/ask/")
    page.get_by_label("What do you want to know").fill("Which vasopressor first in septic shock?")
    suggestion = page.locator("#ask-side [data-choose]").first
    name = suggestion.get_attribute("data-value")
    assert name
    suggestion.click()
    expect(page.get_by_label("Which specialty")).to_have_value(name)
    expect(page.locator("[data-autosave-status]")).to_contain_text("Draft saved")


def test_a_typing_error_still_finds(sign_in: SignIn) -> None:
    page = sign_in(CLINICIAN)
    page.goto("/search/?q=hyperkalemmia")
    expect(page.locator(".hit").first).to_contain_text(re.compile("hyperkalemia", re.IGNORECASE))


def test_what_is_pressed_and_gets_no_answer_says_so(sign_in: SignIn, problems: list[str]) -> None:
    page = sign_in(CLINICIAN)
    page.goto("/documents/calculator-cha2ds2-vasc/")
    page.get_by_label("Under 65 (0)").check()
    page.get_by_label("Male (0)").check()
    page.context.set_offline(True)
    page.get_by_role("button", name="Add up").click()
    said = page.locator(".messages").get_by_text("The site gave no answer.")
    expect(said).to_be_in_viewport()
    page.context.set_offline(False)
    page.get_by_role("button", name="Add up").click()
    expect(page.locator("#score [data-score]")).to_be_visible()
    expect(said).to_have_count(0)
    problems.clear()  # the line was cut on purpose


def test_an_unknown_address_is_a_page_of_ours(sign_in: SignIn, problems: list[str]) -> None:
    page = sign_in(CLINICIAN)
    response = page.goto("/consults/C-999999/")
    assert response is not None
    assert response.status == 404
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    problems.clear()


def test_signed_out_pages_are_accessible(open_page: OpenPage, axe: Callable[[Page], None]) -> None:
    page = open_page()
    for path in ("/accounts/login/", "/accounts/password/reset/"):
        page.goto(path)
        axe(page)


def test_the_description_of_the_rest_interface_opens(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/api/docs/#/consults")
    page.get_by_role("button", name="Expand operation").first.wait_for(timeout=30_000)
    expect(page.get_by_text("/api/v1/consults/", exact=False).first).to_be_visible(timeout=15_000)
