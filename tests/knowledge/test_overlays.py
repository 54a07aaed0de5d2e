"""Notes of organizations: who sees and who writes them, where they stand, and what happens when the text changes."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledge.beside import documents_with_overlays
from knowledge.local_text import rendered_note
from knowledge.models import Document, Overlay
from knowledge.passages import passages
from knowledge.services import (
    Declared,
    add_overlay,
    change_overlay,
    changed_recommendations,
    delete_overlay,
    indexing,
    keep_overlay,
    publish_revision,
    retire_document,
)
from knowledge.services.overlays import LONGEST, MOST
from portal.common import tenancy
from portal.common.models import AuditEvent, Mail, Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Role
from portal.members.walls import around
from tests.cast import Cast, give, make_person
from tests.knowledge.helpers import FLOW, approve, load_rows, make_document, make_documents, row
from tests.knowledge.test_api import api, get
from tests.knowledge.test_pages import as_, text

pytestmark = pytest.mark.django_db
BODY = f"""## Dosing

Give 5 mg of drug A twice a day.

- Check potassium
- Check lactate after two hours

| Drug | Dose |
|---|---|
| A | 5 mg |

## After

Call the ward.

{FLOW}
"""
RECOMMENDATIONS = [
    {
        "key": "fluid",
        "text": "Give 30 ml/kg of fluid.",
        "strength": "strong",
        "grade": "low",
        "verified_on": "2026-06-30",
    }
]


def document(folder: Path, slug: str = "a", **values: Any) -> Document:
    return make_document(folder, slug, **{"body": BODY, "recommendations": RECOMMENDATIONS} | values)


def number_of(found: Document, words: str) -> int:
    assert found.current_revision
    return next(row.number for row in passages(found.current_revision) if words in row.text)


def note(
    found: Document, words: str, cast: Cast, said: str = "Ward 5: 785 555 0100", by: Person | None = None
) -> Overlay:
    """A note of Prairie beside the passage that holds these words."""
    found = Document.objects.select_related("current_revision").get(pk=found.pk)
    assert found.current_revision
    return add_overlay(
        document=found,
        organization=cast.prairie,
        revision=found.current_revision.number,
        passage=number_of(found, words),
        text=said,
        by=by or cast.admin_prairie,
    )


@pytest.fixture
def local_editor(cast: Cast) -> Person:
    person = make_person("local@prairie.example", "Lou Editor")
    return give(person, Role.Name.LOCAL_EDITOR, organization=cast.prairie)


@pytest.fixture
def foreign_admin(cast: Cast) -> Person:
    person = make_person("admin@lakeside.example", "Liv Ek")
    return give(person, Role.Name.ORGANIZATION_ADMINISTRATOR, organization=cast.lakeside)


# --- who sees, who writes ---------------------------------------------------------------------------------------------
OUTSIDERS = ("clinician_lakeside", "specialist", "lead", "editor", "reviewer", "network_admin", "auditor")


def test_only_people_of_the_organization_see_its_notes(
    tmp_path: Path, cast: Cast, local_editor: Person, foreign_admin: Person
) -> None:
    made = note(document(tmp_path), "drug A", cast, "Prairie says so")
    for person in (cast.clinician_prairie, cast.admin_prairie, local_editor):
        assert "Prairie says so" in text(as_(person), "/documents/a/")
        assert set(documents_with_overlays(person)) == {made.document_id}
    for person in (*(getattr(cast, who) for who in OUTSIDERS), foreign_admin):
        assert "Prairie says so" not in text(as_(person), "/documents/a/"), person.email
        assert not Overlay.objects.visible_to(person).exists()
        assert not documents_with_overlays(person).exists()
    both = give(cast.editor, Role.Name.CLINICIAN, organization=cast.prairie)
    assert "Prairie says so" in text(as_(both), "/documents/a/"), "an editor who belongs to the organization"
    cast.clinician_prairie.is_active = False
    assert not Overlay.objects.visible_to(cast.clinician_prairie).exists()


def test_administrators_and_local_editors_write_and_nobody_else(
    tmp_path: Path, cast: Cast, local_editor: Person, foreign_admin: Person
) -> None:
    found = document(tmp_path)
    made = note(found, "drug A", cast, by=local_editor)
    values: dict[str, Any] = {"document": found, "organization": cast.prairie, "revision": 1, "passage": 0, "text": "x"}
    others = [*(getattr(cast, who) for who in OUTSIDERS), foreign_admin, cast.clinician_prairie]
    for person in others:
        with pytest.raises(Refused):
            add_overlay(by=person, **values)
        with pytest.raises(Refused):
            change_overlay(overlay=made, text="x", by=person)
        with pytest.raises(Refused):
            keep_overlay(overlay=made, revision=1, passage=0, by=person)
        with pytest.raises(Refused):
            delete_overlay(overlay=made, by=person)
        client = as_(person)
        status = 404 if person == foreign_admin else 403
        for path in (f"/documents/a/local-notes/{made.pk}/", f"/documents/a/local-notes/{made.pk}/delete/"):
            text(client, path, status)
            assert client.post(path, {"text": "x"}).status_code == status
        assert client.post(f"/documents/a/local-notes/{made.pk}/keep/").status_code == status
        if person != foreign_admin:
            for path in (
                "/documents/a/local-notes/",
                "/documents/a/local-notes/add/?revision=1&passage=0",
                "/local-notes/",
            ):
                text(client, path, 403)
    assert Overlay.objects.get().text == made.text
    assert "785" not in text(as_(foreign_admin), "/local-notes/")
    assert "Has a note" not in text(as_(foreign_admin), "/documents/a/local-notes/")
    change_overlay(overlay=made, text="By its administrator", by=cast.admin_prairie)
    delete_overlay(overlay=made, by=cast.admin_prairie)


def test_the_database_has_a_wall_of_its_own(tmp_path: Path, cast: Cast) -> None:
    made = note(document(tmp_path), "drug A", cast)
    with around(cast.clinician_prairie):
        assert Overlay.objects.count() == 1
    for organizations in ([cast.lakeside.pk], []):
        with tenancy.only(organizations):
            assert not Overlay.objects.exists()
            assert not Overlay.objects.filter(pk=made.pk).update(text="x")
            assert not Overlay.objects.filter(pk=made.pk).delete()[0]
    copy = Overlay(**{field.attname: getattr(made, field.attname) for field in made._meta.fields if field.name != "id"})
    elsewhere = tenancy.only([cast.lakeside.pk])
    with elsewhere, pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        copy.save()
    with tenancy.everything():
        assert Overlay.objects.get().text == made.text


# --- where it stands --------------------------------------------------------------------------------------------------
def parts(page: str) -> list[str]:
    """The page's article in the order it is read: words, with each note as NOTE:text."""
    main = page.split("<article")[1].split("</article>")[0]
    noted = r'<div class="local-note" .*?<div class="local-note-text"><p>(\w+)</p>\s*</div>\s*</div>'
    main = re.sub(noted, r" NOTE:\1 ", main, flags=re.S)
    return re.sub(r"<[^>]+>|\s+", " ", main).split()


