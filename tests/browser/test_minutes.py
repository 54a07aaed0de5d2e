"""Minutes in a browser: mended by the specialist, with the code confirmed anew; and a requester's preparing."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.test_journey import CLINICIAN, LEAD, SPECIALIST, ask
from tests.stack import Stack

Axe = Callable[[Page], None]
ADMIN = "admin@prairie.example"


def answered(sign_in: SignIn, question: str) -> tuple[Page, Page, str]:
    """A question asked with the patient's consent and answered in 12 minutes: both pages, and its number."""
    doctor, expert = sign_in(CLINICIAN, "phone"), sign_in(SPECIALIST)
    doctor.goto("/ask/?specialty=cardiology")
    doctor.get_by_label("The patient agreed").check()
    number = ask(doctor, question)
    expert.goto(f"/consults/{number}/")
    expert.get_by_role("button", name="Claim this question").click()
    expert.get_by_label("Your answer").fill("The full dose.")
    expert.get_by_label("Your minutes").fill("12")
    expert.get_by_role("button", name="Send the answer").click()
    expect(expert.get_by_role("status").first).to_be_visible()
    return doctor, expert, number


def test_mended_after_the_answer_and_confirmed_anew(stack: Stack, sign_in: SignIn, axe: Axe) -> None:
    _, expert, number = answered(sign_in, "Which dose of apixaban after a small bleed?")
    expert.goto(f"/consults/{number}/")
    expert.get_by_role("link", name="Minutes and billing code").click()
    for question in ("Did you see this patient", "Did you bill such a code"):
        expert.get_by_label(question).select_option("no")
    expert.get_by_role("button", name="Confirm the code").click()
    expect(expert.get_by_text("You confirmed 99451 with 12 minutes")).to_be_visible()

    expert.get_by_role("link", name="Mend your minutes").click()
    expert.get_by_text("Mend these minutes").click()
    axe(expert)
    expert.get_by_label("Your minutes").fill("25")
    expert.get_by_role("button", name="Keep these minutes").click()
    expect(expert.get_by_text("This field is required")).to_have_count(2)
    axe(expert)
    expert.get_by_label("Why").fill("Read two papers as well")
    expert.get_by_role("button", name="Keep these minutes").click()
    expect(expert.get_by_text("12 to 25 minutes: Read two papers as well")).to_be_visible()
    axe(expert)
    expert.get_by_role("link", name="Decide again").click()
    expect(expert.get_by_text("Please confirm anew")).to_be_visible()
    axe(expert)

    lead = sign_in(LEAD, "phone")
    lead.goto("/billing/")
    expect(lead.locator("tr", has_text=number)).to_contain_text("To be confirmed anew")
    axe(lead)
    expert.get_by_role("button", name="Confirm the code").click()
    expect(expert.get_by_text("You confirmed 99451 with 25 minutes")).to_be_visible()
    lead.reload()
    expect(lead.locator("tr", has_text=number)).not_to_contain_text("To be confirmed anew")


def test_a_requester_decides_on_preparing(stack: Stack, sign_in: SignIn, axe: Axe) -> None:
    doctor, _, number = answered(sign_in, "Which dose of apixaban before a colonoscopy?")
    doctor.goto(f"/consults/{number}/")
    doctor.get_by_role("link", name="Your preparation").click()
    axe(doctor)
    doctor.get_by_label("Your minutes").fill("20")
    doctor.get_by_role("button", name="Confirm the code").click()
    expect(doctor.locator(".error-summary")).to_contain_text("ask your payer how often")
    axe(doctor)
    doctor.get_by_label("Was this code billed").select_option("no")
    doctor.get_by_role("button", name="Confirm the code").click()
    expect(doctor.get_by_text("You confirmed 99452 with 20 minutes")).to_be_visible()
    doctor.get_by_role("link", name="Your decisions by month").click()
    expect(doctor.locator("tr", has_text=number)).to_contain_text("99452")
    axe(doctor)

    admin = sign_in(ADMIN)
    admin.goto("/organizations/prairie-health/")
    admin.get_by_role("link", name="Preparation").click()
    expect(admin.locator("tr", has_text=number)).to_contain_text("99452")
    expect(admin.get_by_text("colonoscopy")).to_have_count(0)
    axe(admin)
    admin.get_by_role("button", name="Bill for it no longer").click()
    expect(admin.get_by_role("status").first).to_contain_text("Nobody bills")
    doctor.goto(f"/consults/{number}/")
    expect(doctor.get_by_role("link", name="Your preparation")).to_have_count(0)
    admin.get_by_role("button", name="Bill for preparing").click()
    expect(admin.get_by_role("status").first).to_contain_text("may bill")
