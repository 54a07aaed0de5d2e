"""Writing in a browser: by keyboard with a preview, saved by itself, met by another; and a page of hostile text."""

import re
from collections.abc import Callable

from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import SignIn
from tests.knowledge.test_rendering import HOSTILE

EDITOR, REVIEWER = "editor@network.example", "reviewer@network.example"
PASTE = """([html, text]) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", text);
  const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  document.querySelector("#id_body").dispatchEvent(event);
}"""


def begin(page: Page, title: str) -> None:
    """A new document by keyboard alone."""
    page.goto("/documents/new/")
    page.get_by_label("Title").focus()
    page.keyboard.type(title)
    page.keyboard.press("Enter")
    page.wait_for_url("**/edit/")


def saved(page: Page) -> None:
    expect(page.locator("[data-autosave-status]")).to_contain_text("Draft saved", timeout=20_000)


def test_a_document_is_written_by_keyboard_and_saves_itself(sign_in: SignIn, axe: Callable[[Page], None]) -> None:
    page = sign_in(EDITOR)
    begin(page, "Oxygen at home")
    expect(page.locator("#open-problems")).to_contain_text("to finish before review")
    page.get_by_label("Text in Markdown").focus()
    page.keyboard.type("## When\n\nGive **oxygen** when needed.\n\n```mermaid\nflowchart TD\n")
    page.keyboard.type('A{"Below 90%?"} -->|Yes| B["Give oxygen"]\nA -->|No| C["Wait"]\n```\n')
    preview = page.get_by_role("region", name="Preview")
    expect(preview.get_by_role("heading", name="When")).to_be_visible(timeout=20_000)
    expect(preview.locator("strong")).to_have_text("oxygen")
    expect(preview.locator(".diagram img")).to_have_js_property("complete", True)
    saved(page)
    page.get_by_role("button", name="Add a recommendation").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_recommendation-0-text")).to_be_focused(timeout=20_000)
    page.keyboard.type("Give oxygen below 90%.")
    page.get_by_role("checkbox", name="Pulmonology").press("Space")
    page.get_by_label("Find a code by its letters or words").fill("J96.0")
    page.get_by_role("checkbox", name=re.compile(r"J96\.01")).check(timeout=20_000)
    expect(page.locator("#open-problems")).to_contain_text("Complete", timeout=20_000)
    axe(page)
    page.reload()
    expect(page.get_by_label("What to do")).to_have_value("Give oxygen below 90%.")
    expect(page.get_by_role("checkbox", name=re.compile(r"J96\.01"))).to_be_checked()
    expect(page.get_by_label("Text in Markdown")).to_have_value(re.compile("Give \\*\\*oxygen\\*\\* when needed"))
    page.set_viewport_size({"width": 390, "height": 844})
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_pasting_keeps_what_it_means_and_can_be_undone(sign_in: SignIn) -> None:
    page = sign_in(EDITOR)
    begin(page, "Pasted text")
    field = page.get_by_label("Text in Markdown")
    field.fill("Before\n")
    field.press("Control+End")
    page.evaluate(PASTE, ["<h2>Steps</h2><ul><li>one</li><li><b>two</b></li></ul>", "Steps one two"])
    expect(field).to_have_value("Before\n## Steps\n\n- one\n- **two**")
    field.press("Control+z")
    expect(field).to_have_value("Before\n")
    page.evaluate(PASTE, ["<p>plain</p>", "plain"])
    saved(page)
    expect(field).to_have_value("Before\n")
    page.get_by_text("Link to a document").click()
    page.get_by_label("Words of its title").fill("sepsis septic")
    page.get_by_role("button", name=re.compile("Insert a link to Sepsis")).first.click(timeout=20_000)
    expect(field).to_have_value(re.compile(r"\]\(document:[a-z-]+\)"))


def test_two_who_change_the_same_place_choose(sign_in: SignIn, axe: Callable[[Page], None]) -> None:
    one, other = sign_in(EDITOR), sign_in(REVIEWER)
    begin(one, "Shared document")
    other.goto(one.url)
    expect(other.get_by_text("is editing this draft")).to_be_visible()
    one.get_by_label("Summary").fill("As the first says.")
    saved(one)
    other.get_by_label("Summary").fill("As the second says.")
    other.get_by_label("Text in Markdown").fill("A text of the second.")
    expect(other.get_by_role("heading", name=re.compile("changed the same place"))).to_be_visible(timeout=20_000)
    axe(other)
    other.reload()
    expect(other.get_by_label("Summary")).to_have_value("As the second says.")
    other.get_by_role("radio", name="Keep both, mine first").check()
    other.get_by_role("button", name="Save with these choices").click()
    expect(other.get_by_label("Summary")).to_have_value("As the second says.\nAs the first says.")
    one.get_by_label("Title", exact=True).fill("Shared by two")
    expect(one.get_by_text("What you type is merged with")).to_be_visible(timeout=20_000)
    one.reload()
    expect(one.get_by_label("Text in Markdown")).to_have_value("A text of the second.")
    expect(one.get_by_label("Title", exact=True)).to_have_value("Shared by two")


def test_hostile_text_does_nothing(sign_in: SignIn, problems: list[str]) -> None:
    page = sign_in(EDITOR)
    begin(page, "Hostile text")
    page.get_by_label("Text in Markdown").fill("\n\n".join(HOSTILE))
    saved(page)
    dialogs: list[str] = []
    foreign: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    own = page.url.split("/documents/")[0]
    page.on("request", lambda request: foreign.append(request.url) if not request.url.startswith(own) else None)
    page.add_init_script("window.alert = () => { document.documentElement.dataset.ran = 'yes'; };")
    scripts = "Array.from(document.scripts, (one) => one.src).filter((src) => !src.startsWith(location.origin)).length"
    for path in ("/documents/hostile-text/draft/", "/documents/hostile-text/edit/"):
        page.goto(path)
        expect(page.locator(".prose")).to_contain_text("alert(1)")
        for target in page.locator(".prose a").all()[:5]:
            target.hover(timeout=2_000, force=True)
        assert page.evaluate("document.documentElement.dataset.ran") is None
        assert page.evaluate(scripts) == 0
        assert (
            page.evaluate("document.querySelectorAll('.prose :is(script, style, iframe, svg, form, object)').length")
            == 0
        )
        page.wait_for_load_state("networkidle")
    page.goto("/documents/")
    page.wait_for_load_state("networkidle")  # what the page before had asked for has been answered
    assert not dialogs
    assert not foreign
    problems[:] = [one for one in problems if "404" not in one]  # pictures that are not attached
