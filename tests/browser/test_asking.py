"""Asking by keyboard alone: the gate of a section, what answered before, and likely identifiers taken out."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignIn

CLINICIAN = "clinician@lakeside.example"
SOON = 15_000


def reach(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press the key until the target has the focus, as someone without a mouse does."""
    for _ in range(120):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{target} is not reached by {key}")


def saved(page: Page) -> None:
    expect(page.locator("[data-autosave-status]")).to_contain_text("Draft saved", timeout=SOON)


def test_the_gate_says_what_is_missing_and_is_met_by_keyboard(sign_in: SignIn) -> None:
    page = sign_in(CLINICIAN)
    page.goto("/ask/")
    question = page.get_by_label("What do you want to know")
    question.focus()
    page.keyboard.type("When may potassium be checked again after treatment?")
    specialty = page.get_by_label("Which specialty")
    reach(page, specialty)
    specialty.select_option("emergency-medicine")
    saved(page)
    expect(page.locator("#ask-missing")).to_contain_text("the results")
    expect(page.locator("#id_results_helptext")).to_contain_text("Vital signs")
    reach(page, page.get_by_label("What does the specialist need"))
    page.keyboard.type("70-year-old, potassium 6.1 mmol/L, treated with insulin and glucose.")
    send = page.get_by_role("button", name="Send: answered by")
    reach(page, send)
    page.keyboard.press("Enter")
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Vital signs and the first laboratory results decide what comes next.")
    expect(page.get_by_label("What does the specialist need")).to_have_value(
        "70-year-old, potassium 6.1 mmol/L, treated with insulin and glucose."
    )
    link = summary.get_by_role("link", name="Which results matter")
    reach(page, link)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    results, tried = page.get_by_label("Which results matter"), page.get_by_label("What have you read or tried")
    reach(page, results, "Shift+Tab")
    page.keyboard.type("Blood pressure 140/80, pulse 76, ECG without changes.")
    reach(page, tried)
    page.keyboard.type("The protocol on hyperkalemia.")
    reason = page.get_by_label("What is it about")
    reach(page, reason, "Shift+Tab")
    reason.select_option("monitoring")
    reach(page, send)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("When may potassium be checked again")
    expect(page.locator(".question")).to_contain_text("Blood pressure 140/80, pulse 76, ECG without changes.")


def test_this_answered_it_by_keyboard_and_the_way_back(sign_in: SignIn) -> None:
    page = sign_in(CLINICIAN, "phone")
    page.goto("/ask/")
    page.get_by_label("What do you want to know").focus()
    page.keyboard.type("Which dose of apixaban in kidney disease?")
    saved(page)
    panel = page.locator("#ask-side")
    expect(panel.get_by_role("heading", name="Answered before")).to_be_visible()
    box, field = panel.bounding_box(), page.get_by_label("Which specialty").bounding_box()
    assert box is not None
    assert field is not None
    assert box["y"] - field["y"] < 400, "on a phone the panel is near the question, before the rest of the form"
    button = panel.get_by_role("button", name="This answered it").first
    reach(page, button)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Answered by reading")
    expect(page.get_by_text("Which dose of apixaban in kidney disease?")).to_be_visible()
    back = page.get_by_role("button", name="take the draft up again")
    reach(page, back)
    page.keyboard.press("Enter")
    expect(page.get_by_label("What do you want to know")).to_have_value("Which dose of apixaban in kidney disease?")


def test_passing_over_a_button_presses_nothing(sign_in: SignIn) -> None:
    page = sign_in(CLINICIAN)
    page.goto("/ask/")
    question = page.get_by_label("What do you want to know")
    question.focus()
    page.keyboard.type("Which dose of apixaban in kidney disease?")
    saved(page)
    page.get_by_role("button", name="This answered it").first.focus()
    with page.expect_response(lambda response: "/ask/" in response.url and response.request.method == "POST") as sent:
        question.focus()
        page.keyboard.type(" Or in dialysis?")
    assert sent.value.url.endswith("/ask/draft/")
    saved(page)
    page.reload()
    page.goto("/consults/?state=draft")
    expect(page.locator("main")).to_contain_text("Or in dialysis?")


def test_likely_identifiers_are_replaced_and_put_back_by_keyboard(sign_in: SignIn) -> None:
    page = sign_in(CLINICIAN)
    page.goto("/ask/")
    summary = page.get_by_label("What does the specialist need")
    summary.focus()
    page.keyboard.type("Mr. Gunderson, MRN 00482913, has AF.")
    saved(page)
    everything = page.get_by_role("button", name="Replace all 2")
    reach(page, everything, "Shift+Tab")
    page.keyboard.press("Enter")
    expect(summary).to_have_value("[name], [record number], has AF.", timeout=SOON)
    expect(page.locator("#ask-side")).not_to_contain_text("Likely identifiers")
    undo = page.get_by_role("button", name="Put them back")
    expect(undo).to_be_visible(timeout=SOON)
    undo.focus()
    page.keyboard.press("Enter")
    expect(summary).to_have_value("Mr. Gunderson, MRN 00482913, has AF.", timeout=SOON)
    page.get_by_role("button", name="Replace by [name]").focus()
    page.keyboard.press("Enter")
    expect(summary).to_have_value("[name], MRN 00482913, has AF.", timeout=SOON)


def test_redaction_and_this_answered_it_work_without_javascript(stack: object, browser: object) -> None:
    from portal.members.demonstration import PASSWORD

    context = browser.new_context(base_url=stack.url, java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto("/")
    page.locator("input[name=login]").fill(CLINICIAN)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit], form button:not([type])").first.click()
    page.goto("/ask/")
    page.get_by_label("What do you want to know").fill("Which dose of apixaban in kidney disease?")
    page.get_by_label("What does the specialist need").fill("Seen 3/14/2026.")
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("button", name="Replace by [date]").click()
    expect(page.get_by_label("What does the specialist need")).to_have_value("Seen [date].")
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("What does the specialist need")).to_have_value("Seen 3/14/2026.")
    page.get_by_role("button", name="This answered it").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Answered by reading")
    context.close()