@pytest.mark.parametrize(
    ("words", "after", "before"),
    [
        ("A summary", "a.", "Verified"),
        ("30 ml/kg", "2026", "Decision"),
        ("drug A twice", "day.", "Check"),
        ("Dosing", "Dosing", "Give"),
        ("lactate", "hours", "Drug"),
        ("A | 5 mg", "mg", "After"),
        ("Call the ward", "ward.", "Was"),
        ("Fever?", "End.", "Dosing"),
    ],
)
def test_a_note_stands_right_behind_its_passage(
    tmp_path: Path, cast: Cast, words: str, after: str, before: str
) -> None:
    note(document(tmp_path), words, cast, "Mine")
    read = parts(text(as_(cast.clinician_prairie), "/documents/a/"))
    place = read.index("NOTE:Mine")
    assert (read[place - 1], read[place + 1]) == (after, before), read[place - 3 : place + 4]


def test_it_says_whose_it_is_and_never_stands_in_the_networks_text(tmp_path: Path, cast: Cast) -> None:
    note(document(tmp_path), "drug A", cast, "Zebra threshold")
    page = text(as_(cast.clinician_prairie), "/documents/a/")
    assert "Note of Prairie Health" in page
    assert "Robin Castell" in page
    assert "Change" not in page.split('role="note"')[1].split("</div>")[0], "readers change nothing"
    indexing.index_pending()
    assert "Zebra" not in text(as_(cast.clinician_prairie), "/search/?q=zebra").split("<main")[1].replace("“zebra”", "")
    both = give(cast.editor, Role.Name.CLINICIAN, organization=cast.prairie)
    for path in ("/documents/a/history/", "/documents/a/export.md"):
        assert "Zebra" not in text(as_(both), path)


