"""A change of practice in a browser: published by an editor, read and confirmed by keyboard, seen by the editor."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from knowledge.demonstrating.documents import FOLDER
from tests.browser.conftest import SignIn
from tests.programs import wait_for
from tests.stack import Stack

CLINICIAN, EDITOR, ADMIN = "clinician@prairie.example", "editor@network.example", "admin@prairie.example"
SLUG, OLD, NEW = (
    "hyperkalemia",
    "Record a 12-lead ECG when potassium is 6.0",
    "Record a 12-lead ECG when potassium is 5.5",
)
SENTENCE = "The ECG is now recorded from a potassium of 5.5 on."
# The reviewers' part, which has tests of its own: the draft comes in approved.
APPROVE = f"""
from django.utils import timezone
from knowledge.models import Review, Revision
from portal.members.models import Person
revision = Revision.objects.get(document__slug="{SLUG}", state="draft")
rows = Revision.objects.filter(pk=revision.pk)
rows.update(state="in-review", approvals_needed=1)
person, now = Person.objects.get(email="reviewer@network.example"), timezone.now()
decided = {{"decision": "approved", "decided_by": person, "decided_at": now}}
Review.objects.create(revision=revision, reviewer=person, due_on=now.date(), **decided)
rows.update(state="approved")
"""


def bring_in_approved(stack: Stack, folder: Path) -> None:
    text = (FOLDER / f"{SLUG}.md").read_text(encoding="utf-8")
    assert OLD in text
    (folder / f"{SLUG}.md").write_text(text.replace(OLD, NEW), encoding="utf-8")
    stack.manage("import_documents", "--draft", str(folder / f"{SLUG}.md"))
    stack.manage("shell", "-c", APPROVE)


def test_published_recalled_acknowledged_and_seen(
    stack: Stack, sign_in: SignIn, axe: Callable[[Page], None], tmp_path: Path
) -> None:
    reader = sign_in(CLINICIAN)
    reader.goto(f"/documents/{SLUG}/")
    bring_in_approved(stack, tmp_path)

    editor = sign_in(EDITOR)
    editor.goto("/documents/manage/")
    editor.get_by_role("link", name=re.compile("^Publish Hyperkalemia")).click()
    expect(editor.get_by_role("heading", level=1)).to_have_text("Publish revision 2")
    axe(editor)
    editor.get_by_role("button", name="Publish, or schedule it").click()
    expect(editor.locator(".error-summary")).to_contain_text("Choose one.")
    axe(editor)
    editor.get_by_label("Changes practice").check()
    editor.get_by_label("What is different, in one sentence").fill(SENTENCE)
    editor.get_by_role("button", name="Publish, or schedule it").click()
    expect(editor.locator("main")).to_contain_text("is published.")

    reader.goto("/")
    expect(reader.locator("main")).to_contain_text(SENTENCE)
    axe(reader)
    wait_for(
        lambda: any(CLINICIAN in mail["To"] and "practice has changed" in mail["Subject"] for mail in stack.mail()),
        "the mail",
    )
    assert not any("potassium" in mail.as_string() for mail in stack.mail() if "practice" in mail["Subject"])
    reader.locator("#home-practice").locator("xpath=../..").get_by_role(
        "link", name=re.compile("^Hyperkalemia")
    ).focus()
    reader.keyboard.press("Enter")
    expect(reader.get_by_role("heading", name="Practice has changed")).to_be_visible()
    expect(reader.locator("main")).to_contain_text(SENTENCE)
    axe(reader)
    button = reader.get_by_role("button", name=re.compile("^I have read this"))
    for _ in range(80):
        if button.evaluate("button => button === document.activeElement"):
            break
        reader.keyboard.press("Tab")
    expect(button).to_be_focused()
    reader.keyboard.press("Enter")
    expect(reader.locator("main")).to_contain_text("You have acknowledged what changed")
    expect(reader.get_by_role("heading", name="Practice has changed")).to_have_count(0)

    editor.get_by_role("link", name="Who has acknowledged changed practice").click()
    row = editor.get_by_role("row", name=re.compile("Dr Maya Lindqvist"))
    expect(row).to_contain_text("Acknowledged")
    axe(editor)
    administrator = sign_in(ADMIN)
    administrator.goto("/organizations/prairie-health/")
    administrator.get_by_role("link", name="Changed practice").click()
    shown = administrator.get_by_role("row", name=re.compile("Dr Maya Lindqvist.*Hyperkalemia"))
    expect(shown).to_contain_text("Acknowledged")
    expect(administrator.locator("main")).not_to_contain_text("lakeside.example")
    axe(administrator)
