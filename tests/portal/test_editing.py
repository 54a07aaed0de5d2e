"""What waits for editors: each row is there, leads to the act that mends it, and tells of no single organization."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.models import Reading
from knowledge.services import give_feedback, record_reading, submit_revision
from knowledge.services.searching import record_search
from portal.editing import most_read
from portal.members.models import Role
from tests.cast import Cast, give, make_person, sign_in
from tests.consults.helpers import closed
from tests.knowledge.helpers import load_rows, make_document, make_draft, row

pytestmark = pytest.mark.django_db


def page(cast: Cast) -> str:
    response = sign_in(Client(), cast.editor).get("/editing/")
    assert response.status_code == 200
    return str(response.content.decode())


def test_each_row_leads_to_the_act_that_mends_it(tmp_path: Path, cast: Cast) -> None:
    overdue = make_document(tmp_path, "overdue", title="Overdue one", review_due="2026-01-02")
    draft = make_draft(tmp_path, "waiting", title="Waiting one")
    due = timezone.localdate() + timedelta(days=3)
    submit_revision(revision=draft, reviewers=[(cast.reviewer, None)], due_on=due, by=cast.editor)
    give_feedback(document=overdue, revision=1, answer="no", reason="unclear", by=cast.clinician_prairie)
    consult = closed(cast)
    words = page(cast)
    for part in (
        "/documents/overdue/verify/",
        "/documents/waiting/revisions/1/review/",
        cast.reviewer.name,
        "/documents/overdue/edit/",
        "1 no, 0 partly, 0 yes",
        f"/answers/{consult.number}/",
    ):
        assert part in words


def test_searches_in_vain(cast: Cast) -> None:
    found: dict[str, Any] = {"count": 0, "corrected": False, "degraded": False, "is_first": True}
    record_search(query="zzqqxx fever", by=cast.clinician_prairie, at=timezone.now(), **found)
    words = page(cast)
    assert "zzqqxx fever" in words
    assert "1 time" in words


def test_readers_below_eleven_are_no_number(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "read", title="Read by some")
    for number in range(11):
        assert [row.readers for row in most_read(cast.editor, since=timezone.now() - timedelta(days=30))] in (
            [],
            [None],
        )
        person = make_person(f"r{number}@prairie.example", f"R {number}")
        record_reading(document=document, by=give(person, Role.Name.CLINICIAN, organization=cast.prairie))
    assert "11 readers" in page(cast)
    Reading.objects.update(at=timezone.now() - timedelta(days=31))
    assert most_read(cast.editor, since=timezone.now() - timedelta(days=30)) == []


@pytest.mark.parametrize(
    "who", ["clinician_prairie", "admin_prairie", "specialist", "lead", "network_admin", "auditor"]
)
def test_for_editors_alone(cast: Cast, who: str) -> None:
    assert sign_in(Client(), getattr(cast, who)).get("/editing/").status_code == 403


def test_empty_it_says_so(cast: Cast) -> None:
    words = page(cast)
    for part in ("Nothing is overdue", "Nobody is waited for", "Every search found something", "Nothing was read"):
        assert part in words


def test_it_costs_the_same_with_many(tmp_path: Path, cast: Cast) -> None:
    client = sign_in(Client(), cast.editor)
    client.get("/editing/")
    costs: list[int] = []
    for count in (1, 7):
        values: dict[str, Any] = {"review_due": "2026-01-02"}
        load_rows(tmp_path, *(row(f"d{count}-{number}", **values) for number in range(count)))
        for number in range(count):
            draft = make_draft(tmp_path, f"w{count}-{number}")
            due = timezone.localdate() + timedelta(days=3)
            submit_revision(revision=draft, reviewers=[(cast.reviewer, None)], due_on=due, by=cast.editor)
            closed(cast)
        with CaptureQueriesContext(connection) as seen:
            client.get("/editing/")
        costs.append(len(seen))
    assert costs[0] == costs[1]