HOSTILE = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    '<img src=x onerror="alert(1)">',
    "[x](data:text/html;base64,AAAA)",
    "<a href='javascript:alert(1)'>x</a>",
    '[x](https://a.example/" onmouseover="alert(1))',
    'https://a.example/"><script>alert(1)</script>',
    "<tel:+15551234567 onclick=alert(1)>",
    "# Heading\n\n<iframe src=//evil>\n\n```\n<b>\n```",
    "[x]: javascript:alert(1)\n\n[x]",
    "785 555 0100<svg/onload=alert(1)>",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_note_is_only_text(hostile: str) -> None:
    html = rendered_note(hostile)
    assert set(re.findall(r"<(\w+)", html)) <= {"a", "p", "br", "em", "strong", "ul", "ol", "li"}
    for attribute in re.findall(r"<\w+ ([^>]*)>", html):
        assert re.fullmatch(
            r'href="(https?:|mailto:|tel:)[^"]*" rel="noopener noreferrer"|rel="noopener noreferrer"', attribute
        )


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Call 785 555 0100.", '<a href="tel:7855550100" rel="noopener noreferrer">785 555 0100</a>'),
        ("(785) 555-0100", 'href="tel:7855550100"'),
        ("+44 20 7946 0958", 'href="tel:+442079460958"'),
        (
            "See https://a.example/x?y=1.",
            '<a href="https://a.example/x?y=1" rel="noopener noreferrer">https://a.example/x?y=1</a>.',
        ),
        ("[Pharmacy](tel:+17855550100)", 'href="tel:+17855550100"'),
        ("**Not** here", "<strong>Not</strong>"),
        ("- a\n- b", "<li>a</li>"),
        ("one\ntwo", "one<br>\ntwo"),
    ],
)
def test_what_a_note_may_hold(said: str, shown: str) -> None:
    assert shown in rendered_note(said)


@pytest.mark.parametrize(
    "said", ["Give 1000-2000 mg", "2026-11-24", "potassium 5.5 555 0100 1", "120 000 0000", "C-1001-555-0100"]
)
def test_a_figure_is_no_telephone_number(said: str) -> None:
    assert "tel:" not in rendered_note(said)


# --- writing ----------------------------------------------------------------------------------------------------------
def test_choose_write_change_delete(tmp_path: Path, cast: Cast) -> None:
    document(tmp_path, title="Sepsis")
    client = as_(cast.admin_prairie)
    assert 'href="/documents/a/local-notes/"' in text(client, "/documents/a/")
    assert "local-notes" not in text(as_(cast.clinician_prairie), "/documents/a/")
    page = text(client, "/documents/a/local-notes/")
    assert page.count("/local-notes/add/?revision=1") == 12
    page = text(client, "/documents/a/local-notes/?words=LACTATE")
    (link,) = re.findall(r'href="(/documents/a/local-notes/add/[^"]*)"', page)
    assert "No passage holds these words" in text(client, "/documents/a/local-notes/?words=zebra")
    link = link.replace("&amp;", "&")
    assert "Check lactate after two hours" in text(client, link)
    assert "Write what your people should know" in client.post(link, {"text": " "}).content.decode()
    response = client.post(link, {"text": "At Prairie after one hour.", "organization": "lakeside"})
    made = Overlay.objects.get()
    assert response["Location"] == f"/documents/a/#note-{made.pk}"
    assert (made.quote, made.author, made.organization) == (
        "Check lactate after two hours",
        cast.admin_prairie,
        cast.prairie,
    )
    own = f"/documents/a/local-notes/{made.pk}/"
    assert "At Prairie after one hour." in text(client, own)
    client.post(own, {"text": "After 90 minutes.", "version": 1})
    made.refresh_from_db()
    assert (made.text, made.version) == ("After 90 minutes.", 2)
    assert "Delete this note" in text(client, f"{own}delete/")
    assert Overlay.objects.exists()
    client.post(f"{own}delete/")
    assert not Overlay.objects.exists()
    said = list(
        AuditEvent.objects.filter(action__startswith="overlay").order_by("pk").values_list("action", "organization_id")
    )
    assert said == [(f"overlay.{what}", cast.prairie.pk) for what in ("add", "change", "delete")]
    assert not AuditEvent.objects.filter(detail__icontains="minutes").exists(), "no clinical text in the trail"


