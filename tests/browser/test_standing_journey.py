"""An organization that does not pay, from overdue to reinstated, as its people and the network meet it on the pages.

The time passes from two months ago until now, so that what the pages and the hourly look say at the end is the same.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.test_journey import SPECIALIST, SUMMARY, ask, was_mailed
from tests.programs import wait_for
from tests.stack import Stack

CLINICIAN, ADMINISTRATOR, NETWORK = "clinician@harbor.example", "admin@harbor.example", "network-admin@network.example"
NAME = "Harbor Family Clinic"
ISSUED, DUE, GRACE = 61, 31, 30
"""So many days ago the invoice became final, was due, and its grace began; today the grace is over."""

SIGNED = """
from datetime import timedelta
from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from portal.common import tenancy
from portal.fees.models import PlanVersion
from portal.fees.proration import after_months
from portal.fees.services import agreements, invoicing
from portal.members.models import Person, Role
from portal.members.services.organizations import create_organization
with tenancy.everything(), transaction.atomic():
    by = Person.objects.get(email="network-admin@network.example")
    place = create_organization(
        by=by, name="Harbor Family Clinic", tier="member", time_zone="America/Chicago", second_factor_required=False
    )
    known = Person.objects.get(email="clinician@prairie.example")
    for who, role in (("clinician", "clinician"), ("admin", "organization-administrator")):
        email = f"{who}@harbor.example"
        person = Person.objects.create(
            email=email, name=f"Dr Kim {who.capitalize()}", password=known.password, time_zone="America/Chicago",
            is_demonstration=True,
        )
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
        Role.objects.create(person=person, name=role, organization=place)
    at = timezone.now() - timedelta(days=61)
    start = timezone.localdate(at)
    signed = agreements.sign(
        by=by, organization=place, version=PlanVersion.objects.filter(plan__withdrawn_at=None)[0], starts_on=start,
        until=after_months(start, 12), cycle=12, facilities=1, clinicians=5, at=at,
    )
    invoice = invoicing.finalize(invoicing.draft_period(signed, by=by, number=0, at=at), by=by, at=at)
    print(signed.account_id, invoice.number, invoice.due_on)
"""
LOOK = """
from datetime import timedelta
from django.utils import timezone
from portal.common import tenancy
from portal.fees.models import Account
from portal.fees.services import standing
with tenancy.everything():
    standing.review(Account.objects.get(pk=%d), at=timezone.now() - timedelta(days=%d))
