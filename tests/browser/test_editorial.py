"""The review in a browser: sent by one editor, remarked on and approved by others, on the running site."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.knowledge.helpers import row, write_rows
from tests.stack import Stack

EDITOR, REVIEWER, LEAD = "editor@network.example", "reviewer@network.example", "lead@network.example"
Axe = Callable[[Page], None]
BODY = "## Dosing\n\nGive 5 mg by mouth once a day.\n\nCheck the kidneys after a week."


def a_draft(stack: Stack, folder: Path, slug: str) -> None:
    """A draft of a topic in cardiology, from a file."""
    recommendation = {"key": "dose", "text": "Give 5 mg once a day.", "strength": "strong", "grade": "low"}
    rows = row(slug, title=f"Dose of {slug}", body=BODY, recommendations=[recommendation])
    stack.manage("import_documents", str(write_rows(folder, rows)), "--draft")


def send_to_review(page: Page, slug: str, reviewer: str) -> None:
    page.goto(f"/documents/{slug}/draft/")
    page.get_by_role("link", name="Send it to review").click()
    option = page.get_by_label("Reviewer 1", exact=True).locator("option", has_text=reviewer)
    page.get_by_label("Reviewer 1", exact=True).select_option(option.get_attribute("value"))


def select_words(page: Page, place: str, words: str) -> None:
    """As with the mouse: the browser's own selection, from which the page takes the words."""
    page.evaluate(
        """([place, words]) => {
            for (const box of document.querySelectorAll(`[data-place="${place}"]`)) {
                const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
                for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                    const at = node.data.indexOf(words);
                    if (at < 0) continue;
                    getSelection().setBaseAndExtent(node, at, node, at + words.length);
                    return;
                }
            }
            throw new Error("these words are not there");
        }""",
        [place, words],
    )


def test_sent_to_review_remarked_on_and_approved(stack: Stack, sign_in: SignIn, axe: Axe, tmp_path: Path) -> None:
    a_draft(stack, tmp_path, "reviewed-in-browser")
    editor = sign_in(EDITOR)
    send_to_review(editor, "reviewed-in-browser", "Dr Grace Okafor")
    axe(editor)
    editor.get_by_role("button", name="Send to review").click()
    editor.wait_for_url("**/revisions/1/review/")
    expect(editor.get_by_role("status").first).to_contain_text("is in review")
    expect(editor.get_by_role("region", name="Reviewers")).to_contain_text("Waited for")
    axe(editor)

    lead = sign_in(LEAD)
    expect(lead.get_by_role("region", name="Waiting for your review")).to_contain_text("Dose of reviewed-in-browser")
    axe(lead)
    lead.get_by_role("link", name="My reviews").first.click()
    axe(lead)
    lead.get_by_role("link", name="Dose of reviewed-in-browser").click()
    expect(lead.get_by_text("Your decision is asked for by")).to_be_visible()
    here = lead.get_by_role("button", name="Remark on the selected words")
    expect(here).to_be_hidden()
    select_words(lead, "body", "after a week")
    here.click()
    expect(lead.get_by_label("Words")).to_have_value("after a week")
    expect(lead.get_by_label("Your remark")).to_be_focused()
    lead.keyboard.type("Rather after three days?")
    lead.get_by_role("button", name="Add the remark").click()
    remark = lead.get_by_role("article", name="Remark of Dr Grace Okafor")
    expect(remark).to_contain_text("Rather after three days?")
    axe(lead)

    editor.reload()
    mine = editor.get_by_role("article", name="Remark of Dr Grace Okafor")
    mine.get_by_text("Reply").first.click()
    mine.get_by_label("Your reply").fill("A week is what the source says.")
    mine.get_by_role("button", name="Send the reply").click()
    axe(editor)

    lead.reload()
    expect(remark).to_contain_text("A week is what the source says.")
    remark.get_by_role("button", name="Settled").click()
    expect(remark).to_contain_text("Settled by Dr Grace Okafor")
    lead.get_by_label("I approve it").check()
    lead.get_by_role("button", name="Record my decision").click()
    expect(lead.get_by_role("status").first).to_contain_text("Approved. It can be published now.")
    axe(lead)
    editor.goto("/documents/manage/?state=approved")
    expect(editor.get_by_role("link", name="1 approved")).to_be_visible()
    axe(editor)


def test_given_back_on_a_phone_without_losing_what_is_asked(
    stack: Stack, sign_in: SignIn, axe: Axe, tmp_path: Path
) -> None:
    a_draft(stack, tmp_path, "given-back-in-browser")
    editor = sign_in(EDITOR)
    send_to_review(editor, "given-back-in-browser", "Dr Paul Yamada")
    editor.get_by_role("button", name="Send to review").click()
    editor.wait_for_url("**/revisions/1/review/")

    phone = sign_in(REVIEWER, "phone")
    phone.goto("/reviews/")
    phone.get_by_role("link", name="Dose of given-back-in-browser").click()
    phone.get_by_label("I ask for changes").check()
    phone.get_by_role("button", name="Record my decision").click()
    expect(phone.locator(".error-summary")).to_contain_text("Say what should change.")
    phone.evaluate("scrollTo(0, 0)")  # nothing half below the bar, which axe takes for a target too small
    axe(phone)
    phone.get_by_label("Reason").fill("Name the tablet's strength.")
    phone.get_by_role("button", name="Record my decision").click()
    expect(phone.get_by_text("Given back to its author.")).to_be_visible()
    wide = phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    axe(phone)

    editor.goto("/documents/given-back-in-browser/draft/")
    expect(editor.get_by_text("Name the tablet's strength.")).to_be_visible()
    axe(editor)
    editor.goto("/documents/manage/?state=returned")
    expect(editor.get_by_role("link", name="Changes asked for").first).to_be_visible()
    axe(editor)