def test_what_is_wrong_is_refused(tmp_path: Path, cast: Cast) -> None:
    found = document(tmp_path)
    values: dict[str, Any] = {"document": found, "organization": cast.prairie, "by": cast.admin_prairie}
    for wrong in ({"text": " \0 "}, {"text": "x" * (LONGEST + 1)}, {"passage": 99}, {"passage": -1}, {"revision": 7}):
        with pytest.raises(Invalid):
            add_overlay(**values | {"text": "x", "passage": 0, "revision": 1} | wrong)
    for _ in range(MOST):
        add_overlay(**values, text="x", passage=0, revision=1)
    with pytest.raises(Conflict, match="most there may be"):
        add_overlay(**values, text="x", passage=0, revision=1)
    assert (
        "most there may be"
        in as_(cast.admin_prairie)
        .post("/documents/a/local-notes/add/?revision=1&passage=0", {"text": "x"})
        .content.decode()
    )
    retire_document(document=document(tmp_path, "b"), by="test")
    with pytest.raises(Conflict, match="retired"):
        note(Document.objects.get(slug="b"), "drug A", cast)


def test_two_who_write_at_once_lose_nothing(tmp_path: Path, cast: Cast, local_editor: Person) -> None:
    made = note(document(tmp_path), "drug A", cast)
    change_overlay(overlay=made, text="From the other", by=local_editor, version=1)
    client, own = as_(cast.admin_prairie), f"/documents/a/local-notes/{made.pk}/"
    page = client.post(own, {"text": "From me", "version": 1}).content.decode()
    assert "From the other" in page
    assert "From me</textarea>" in page
    assert "Lou Editor has changed this note meanwhile" in page
    assert Overlay.objects.get().text == "From the other"
    client.post(own, {"text": "From me", "version": re.findall(r'name="version" value="(\d+)"', page)[0]})
    assert Overlay.objects.get().text == "From me"


def test_one_who_writes_for_two_says_for_which(tmp_path: Path, cast: Cast) -> None:
    document(tmp_path)
    person = give(cast.admin_prairie, Role.Name.LOCAL_EDITOR, organization=cast.lakeside)
    client, path = as_(person), "/documents/a/local-notes/add/?revision=1&passage=0"
    assert "For which organization" in text(client, path)
    assert "field-error" in client.post(path, {"text": "x"}).content.decode()
    client.post(path, {"text": "x", "organization": "lakeside"})
    assert Overlay.objects.get().organization == cast.lakeside
    assert "Note of Lakeside" in text(as_(cast.clinician_lakeside), "/documents/a/")
    assert "Note of Lakeside" not in text(as_(cast.clinician_prairie), "/documents/a/")


# --- when the text changes --------------------------------------------------------------------------------------------
def revise(folder: Path, cast: Cast, *, by_import: bool, slug: str = "a", **values: Any) -> None:
    """Publish the document anew: by an editor from a draft, or by an import."""
    made = row(slug, **{"body": BODY, "recommendations": RECOMMENDATIONS} | values)
    load_rows(folder, made, draft=not by_import)
    if not by_import:
        draft = Document.objects.get(slug=slug).revisions.get(state="draft")
        declared = [Declared(change.key, "editorial") for change in changed_recommendations(draft)]
        publish_revision(revision=approve(draft, cast.reviewer), by=cast.editor, changes=declared)


def is_flagged(made: Overlay) -> bool:
    """Whether the note, as it is in the database, waits for a look."""
    return Overlay.objects.filter(pk=made.pk, flagged_at__isnull=False).exists()


CHANGED = BODY.replace("Give 5 mg of drug A twice a day.", "Give 10 mg of drug A twice a day.")