"""


def in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def test_overdue_grace_suspended_paid_and_reinstated(
    stack: Stack, sign_in: SignIn, axe: Callable[[Page], None]
) -> None:
    stack.stop("beat")  # its hourly look would not wait for the steps
    try:
        account, number, due = stack.manage("shell", "-c", SIGNED).splitlines()[-1].split()
        journey(stack, sign_in, axe, int(account), number, date.fromisoformat(due))
    finally:
        stack.start("beat")
    for words in ("is in its grace", "is suspended", "is reinstated"):
        wait_for(partial(was_mailed, stack, ADMINISTRATOR, words), f"a mail that says it {words}")


def journey(stack: Stack, sign_in: SignIn, axe: Callable[[Page], None], account: int, invoice: str, due: date) -> None:
    standing = f"/fees/accounts/{account}/standing/"
    suspended = due + timedelta(days=31)
    administrator = sign_in(ADMINISTRATOR)

    stack.manage("shell", "-c", LOOK % (account, DUE))
    administrator.goto(standing)
    expect(administrator.locator("main")).to_contain_text("Good")
    stack.manage("shell", "-c", LOOK % (account, GRACE))
    administrator.reload()
    now = administrator.get_by_role("region", name="Now")
    expect(now).to_contain_text(f"Grace since {in_words(due + timedelta(days=1))}")
    expect(now).to_contain_text(re.compile(rf"Invoice {invoice}: \$[\d,.]+ was due on {in_words(due)}, 1 day ago"))
    expect(now).to_contain_text(f"new consults and engagements would wait from {in_words(suspended)} on")
    axe(administrator)

    doctor = sign_in(CLINICIAN)
    doctor.goto("/ask/")
    open_ = ask(doctor, "How long after a drug-eluting stent may clopidogrel be stopped for surgery?")

    stack.manage("shell", "-c", LOOK % (account, 0))
    administrator.reload()
    expect(now).to_contain_text(f"Suspended since {in_words(suspended)}")
    expect(now).to_contain_text("open consults are answered, reading goes on and safety notices arrive")
    axe(administrator)

    refused = refused_question(doctor, suspended)
    axe(doctor)
    refused_engagement(administrator, suspended, invoice, due)
    answered(sign_in(SPECIALIST), open_)
    doctor.goto(f"/consults/{open_}/")
    expect(doctor.locator(".message-answer")).to_contain_text("Six months")
    doctor.goto("/documents/sepsis-adult/")
    expect(doctor.get_by_role("heading", name="Recommendations")).to_be_visible()

    pays(sign_in(NETWORK), account)
    administrator.goto(standing)
    expect(now).to_contain_text(f"Reinstated since {in_words(suspended)}")
    expect(now).to_contain_text("What was overdue is settled")
    history = administrator.get_by_role("region", name="History")
    for state in ("Reinstated", "Suspended", "Grace", "Good"):
        expect(history).to_contain_text(state)
    axe(administrator)
    doctor.goto(refused)
    doctor.get_by_role("button", name="Send: answered by").click()
    doctor.wait_for_url("**/consults/C-*/")


def refused_question(doctor: Page, since: date) -> str:
    """A new question waits as a draft, and says since when; the draft's address."""
    doctor.goto("/ask/")
    doctor.get_by_label("What do you want to know").fill("May rivaroxaban be crushed for a feeding tube?")
    doctor.get_by_label("Which specialty").select_option("cardiology")
    doctor.get_by_label("What is it about").select_option("dosing")
    doctor.get_by_label("What does the specialist need").fill(SUMMARY)
    doctor.get_by_role("button", name="Send: answered by").click()
    said = f"The membership of {NAME} is suspended since {in_words(since)}, so new questions wait"
    expect(doctor.locator("main")).to_contain_text(said)
    expect(doctor.locator("main")).to_contain_text("see under Invoices what is due")
    expect(doctor.get_by_label("What do you want to know")).to_have_value(re.compile("rivaroxaban"))
    doctor.goto("/consults/")
    doctor.get_by_role("link", name=re.compile("rivaroxaban")).first.click()
    return doctor.url


def refused_engagement(administrator: Page, since: date, invoice: str, due: date) -> None:
    """Whoever may see invoices reads which, how much and since when."""
    administrator.goto("/engagements/new/")
    administrator.get_by_label("Which area").fill("Time to antibiotics")
    administrator.get_by_label("What should be better").fill("A median under 60 minutes.")
    administrator.get_by_label("What belongs to it").fill("The emergency department.")
    administrator.get_by_label("Sponsor").select_option(ADMINISTRATOR)
    administrator.get_by_role("button", name="Ask for it").click()
    main = administrator.locator("main")
    expect(main).to_contain_text(f"is suspended since {in_words(since)}, so new engagements wait")
    expect(main).to_contain_text(re.compile(rf"Invoice {invoice}: \$[\d,.]+ was due on {in_words(due)}\."))


def answered(expert: Page, number: str) -> None:
    """What was open is claimed and answered as ever."""
    expert.goto(f"/consults/{number}/")
    expert.get_by_role("button", name="Claim this question").click()
    expect(expert.get_by_role("status").first).to_contain_text("is yours")
    expert.get_by_label("Your answer").fill("Six months, unless the surgery cannot wait.")
    expert.get_by_label("Your minutes").fill("6")
    expert.get_by_role("button", name="Send the answer").click()
    expect(expert.get_by_role("status").first).to_contain_text("Your answer was sent")


def pays(network: Page, account: int) -> None:
    """The network records the whole of what is owed; the page says beforehand what follows from it."""
    network.goto(f"/fees/accounts/{account}/")
    owed = network.get_by_role("region", name="Balance").locator("dd").first.inner_text()
    network.get_by_role("link", name="Record a payment").click()
    network.get_by_label("Amount", exact=True).fill(owed.lstrip("$"))
    network.get_by_role("button", name="See what will be booked").click()
    expect(network.locator("main")).to_contain_text("The standing becomes “Reinstated”; it was “Suspended”")
    network.get_by_role("button", name="Record the payment").click()
    expect(network.get_by_role("status").first).to_be_visible()
