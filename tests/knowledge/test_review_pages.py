"""The pages of a review: who gets to them, what stands on them, and that they cost the same with many remarks."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.models import Remark, Review, Revision
from knowledge.services import add_remark, decide, publish_revision, submit_revision
from portal.members import kept
from tests.cast import Cast, away
from tests.knowledge.helpers import FLOW, make_document
from tests.knowledge.reviews import approved, drafted, in_days, review_of, submitted
from tests.knowledge.test_pages import as_, text

pytestmark = pytest.mark.django_db
NO_REVIEWERS = ["clinician_prairie", "admin_prairie", "specialist2", "network_admin", "auditor"]
HERE = "/documents/a/revisions/1/review/"
PARTS: dict[str, Any] = {
    "body": "## Part\n\nFirst passage.\n\nSecond passage.\n\n" + FLOW,
    "recommendations": [{"key": "dose", "text": "Give 5 mg.", "strength": "strong", "grade": "low"}],
}


def post(client: Client, path: str, status: int = 302, **data: object) -> str:
    response = client.post(path, data)
    assert response.status_code == status, (path, response.status_code)
    return response.content.decode() if status != 302 else response["Location"]


# --- sending to review --------------------------------------------------------------------------------------------


def test_the_page_explains_and_proposes(tmp_path: Path, cast: Cast) -> None:
    drafted(tmp_path, cast.editor, kind="protocol")
    away(cast.lead, timezone.now() + timedelta(days=3))
    page = text(as_(cast.editor), "/documents/a/submit/")
    for part in (
        "2 people who wrote none of it",
        "Reviewer 3",
        "Mei Tanaka (editor)",
        "Paola Reyes (section lead, away",
    ):
        assert part in page, part
    assert "Sam Okafor (editor)" not in page, "the author"
    week = timezone.localdate(timezone=ZoneInfo(cast.editor.time_zone)) + timedelta(days=7)
    assert f'value="{week.isoformat()}"' in page


def test_sending_it(tmp_path: Path, cast: Cast) -> None:
    drafted(tmp_path, cast.editor)
    client, path = as_(cast.editor), "/documents/a/submit/"
    page = post(client, path, 200, reviewer_1="", due_on="2020-01-01")
    assert "Reviewer 1: This field is required" in page
    assert "Choose a day from today on" in post(client, path, 200, reviewer_1=cast.lead.pk, due_on="2020-01-01")
    wrong = post(client, path, 200, reviewer_1=cast.lead.pk, deputy_1=cast.lead.pk, due_on=in_days(7))
    assert "Name each person once" in wrong
    assert "stands in for" in post(
        client, path, 200, reviewer_1=cast.lead.pk, deputy_2=cast.specialist.pk, due_on=in_days(7)
    )
    for person in (cast.editor, cast.clinician_prairie):
        assert "Select a valid choice" in post(client, path, 200, reviewer_1=person.pk, due_on=in_days(7))
    assert post(client, path, reviewer_1=cast.lead.pk, deputy_1=cast.specialist.pk, due_on=in_days(7)) == HERE
    review = Review.objects.get()
    assert (review.reviewer, review.deputy, review.due_on) == (cast.lead, cast.specialist, in_days(7))
    text(client, path, 404)


def test_the_next_round_proposes_the_last_one_s_people_and_shows_what_is_asked(tmp_path: Path, cast: Cast) -> None:
    revision = submitted(tmp_path, cast, cast.lead)
    add_remark(revision=revision, place="title", quote="About a", text="Shorter, please.", by=cast.lead)
    settled = add_remark(revision=revision, text="Never mind.", by=cast.lead)
    client = as_(cast.editor)
    post(client, f"{HERE}remarks/{settled.pk}/resolve/")
    decide(review=review_of(revision, cast.lead), decision="changes", reason="Mind the title.", by=cast.lead)
    for path in ("/documents/a/submit/", "/documents/a/draft/"):
        page = text(client, path)
        for part in ("What the review asks for", "Mind the title.", "Shorter, please.", "<q>About a</q>"):
            assert part in page, (path, part)
        assert "Never mind" not in page, path
    assert f'<option value="{cast.lead.pk}" selected>' in text(client, "/documents/a/submit/")
    open_one = Remark.objects.get(resolved_at=None)
    done = post(client, f"{HERE}remarks/{open_one.pk}/resolve/", next="/documents/a/draft/")
    assert done == "/documents/a/draft/"
    assert post(client, f"{HERE}remarks/{open_one.pk}/reopen/", next="//evil.example/").startswith(HERE)
    assert "to settle" in text(client, "/documents/a/draft/")
    decided = Revision.objects.get(state="draft")
    submit_revision(revision=decided, reviewers=[(cast.lead, None)], due_on=in_days(7), by=cast.editor)


@pytest.mark.parametrize("who", [*NO_REVIEWERS, "lead"])
def test_only_editors_send(tmp_path: Path, cast: Cast, who: str) -> None:
    drafted(tmp_path, cast.editor)
    client = as_(getattr(cast, who))
    assert client.get("/documents/a/submit/").status_code == 403
    post(client, "/documents/a/submit/", 403)


def test_what_was_asked_before_the_last_publication_is_settled_with_it(tmp_path: Path, cast: Cast) -> None:
    revision = submitted(tmp_path, cast, cast.lead)
    add_remark(revision=revision, text="Numbat.", by=cast.lead)
    decide(review=review_of(revision, cast.lead), decision="changes", reason="Wombat.", by=cast.lead)
    publish_revision(revision=Revision.objects.get(state="draft"), by="import")
    drafted(tmp_path, cast.editor, title="Next")
    page = text(as_(cast.editor), "/documents/a/draft/")
    assert "Wombat" not in page
    assert "Numbat" not in page
    history = text(as_(cast.editor), "/documents/a/history/")
    assert f'href="{HERE}"' in history, "the revision given back"


def test_only_a_draft_is_sent(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a")
    for slug in ("a", "none"):
        text(as_(cast.editor), f"/documents/{slug}/submit/", 404)


# --- the review ---------------------------------------------------------------------------------------------------


def test_what_stands_on_it(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a", body="## Part\n\nOld passage.")
    revision = submitted(tmp_path, cast, cast.lead, **PARTS)
    where = f"/documents/a/revisions/{revision.number}/review/"
    for place, quote in (("body", "First passage"), ("recommendation:dose", "5 mg"), ("", ""), ("body", "")):
        add_remark(revision=revision, place=place, quote=quote, text=f"On {quote or place or 'all'}!", by=cast.lead)
    client = as_(cast.lead)
    page = text(client, where)
    for part in (
        "Your decision is asked for by",
        "From revision 1",
        "<del>",
        "Old",
        'data-place="recommendation:dose"',
        "0 of 1 approval given",
        "On First passage!",
        "On 5 mg!",
        "On all!",
        "On body!",
        f"revision={revision.number}",
        "Record my decision",
    ):
        assert part in page, part
    assert page.index("First passage.") < page.index("On First passage!") < page.rindex("Second passage.")
    assert "Replace, or name" not in page, "no editor"
    assert "diff-side" in text(client, f"{where}?view=side")
    editor = text(as_(cast.editor), where)
    assert "Record my decision" not in editor
    for part in ("Remind<span", "Replace, or name", "Ask one more", "Withdraw from review"):
        assert part in editor, part
    assert "Claim<span" not in editor, "the author"
    assert "Claim<span" in text(as_(cast.reviewer), where)


def test_who_opens_it(tmp_path: Path, cast: Cast) -> None:
    draft = drafted(tmp_path, cast.editor, **PARTS)
    submit_revision(revision=draft, reviewers=[(cast.lead, cast.specialist)], due_on=in_days(7), by=cast.editor)
    other = drafted(tmp_path, cast.editor, "b")
    submit_revision(revision=other, reviewers=[(cast.reviewer, None)], due_on=in_days(7), by=cast.editor)
    remark = add_remark(revision=draft, text="Wombat.", by=cast.lead)
    for person in (cast.lead, cast.specialist, cast.reviewer, cast.editor):
        assert "First passage" in text(as_(person), HERE)
        text(as_(person), "/documents/a/diagram.svg?revision=1")
    for who in NO_REVIEWERS:
        client = as_(getattr(cast, who))
        text(client, HERE, 404)
        text(client, "/documents/a/diagram.svg?revision=1", 404)
        text(client, "/documents/a/history/", 404)
        for path in ("decide/", "remarks/", f"remarks/{remark.pk}/reply/", f"remarks/{remark.pk}/resolve/"):
            post(client, f"{HERE}{path}", 404, text="x", decision="approved")
        for path in ("withdraw/", "reviewers/", f"reviewers/{draft.reviews.get().pk}/claim/"):
            post(client, f"{HERE}{path}", 403)
    for person in (cast.lead, cast.specialist):
        text(as_(person), "/documents/b/revisions/1/review/", 404)
        text(as_(person), f"/documents/a/revisions/{10**20}/review/", 404)
        post(as_(person), f"/documents/b/revisions/1/review/remarks/{remark.pk}/resolve/", 404)
    post(as_(cast.editor), f"/documents/b/revisions/1/review/remarks/{remark.pk}/resolve/", 404)
    post(as_(cast.editor), f"/documents/b/revisions/1/review/reviewers/{draft.reviews.get().pk}/remind/", 404)
    post(as_(cast.editor), f"{HERE}reviewers/{10**20}/remind/", 404)
    assert Client().get(HERE).status_code == 302


def test_a_published_revision_s_review_is_for_those_who_took_part(tmp_path: Path, cast: Cast) -> None:
    revision = approved(tmp_path, cast)
    Revision.objects.filter(pk=revision.pk).update(state="published", published_at=timezone.now())
    revision.document.current_revision = revision
    revision.document.save()
    text(as_(cast.clinician_prairie), "/documents/a/revisions/1/")
    for who in (*NO_REVIEWERS, "lead"):
        text(as_(getattr(cast, who)), HERE, 404)
    assert "Approved" in text(as_(cast.reviewer), HERE)


def test_a_draft_has_no_review(tmp_path: Path, cast: Cast) -> None:
    drafted(tmp_path, cast.editor)
    text(as_(cast.editor), HERE, 404)


def test_deciding(tmp_path: Path, cast: Cast) -> None:
    submitted(tmp_path, cast, cast.lead, cast.specialist, kind="protocol")
    client, path = as_(cast.lead), f"{HERE}decide/"
    assert "This field is required" in post(client, path, 200)
    page = post(client, path, 200, decision="changes", reason=" ")
    assert "Say what should change." in page
    post(as_(cast.editor), path, 403, decision="approved")
    post(as_(cast.reviewer), path, 403, decision="approved")
    post(client, path, decision="approved", reason="Fine.")
    assert "Your approval is recorded." in text(client, HERE)
    post(client, path, 403, decision="approved")
    other = as_(cast.specialist)
    post(other, path, decision="changes", reason="The dose.")
    page = text(other, HERE)
    for part in ("You asked for changes", "Given back to its author", "The dose.", "Fine."):
        assert part in page, part
    page = post(client, path, 409, decision="changes", reason="Typed with care.")
    assert "not in review any more" in page
    assert "Typed with care." in page


def test_what_was_typed_survives_the_session_s_end(tmp_path: Path, cast: Cast) -> None:
    submitted(tmp_path, cast, cast.lead)
    client = as_(cast.lead)
    client.get(HERE)
    mark = kept._mark(cast.lead)
    client.logout()
    client.cookies[kept.COOKIE] = mark
    client.post(f"{HERE}decide/", {"decision": "changes", "reason": "A long reason."}, headers={"Referer": ""})
    session = client.session
    kept_form = session[kept.KEY]
    client.force_login(cast.lead)
    session = client.session
    session[kept.KEY] = kept_form
    session.save()
    page = text(client, HERE)
    assert "A long reason." in page
    assert re.search(r'value="changes"[^>]* checked', page)
    assert "A long reason." not in text(client, HERE), "once"


def test_remarking_replying_and_settling(tmp_path: Path, cast: Cast) -> None:
    submitted(tmp_path, cast, cast.lead, **PARTS)
    client = as_(cast.lead)
    page = post(client, f"{HERE}remarks/", 200, place="body", quote="Third passage", text="My words.")
    assert "do not stand in that place" in page
    assert "My words." in page
    assert "Select a valid choice" in post(client, f"{HERE}remarks/", 200, place="elsewhere", text="x")
    where = post(client, f"{HERE}remarks/", place="body", quote="Second  passage", text="Why?")
    remark = Remark.objects.get()
    assert where == f"{HERE}#remark-{remark.pk}"
    editor = as_(cast.editor)
    assert "This field is required" in post(editor, f"{HERE}remarks/{remark.pk}/reply/", 200)
    post(editor, f"{HERE}remarks/{remark.pk}/reply/", text="Because.")
    page = text(client, HERE)
    assert page.index("Second passage.") < page.index("Why?") < page.index("Because.")
    post(editor, f"{HERE}remarks/{remark.pk}/resolve/")
    assert f"Settled by {cast.editor.name}" in text(client, HERE)
    post(client, f"{HERE}remarks/{remark.pk}/reopen/")
    assert "Settled by" not in text(client, HERE)
    reply = Remark.objects.get(parent=remark)
    post(client, f"{HERE}remarks/{reply.pk}/reply/", 404, text="x")


def test_a_remark_says_nothing_in_html(tmp_path: Path, cast: Cast) -> None:
    revision = submitted(tmp_path, cast, cast.lead, body="Beware of <b>bold</b> & more.")
    add_remark(revision=revision, place="body", quote="<b>bold</b> &", text="<script>alert(1)</script>", by=cast.lead)
    page = text(as_(cast.lead), HERE)
    assert "<script>alert" not in page
    assert "<b>bold" not in page
    assert page.index("&lt;b&gt;bold&lt;/b&gt;") < page.index("&lt;script&gt;alert")


def test_what_editors_do_about_reviewers(tmp_path: Path, cast: Cast) -> None:
    revision = submitted(tmp_path, cast, cast.lead)
    review, client = review_of(revision, cast.lead), as_(cast.reviewer)
    one = f"{HERE}reviewers/{review.pk}/"
    post(client, f"{one}remind/")
    assert "A reminder is on its way" in text(client, HERE)
    post(client, f"{one}remind/")
    assert "was reminded today already" in text(client, HERE)
    assert "This field is required" in post(client, f"{one}replace/", 200, due_on=in_days(3))
    post(client, f"{one}replace/", reviewer=cast.specialist.pk, deputy=cast.lead.pk, due_on=in_days(3))
    assert f"{cast.specialist.name} reviews it" in text(client, HERE)
    page = post(client, f"{HERE}reviewers/", 200, reviewer=cast.lead.pk, due_on=in_days(3))
    assert "Name each person once" in page
    post(client, f"{HERE}reviewers/", reviewer=cast.specialist2.pk, due_on=in_days(3))
    post(client, f"{one}claim/")
    review.refresh_from_db()
    assert review.reviewer == cast.reviewer
    assert post(client, f"{HERE}withdraw/") == "/documents/a/draft/"
    assert "kept as history" in text(client, "/documents/a/draft/")
    post(client, f"{HERE}withdraw/")
    assert "not under review" in text(client, HERE)


def test_opening_it_reads_the_notice(tmp_path: Path, cast: Cast) -> None:
    submitted(tmp_path, cast, cast.lead)
    client = as_(cast.lead)
    assert cast.lead.notices.get().path == HERE
    text(client, HERE)
    assert cast.lead.notices.get().read_at


# --- lists --------------------------------------------------------------------------------------------------------


def test_my_reviews(tmp_path: Path, cast: Cast) -> None:
    client = as_(cast.lead)
    assert "Nothing waits for your review" in text(client, "/reviews/")
    submitted(tmp_path, cast, cast.lead, slug="wait", title="Waiting one")
    late = submitted(tmp_path, cast, cast.lead, slug="late", title="Late one")
    Review.objects.filter(revision=late).update(due_on=in_days(-2))
    done = submitted(tmp_path, cast, cast.lead, slug="done", title="Done one")
    decide(review=review_of(done, cast.lead), decision="approved", by=cast.lead)
    over = submitted(tmp_path, cast, cast.lead, cast.reviewer, slug="over", title="Over one")
    decide(review=review_of(over, cast.reviewer), decision="approved", by=cast.reviewer)
    submitted(tmp_path, cast, cast.reviewer, slug="other", title="Other one")
    page = text(client, "/reviews/")
    assert page.index("Late one") < page.index("Waiting one")
    assert "Overdue since" in page
    for title in ("Done one", "Over one", "Other one"):
        assert title not in page
    assert "Done one" in text(client, "/reviews/?state=decided")
    assert "Over one" in text(client, "/reviews/?state=over")
    assert "Late one" in text(client, "/reviews/?state=nonsense")
    home = text(client, "/")
    assert "Waiting for your review" in home
    assert "Late one" in home
    assert "Waiting for your review" not in text(as_(cast.specialist2), "/")


def test_a_deputy_s_list_while_the_reviewer_is_away(tmp_path: Path, cast: Cast) -> None:
    draft = drafted(tmp_path, cast.editor)
    submit_revision(revision=draft, reviewers=[(cast.lead, cast.specialist)], due_on=in_days(7), by=cast.editor)
    client = as_(cast.specialist)
    assert "Nothing waits" in text(client, "/reviews/")
    assert "Record my decision" not in text(client, HERE)
    away(cast.lead, timezone.now() + timedelta(days=1))
    assert f"For {cast.lead.name}" in text(client, "/reviews/")
    assert f"You are the deputy of {cast.lead.name}" in text(client, HERE)
    post(client, f"{HERE}decide/", decision="approved")
    assert "About a" in text(client, "/reviews/?state=decided")


@pytest.mark.parametrize("who", ["clinician_prairie", "admin_prairie", "network_admin", "auditor"])
def test_the_list_is_for_those_who_review(cast: Cast, who: str) -> None:
    client = as_(getattr(cast, who))
    text(client, "/reviews/", 404)
    assert "/reviews/" not in text(client, "/")


def test_states_in_the_list_of_documents(tmp_path: Path, cast: Cast) -> None:
    drafted(tmp_path, cast.editor, "drafted", title="Drafted one")
    submitted(tmp_path, cast, cast.lead, slug="reviewed", title="Reviewed one")
    approved(tmp_path, cast, slug="approved", title="Approved one")
    back = submitted(tmp_path, cast, cast.lead, slug="back", title="Back one")
    decide(review=review_of(back, cast.lead), decision="changes", reason="x", by=cast.lead)
    timed = approved(tmp_path, cast, slug="timed", title="Timed one")
    Revision.objects.filter(pk=timed.pk).update(state="scheduled", scheduled_for=timezone.now() + timedelta(days=1))
    client = as_(cast.editor)
    whole = text(client, "/documents/manage/")
    for part in ("1 in review", "1 approved", "1 scheduled", "Changes asked for", f"{cast.lead.name}, for "):
        assert part in whole, part

    def listed(state: str) -> set[str]:
        page = text(client, f"/documents/manage/?state={state}")
        titles = ("Drafted one", "Reviewed one", "Approved one", "Back one", "Timed one")
        return {title.partition(" ")[0] for title in titles if title in page}

    assert listed("draft") == {"Drafted", "Back"}
    assert listed("returned") == {"Back"}
    assert listed("in-review") == {"Reviewed"}
    assert listed("approved") == {"Approved"}
    assert listed("scheduled") == {"Timed"}
    assert listed("published") == set()


def queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_the_cost_of_a_review_is_flat(tmp_path: Path, cast: Cast) -> None:
    recommendations = [{"key": f"k{n}", "text": f"Do {n}.", "strength": "strong"} for n in range(20)]
    revision = submitted(tmp_path, cast, cast.lead, **(PARTS | {"recommendations": recommendations}))
    add_remark(revision=revision, place="body", quote="First", text="One.", by=cast.lead)
    clients = [as_(cast.lead), as_(cast.editor)]
    before = [queries(client, HERE) for client in clients]
    for number in range(20):
        parent = add_remark(revision=revision, place=f"recommendation:k{number}", text="More.", by=cast.lead)
        add_remark(revision=revision, parent=parent, text="Less.", by=cast.editor)
    assert [queries(client, HERE) for client in clients] == before
    assert max(before) <= 35, before


@pytest.mark.parametrize("path", ["/reviews/", "/documents/manage/", "/documents/manage/?state=in-review", "/"])
def test_the_cost_of_the_lists_is_flat(tmp_path: Path, cast: Cast, path: str) -> None:
    client = as_(cast.reviewer)

    def cost(slugs: range) -> int:
        for number in slugs:
            submitted(tmp_path, cast, cast.reviewer, cast.lead, slug=f"d-{number}")
        return queries(client, path)

    assert cost(range(2)) == cost(range(2, 25)) <= 25