@pytest.mark.parametrize("by_import", [True, False])
def test_a_change_under_a_note_is_flagged_to_its_author(
    tmp_path: Path, cast: Cast, local_editor: Person, by_import: bool
) -> None:
    found = document(tmp_path, title="Sepsis")
    made, other = note(found, "drug A", cast, by=local_editor), note(found, "lactate", cast)
    revise(tmp_path, cast, by_import=by_import, title="Sepsis", body="An opening line.\n\n" + CHANGED)
    made.refresh_from_db()
    other.refresh_from_db()
    assert made.flagged_at is not None
    assert (other.flagged_at, other.revision.number) == (None, 2), "it moved with its words"
    (told,) = Notice.objects.filter(kind="overlay")
    assert (told.person, told.path) == (local_editor, f"/documents/a/local-notes/{made.pk}/")
    assert told.text == "The text under a note of Prairie Health in “Sepsis” has changed. See whether it still fits."
    mail = Mail.objects.get(to=local_editor.email)
    assert "10 mg" not in mail.body + mail.subject
    assert "Ward 5" not in mail.body + mail.subject
    page = text(as_(cast.clinician_prairie), "/documents/a/")
    assert "The text under this note has changed since." in page
    assert page.index("10 mg of drug A") < page.index("The text under this note") < page.index("Check potassium")
    home = text(as_(local_editor), "/")
    assert "Local notes whose text has changed" in home
    assert told.path in home
    assert "Local notes whose text has changed" not in text(as_(cast.clinician_prairie), "/")
    page = text(as_(local_editor), told.path)
    assert re.search(r"<del>.*?>5<.*?</del><ins>.*?>10<.*?</ins>", page, re.S)
    assert not local_editor.notices.filter(read_at=None).exists(), "looked at"
    assert "1 note has changed since" in text(as_(local_editor), "/local-notes/")


def test_keep_fastens_it_to_the_new_words(tmp_path: Path, cast: Cast) -> None:
    made = note(document(tmp_path), "drug A", cast)
    revise(tmp_path, cast, by_import=False, body=CHANGED)
    client, own = as_(cast.admin_prairie), f"/documents/a/local-notes/{made.pk}/"
    page = text(client, own)
    seen = dict(re.findall(r'name="(revision|passage)" value="(\d+)"', page))
    revise(tmp_path, cast, by_import=False, body=CHANGED.replace("10 mg", "20 mg"))
    client.post(f"{own}keep/", seen)
    assert is_flagged(made), "what was published meanwhile has not been seen"
    seen = dict(re.findall(r'name="(revision|passage)" value="(\d+)"', text(client, own)))
    client.post(f"{own}keep/", seen)
    made.refresh_from_db()
    assert (made.quote, made.revision.number) == ("Give 20 mg of drug A twice a day.", 3)
    assert not is_flagged(made)
    assert "has changed since" not in text(client, "/documents/a/")
    revise(tmp_path, cast, by_import=False, body=BODY)
    assert is_flagged(made), "it holds the new words now"


def test_changing_the_words_and_keeping_it_is_one_act(tmp_path: Path, cast: Cast) -> None:
    made = note(document(tmp_path), "drug A", cast)
    revise(tmp_path, cast, by_import=False, body=CHANGED)
    client, own = as_(cast.admin_prairie), f"/documents/a/local-notes/{made.pk}/"
    seen = dict(re.findall(r'name="(revision|passage|version)" value="(\d+)"', text(client, own)))
    client.post(own, seen | {"text": "Half of it here"})
    assert is_flagged(made), "saved, and still to be looked at"
    seen["version"] = "2"
    client.post(own, seen | {"text": "Half of it here, too", "keep": "1"})
    assert not is_flagged(made)
    assert Overlay.objects.get().text == "Half of it here, too"


def test_what_comes_back_is_flagged_no_more_and_nobody_is_told_twice(tmp_path: Path, cast: Cast) -> None:
    made = note(document(tmp_path), "drug A", cast)
    for body in (CHANGED, CHANGED.replace("10 mg", "20 mg")):
        revise(tmp_path, cast, by_import=True, body=body)
    assert Notice.objects.filter(kind="overlay").count() == 1
    revise(tmp_path, cast, by_import=True, body=BODY)
    made.refresh_from_db()
    assert made.flagged_at is None
    revise(tmp_path, cast, by_import=True, body=CHANGED)
    assert Notice.objects.filter(kind="overlay").count() == 2


