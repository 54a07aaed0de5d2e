"""An organization's note in a browser: written by keyboard, flagged after an upstream change, kept. And a comment."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.test_journey import was_mailed
from tests.programs import wait_for
from tests.stack import Stack

ADMIN, CLINICIAN, EDITOR = "admin@prairie.example", "clinician@prairie.example", "editor@network.example"
SOURCE = Path("knowledge/demonstration/status-epilepticus.md")
Axe = Callable[[Page], None]


def test_a_note_is_written_flagged_and_kept(stack: Stack, sign_in: SignIn, axe: Axe, tmp_path: Path) -> None:
    writer = sign_in(ADMIN)
    writer.goto("/documents/status-epilepticus/")
    writer.get_by_role("link", name="Add a note of your organization").click()
    expect(writer.get_by_label("Words of the passage")).to_be_visible()
    axe(writer)
    writer.get_by_label("Words of the passage").fill("lorazepam")
    writer.keyboard.press("Enter")
    writer.wait_for_url("**words=lorazepam")
    passage = writer.locator(".list-row-title").first
    words = passage.inner_text()
    passage.focus()
    writer.keyboard.press("Enter")
    writer.wait_for_url("**/local-notes/add/**")
    axe(writer)
    writer.get_by_label("Note", exact=True).fill("On 3 West: the emergency box, 785-555-0123.")
    writer.get_by_role("button", name="Save note").click()
    note = writer.locator(".local-note")
    expect(note).to_contain_text("Note of Prairie Health")
    expect(note.get_by_role("link", name="785-555-0123")).to_have_attribute("href", "tel:785-555-0123".replace("-", ""))
    axe(writer)

    reader = sign_in(CLINICIAN, "phone")
    reader.goto("/documents/status-epilepticus/")
    expect(reader.locator(".local-note")).to_contain_text("emergency box")
    outsider = sign_in(EDITOR)
    outsider.goto("/documents/status-epilepticus/")
    expect(outsider.locator(".local-note")).to_have_count(0)

    text = SOURCE.read_text(encoding="utf-8")
    assert text.count(words) == 1, "the passage as it stands in the source"
    changed = tmp_path / SOURCE.name
    changed.write_text(text.replace(words, f"{words} Call for help."), encoding="utf-8")
    stack.manage("import_documents", str(changed))

    wait_for(lambda: was_mailed(stack, ADMIN, "The text under a note"), "the mail to the author")
    assert not any("emergency box" in str(mail) or "Call for help" in str(mail) for mail in stack.mail())
    reader.reload()
    expect(reader.locator(".local-note")).to_contain_text("The text under this note has changed since")
    writer.goto("/notices/")
    writer.get_by_role("link", name="The text under a note").first.click()
    expect(writer.locator(".passage ins")).to_contain_text("Call for help")
    axe(writer)
    writer.get_by_role("button", name="Keep the note beside the new text").click()
    expect(writer.locator(".local-note")).to_contain_text("emergency box")
    expect(writer.locator(".local-note")).not_to_contain_text("has changed since")


def test_an_answer_a_comment_and_its_reply(stack: Stack, sign_in: SignIn, axe: Axe) -> None:
    reader = sign_in(CLINICIAN)
    reader.goto("/documents/bronchiolitis/")
    form = reader.locator("#feedback")
    expect(form.get_by_label("Comment to the editors")).to_be_hidden()
    form.get_by_label("Partly").check()
    form.get_by_label("Comment to the editors").fill("What about high flow at home?")
    form.get_by_role("button", name="Send my answer").click()
    expect(form.locator(".error-summary")).to_contain_text("Choose what was missing")
    axe(reader)
    form.get_by_label("What was missing?").select_option("missing-case")
    form.get_by_role("button", name="Send my answer").click()
    expect(form.get_by_role("status")).to_contain_text("Your answer is saved")
    expect(form.get_by_role("status")).to_be_focused()
    axe(reader)
    editor = sign_in(EDITOR)
    editor.goto("/comments/?title=bronchiolitis")
    axe(editor)
    editor.locator(".list-row-title").first.click()
    expect(editor.get_by_label("Your reply")).to_be_visible()
    axe(editor)
    editor.get_by_label("Your reply").fill("Not at home; see the section on admission.")
    editor.get_by_role("button", name="Send the reply").click()
    expect(editor.get_by_text("is told that you replied")).to_be_visible()
    wait_for(lambda: was_mailed(stack, CLINICIAN, "has replied to your comment"), "the mail to the reader")
    reader.goto("/notices/")
    reader.get_by_role("link", name="has replied to your comment on “Bronchiolitis").first.click()
    expect(reader.locator("#feedback")).to_contain_text("see the section on admission")
