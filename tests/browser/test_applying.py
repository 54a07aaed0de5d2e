"""An organization joins, from its application to its first consult: by the pages, and by what is really mailed."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, SignIn
from tests.browser.test_journey import ask
from tests.browser.test_roster import fits
from tests.programs import wait_for
from tests.stack import Stack

Axe = Callable[[Page], None]
NAME = "Bluestem Health"
CONTACT, DOCTOR = "nora.lund@bluestem.example", "omar.haddad@bluestem.example"
PASSWORD = "harbor-violet-93-kite"
FIELDS = {
    "Name of the organization": NAME,
    "Street and number": "12 Main Street",
    "City": "Salina",
    "State or province": "Kansas",
    "Postal code": "67401",
    "Number of clinicians": "40",
    "Your name": "Nora Lund",
    "Your e-mail address at work": CONTACT,
    "What you hope for": "Answers within two days.",
}
QUESTION = "Which dose of apixaban for atrial fibrillation at a creatinine clearance of 24 mL/min?"


def mailed(stack: Stack, email: str, way: str) -> str:
    """The path of the link of this way that was mailed to the address; empty while none was."""
    found = [mail.get_content() for mail in stack.mail() if email == mail["To"]]
    links = re.findall(rf"^https?://[^/\s]+(/{way}/\S+)", "\n".join(found), re.MULTILINE)
    return links[-1] if links else ""


def apply(stack: Stack, page: Page, axe: Axe) -> None:
    page.goto("/accounts/login/")
    page.get_by_role("link", name="apply to join the network").click()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("alert")).to_contain_text("Name of the organization")
    axe(page)
    for label, value in FIELDS.items():
        page.get_by_label(label).fill(value)
    page.get_by_label("What it is").select_option("hospital")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    axe(page)
    wait_for(lambda: bool(mailed(stack, CONTACT, "apply")), "the link to confirm")
    page.goto(mailed(stack, CONTACT, "apply"))
    axe(page)
    page.get_by_role("button", name="Confirm and apply").click()
    expect(page.locator("main")).to_contain_text("The network looks at it")
    axe(page)
    assert fits(page)


def vet(network: Page, applicant: Page, axe: Axe) -> None:
    network.goto("/notices/")
    network.get_by_role("link", name="An organization applies to join the network").first.click()
    expect(network.get_by_role("heading", level=1)).to_have_text(NAME)
    axe(network)
    network.get_by_role("textbox", name="Question").fill("Which licence?")
    network.get_by_role("button", name="Send the question").click()
    expect(network.get_by_role("status").first).to_contain_text("on its way to Nora Lund")
    applicant.reload()
    expect(applicant.locator("main")).to_contain_text("Which licence?")
    axe(applicant)
    applicant.get_by_label("Your answer").fill("Number 4711, until 2031.")
    applicant.get_by_role("button", name="Send the answer").click()
    expect(applicant.locator("main")).to_contain_text("The network looks at it")
    network.reload()
    expect(network.locator("main")).to_contain_text("Number 4711")
    while (more := network.get_by_role("button", name=re.compile("^Tick"))).count():
        more.first.click()
        network.wait_for_load_state()
    network.get_by_role("textbox", name="Note").fill("All in order.")
    network.get_by_role("button", name="Keep the note").click()
    expect(network.locator("main")).to_contain_text("All in order.")
    axe(network)


def accept(network: Page, axe: Axe) -> None:
    network.get_by_role("link", name="Accept").click()
    expect(network.get_by_label("Name of its first administrator")).to_have_value("Nora Lund")
    axe(network)
    network.get_by_role("button", name="Accept and invite").click()
    expect(network.get_by_role("heading", level=1)).to_have_text(NAME)
    expect(network.get_by_role("region", name="Membership")).to_contain_text("Joining")
    axe(network)


def come_in(stack: Stack, page: Page, email: str, name: str) -> None:
    """Accept the invitation that was mailed."""
    wait_for(lambda: bool(mailed(stack, email, "invitations")), f"the invitation of {email}")
    page.goto(mailed(stack, email, "invitations"))
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Accept and sign in").click()
    page.wait_for_url(lambda url: "/invitations/" not in url)


def sign_agreement(network: Page) -> None:
    network.get_by_role("link", name="Agreements", exact=True).click()
    network.get_by_role("link", name="Sign an agreement").click()
    network.get_by_label("Plan").select_option(index=1)
    network.get_by_role("button", name="See what will be booked").click()
    network.get_by_role("button", name="Sign the agreement").click()
    expect(network.get_by_role("status").first).to_contain_text("The agreement is signed")


def test_from_the_application_to_the_first_consult(
    stack: Stack, sign_in: SignIn, open_page: OpenPage, axe: Axe
) -> None:
    applicant, network = open_page("phone"), sign_in("network-admin@network.example")
    apply(stack, applicant, axe)
    vet(network, applicant, axe)
    accept(network, axe)
    applicant.reload()
    expect(applicant.locator("main")).to_contain_text("Accepted")
    axe(applicant)

    come_in(stack, applicant, CONTACT, "Nora Lund")
    applicant.goto("/organizations/bluestem-health/people/")
    applicant.get_by_label("E-mail address", exact=True).fill(DOCTOR)
    applicant.get_by_label("Role").select_option("clinician")
    applicant.get_by_role("button", name="Send invitation").click()
    doctor = open_page()
    come_in(stack, doctor, DOCTOR, "Dr Omar Haddad")
    doctor.goto("/documents/")
    expect(doctor.get_by_role("heading", level=1)).to_be_visible()
    doctor.goto(f"/ask/?question={QUESTION.replace(' ', '+')}&specialty=cardiology")
    doctor.get_by_label("What is it about").select_option("dosing")
    doctor.get_by_label("What does the specialist need").fill("68-year-old, 82 kg, stable. No bleeding before.")
    doctor.get_by_role("button", name="Send: answered by").click()
    expect(doctor.locator("main")).to_contain_text("wait until its first agreement is signed")
    axe(doctor)

    sign_agreement(network)
    applicant.goto("/organizations/bluestem-health/")
    expect(applicant.get_by_role("region", name="Membership")).to_contain_text("Its first agreement is signed.")
    axe(applicant)
    assert fits(applicant)

    doctor.goto("/ask/")
    number = ask(doctor, QUESTION)
    expect(doctor.locator(".page-side .clock")).to_contain_text("left")
    assert number.startswith("C-")