def test_a_removed_passage_leaves_its_note_to_be_moved(tmp_path: Path, cast: Cast) -> None:
    made = note(document(tmp_path), "Call the ward", cast, "Ward 5")
    revise(tmp_path, cast, by_import=True, body=BODY.replace("Call the ward.", ""))
    page = text(as_(cast.clinician_prairie), "/documents/a/")
    assert "Notes whose text was removed" in page
    assert "Written beside “Call the ward.”" in page
    client, own = as_(cast.admin_prairie), f"/documents/a/local-notes/{made.pk}/"
    assert "been removed" in text(client, own)
    page = text(client, f"/documents/a/local-notes/?move={made.pk}&words=potassium")
    client.post(f"{own}keep/", dict(re.findall(r'name="(revision|passage)" value="(\d+)"', page)))
    made.refresh_from_db()
    assert (made.quote, made.flagged_at, made.text) == ("Check potassium", None, "Ward 5")


def test_a_recommendation_keeps_its_note_by_its_key(tmp_path: Path, cast: Cast) -> None:
    made = note(document(tmp_path), "30 ml/kg", cast, "Ours")
    changed = [RECOMMENDATIONS[0] | {"text": "Give 20 ml/kg, then look again at the lungs before any more fluid."}]
    revise(tmp_path, cast, by_import=False, recommendations=changed)
    made.refresh_from_db()
    assert made.flagged_at
    page = text(as_(cast.clinician_prairie), "/documents/a/")
    assert 'role="note"' in page.split('id="r-fluid"')[1].split("</li>")[0]


def test_administrators_are_told_when_the_author_has_left(tmp_path: Path, cast: Cast, local_editor: Person) -> None:
    found = document(tmp_path)
    note(found, "drug A", cast, by=local_editor)
    local_editor.roles.all().delete()
    give(local_editor, Role.Name.CLINICIAN, organization=cast.prairie)
    revise(tmp_path, cast, by_import=False, body=CHANGED)
    assert [row.person for row in Notice.objects.filter(kind="overlay")] == [cast.admin_prairie]


def test_an_import_tells_each_author_once_and_costs_the_same(tmp_path: Path, cast: Cast) -> None:
    def queries(count: int) -> int:
        rows = [row(f"{count}-{number}", body=BODY, title=f"T{number}") for number in range(count)]
        load_rows(tmp_path, *rows)
        for found in Document.objects.filter(slug__startswith=f"{count}-"):
            note(found, "drug A", cast)
        with CaptureQueriesContext(connection) as captured:
            load_rows(tmp_path, *(made | {"body": CHANGED} for made in rows))
        return len(captured)

    assert queries(3) == queries(25)
    texts = list(Notice.objects.filter(kind="overlay").values_list("text", flat=True))
    assert len(texts) == 2
    assert any("25 notes of your organization" in said for said in texts)


def test_a_draft_flags_nothing(tmp_path: Path, cast: Cast) -> None:
    made = note(document(tmp_path), "drug A", cast)
    load_rows(tmp_path, row("a", body=CHANGED), draft=True)
    made.refresh_from_db()
    assert made.flagged_at is None


def test_a_form_left_open_while_the_text_changed(tmp_path: Path, cast: Cast) -> None:
    found = document(tmp_path)
    stay, gone = number_of(found, "lactate"), number_of(found, "drug A")
    revise(tmp_path, cast, by_import=True, body="New.\n\n" + CHANGED)
    client = as_(cast.admin_prairie)
    client.post(f"/documents/a/local-notes/add/?revision=1&passage={stay}", {"text": "Still right"})
    assert Overlay.objects.get().quote == "Check lactate after two hours"
    page = client.post(
        f"/documents/a/local-notes/add/?revision=1&passage={gone}", {"text": "My words"}
    ).content.decode()
    assert "has changed since you opened the page" in page
    assert "My words</textarea>" in page
    (action,) = re.findall(r'action="(/documents/a/local-notes/add/[^"]*)"', page)
    client.post(action.replace("&amp;", "&"), {"text": "My words"})
    assert Overlay.objects.get(text="My words").quote == "Give 10 mg of drug A twice a day."


# --- lists ------------------------------------------------------------------------------------------------------------
def test_rows_are_marked_for_people_of_the_organization(tmp_path: Path, cast: Cast) -> None:
    note(document(tmp_path, title="Sepsis"), "drug A", cast)
    document(tmp_path, "b", title="Sepsis too")
    indexing.index_pending()
    for path in ("/", "/search/?q=sepsis", "/documents/"):
        assert text(as_(cast.clinician_prairie), path).count("Note of your organization") == 1, path
        assert "Note of your organization" not in text(as_(cast.clinician_lakeside), path)


def client_with_notes(cast: Cast) -> Client:
    for found in Document.objects.exclude(overlays__isnull=False).select_related("current_revision"):
        add_overlay(document=found, organization=cast.prairie, revision=1, passage=0, text="x", by=cast.admin_prairie)
    return as_(cast.admin_prairie)


@pytest.mark.parametrize("path", ["/local-notes/", "/documents/", "/search/?q=murmur"])
def test_the_cost_is_flat(tmp_path: Path, cast: Cast, path: str) -> None:
    def queries(documents: int) -> int:
        make_documents(tmp_path, documents)
        client = client_with_notes(cast)
        indexing.index_pending()
        text(client, path)
        with CaptureQueriesContext(connection) as captured:
            text(client, path)
        return len(captured)

    assert queries(4) == queries(40)


def test_a_document_costs_the_same_with_many_notes_changed_or_not(tmp_path: Path, cast: Cast) -> None:
    found = document(tmp_path)
    client = as_(cast.admin_prairie)

    def queries() -> int:
        text(client, "/documents/a/")
        with CaptureQueriesContext(connection) as captured:
            text(client, "/documents/a/")
        return len(captured)

    note(found, "drug A", cast)
    few = queries()
    for words in ("drug A", "lactate", "Fever", "30 ml/kg", "A | 5 mg"):
        note(found, words, cast)
    assert queries() == few
    revise(tmp_path, cast, by_import=True, body=CHANGED.replace("lactate", "glucose"))
    assert queries() <= few + 2, "the passages that were"


def test_the_list_of_all(tmp_path: Path, cast: Cast, foreign_admin: Person) -> None:
    made = note(document(tmp_path, title="Zeta"), "drug A", cast, "Formulary")
    note(document(tmp_path, "b", title="Alpha"), "drug A", cast, "Telephone")
    revise(tmp_path, cast, by_import=True, title="Zeta", body=CHANGED)
    client = as_(cast.admin_prairie)
    page = text(client, "/local-notes/")
    assert page.index("Zeta") < page.index("Alpha"), "what asks for a look comes first"
    assert f"/documents/a/local-notes/{made.pk}/" in page
    assert "Telephone" not in text(client, "/local-notes/?changed=1")
    assert "Formulary" not in text(client, "/local-notes/?words=telephone")
    assert "Nothing found" in text(client, "/local-notes/?words=zebra")
    assert "No notes yet" in text(as_(foreign_admin), "/local-notes/")
    assert 'href="/local-notes/' in text(client, "/organizations/prairie/")
    assert 'href="/local-notes/' in text(client, "/account/")


# --- the filter of a search -------------------------------------------------------------------------------------------
def found(person: Person, address: str) -> list[str]:
    page = text(as_(person), f"/search/?q=drug&{address}")
    return re.findall(r'<h2><a href="/documents/([a-z-]+)/', page)


def test_a_search_narrows_down_to_what_one_s_own_organization_has_notes_on(tmp_path: Path, cast: Cast) -> None:
    note(document(tmp_path), "drug A", cast)
    make_document(tmp_path, "other", body="Another drug.")
    indexing.index_pending()
    assert sorted(found(cast.clinician_prairie, "")) == ["a", "other"]
    assert found(cast.clinician_prairie, "noted=1") == ["a"]
    asked = api(cast.clinician_prairie)
    assert [row["id"] for row in get(asked, "search/?q=drug&noted=true")["results"]] == ["a"]
    for person in (cast.clinician_lakeside, cast.editor, cast.network_admin, cast.specialist):
        assert found(person, "noted=1") == [], person.email
        answer = get(api(person), "search/?q=drug&noted=true")
        assert (answer["count"], answer["facets"]) == (0, {"kind": {}, "specialty": {}}), person.email
    assert "With notes of your organization" in text(as_(cast.clinician_lakeside), "/search/?q=drug")
    assert "With notes of your organization" not in text(as_(cast.editor), "/search/?q=drug")


def test_the_other_engine_narrows_down_too(tmp_path: Path, cast: Cast, settings: Any) -> None:
    settings.SEARCH_ENGINE = "postgresql"
    note(document(tmp_path), "drug A", cast)
    make_document(tmp_path, "other", body="Another drug.")
    assert found(cast.clinician_prairie, "noted=1") == ["a"]
    assert found(cast.clinician_lakeside, "noted=1") == []
