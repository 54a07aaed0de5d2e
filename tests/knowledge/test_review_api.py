"""Reviews and remarks over REST: the whole way, who may, and that the answers are as the schema says."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from knowledge.models import Remark, Review, Revision
from knowledge.services import add_remark
from tests.cast import Cast
from tests.knowledge.reviews import drafted, in_days, review_of, submitted
from tests.knowledge.test_api import api
from tests.portal.test_schema import check

pytestmark = pytest.mark.django_db
HERE = "documents/a/revisions/1/"
FORM = "documents/{slug}/revisions/{number}/"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    out = StringIO()
    call_command("spectacular", "--fail-on-warn", stdout=out)
    made: dict[str, Any] = yaml.safe_load(out.getvalue())
    return made


def send(client: Client, path: str, status: int, schema: dict[str, Any], form: str, **data: object) -> Any:
    response = client.post(f"/api/v1/{path}", data, content_type="application/json")
    assert response.status_code == status, (path, response.content)
    check(schema, form, "post", response)
    return response.json()


def read(client: Client, path: str, status: int, schema: dict[str, Any], form: str) -> Any:
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == status, (path, response.content)
    check(schema, form, "get", response)
    return response.json()


def test_the_whole_way(tmp_path: Path, cast: Cast, schema: dict[str, Any]) -> None:
    drafted(tmp_path, cast.editor, kind="protocol")
    editor, lead, second = api(cast.editor), api(cast.lead), api(cast.reviewer)
    submit = f"{FORM}submit/"
    send(editor, f"{HERE}submit/", 400, schema, submit)
    unknown = {"reviewers": [{"reviewer": "nobody@network.example"}], "due_on": str(in_days(7))}
    send(editor, f"{HERE}submit/", 400, schema, submit, **unknown)
    one = {"reviewers": [{"reviewer": cast.lead.email}], "due_on": str(in_days(7))}
    refused = send(editor, f"{HERE}submit/", 400, schema, submit, **one)
    assert [row["field"] for row in refused["errors"]] == ["reviewers"]
    named = [{"reviewer": cast.lead.email, "deputy": cast.specialist.email}, {"reviewer": cast.specialist2.email}]
    done = send(editor, f"{HERE}submit/", 200, schema, submit, reviewers=named, due_on=str(in_days(7)))
    assert (done["state"], done["approvals_needed"], len(done["reviews"])) == ("in-review", 2, 2)
    send(editor, f"{HERE}submit/", 409, schema, submit, reviewers=named, due_on=str(in_days(7)))

    mine = read(lead, "reviews/?waiting=1", 200, schema, "reviews/")["results"]
    assert [(row["document"], row["revision"]) for row in mine] == [("a", 1)]
    assert read(lead, f"{HERE}review/", 200, schema, f"{FORM}review/")["body"].startswith("## Part")
    remarks, remarks_form = f"{HERE}remarks/", f"{FORM}remarks/"
    send(lead, remarks, 400, schema, remarks_form, text="x", place="body", quote="not there")
    remark = send(lead, remarks, 201, schema, remarks_form, text="Why?", place="body", quote="A paragraph")
    answer = send(editor, remarks, 201, schema, remarks_form, text="So.", reply_to=remark["id"])
    assert [reply["text"] for reply in answer["replies"]] == ["So."]
    send(editor, remarks, 404, schema, remarks_form, text="So.", reply_to=10**30)
    settled = send(editor, f"{remarks}{remark['id']}/resolve/", 200, schema, f"{FORM}remarks/{{id}}/resolve/")
    assert settled["resolved_by"] == cast.editor.name
    send(lead, f"{remarks}{remark['id']}/reopen/", 200, schema, f"{FORM}remarks/{{id}}/reopen/")
    assert len(read(lead, remarks, 200, schema, remarks_form)) == 1

    rows = read(editor, f"{HERE}reviews/", 200, schema, f"{FORM}reviews/")
    first, other = (f"{HERE}reviews/{row['id']}/" for row in rows)
    act = f"{FORM}reviews/{{id}}/"
    send(editor, f"{other}remind/", 200, schema, f"{act}remind/")
    send(editor, f"{other}remind/", 409, schema, f"{act}remind/")
    send(editor, f"{other}claim/", 403, schema, f"{act}claim/")
    assert send(second, f"{other}claim/", 200, schema, f"{act}claim/")["reviewer"] == cast.reviewer.email
    swap = send(editor, f"{other}replace/", 200, schema, f"{act}replace/", reviewer=cast.specialist2.email)
    assert swap["reviewer"] == cast.specialist2.email
    more = {"reviewer": cast.reviewer.email, "due_on": str(in_days(2))}
    added = send(editor, f"{HERE}reviews/", 201, schema, f"{FORM}reviews/", **more)
    send(lead, f"{first}decide/", 400, schema, f"{act}decide/", decision="maybe")
    send(lead, f"{first}decide/", 400, schema, f"{act}decide/", decision="changes")
    send(lead, f"{first}decide/", 200, schema, f"{act}decide/", decision="approved", reason="Good.")
    send(lead, f"{first}decide/", 409, schema, f"{act}decide/", decision="approved")
    third = f"{HERE}reviews/{added['id']}/decide/"
    assert send(second, third, 200, schema, f"{act}decide/", decision="approved")["decision"] == "approved"
    assert Revision.objects.get().state == "approved"
    back = send(editor, f"{HERE}withdraw/", 200, schema, f"{FORM}withdraw/")
    assert back == {"returned": 1, "draft": 2}
    send(editor, f"{HERE}withdraw/", 409, schema, f"{FORM}withdraw/")


def test_the_same_key_twice_is_one_decision(tmp_path: Path, cast: Cast) -> None:
    review = review_of(submitted(tmp_path, cast, cast.lead), cast.lead)
    client = api(cast.lead)

    def press() -> Any:
        data = {"decision": "changes", "reason": "x"}
        path = f"/api/v1/{HERE}reviews/{review.pk}/decide/"
        return client.post(path, data, content_type="application/json", headers={"Idempotency-Key": "once"})

    one, other = press(), press()
    assert (one.status_code, one.json()) == (other.status_code, other.json()) == (200, one.json())
    assert Revision.objects.count() == 2


@pytest.mark.parametrize("who", ["clinician_prairie", "admin_prairie", "specialist2", "network_admin", "auditor"])
def test_for_others_there_is_nothing(tmp_path: Path, cast: Cast, schema: dict[str, Any], who: str) -> None:
    revision = submitted(tmp_path, cast, cast.lead)
    remark = add_remark(revision=revision, text="Wombat.", by=cast.lead)
    client, one = api(getattr(cast, who)), f"{HERE}reviews/{Review.objects.get().pk}/"
    for path in ("review/", "reviews/", "remarks/"):
        read(client, f"{HERE}{path}", 404, schema, f"{FORM}{path}")
    assert read(client, "reviews/", 200, schema, "reviews/")["results"] == []
    body = {"decision": "approved", "text": "x", "reviewer": cast.reviewer.email, "due_on": str(in_days(3))}
    named = {"reviewers": [{"reviewer": cast.reviewer.email}]}
    for path, form in (
        (f"{HERE}submit/", "submit/"),
        (f"{HERE}withdraw/", "withdraw/"),
        (f"{HERE}reviews/", "reviews/"),
        (f"{HERE}remarks/", "remarks/"),
        (f"{HERE}remarks/{remark.pk}/resolve/", "remarks/{id}/resolve/"),
        (f"{HERE}remarks/{remark.pk}/reopen/", "remarks/{id}/reopen/"),
        *((f"{one}{name}/", f"reviews/{{id}}/{name}/") for name in ("decide", "replace", "claim", "remind")),
    ):
        send(client, path, 404, schema, f"{FORM}{form}", **body, **named)
    assert Review.objects.get().decision == ""
    assert Remark.objects.count() == 1


def test_a_reviewer_does_what_reviewers_do_and_no_more(tmp_path: Path, cast: Cast, schema: dict[str, Any]) -> None:
    submitted(tmp_path, cast, cast.lead, cast.specialist, kind="protocol")
    client = api(cast.lead)
    other = review_of(Revision.objects.get(), cast.specialist)
    body = {"reviewer": cast.reviewer.email, "due_on": str(in_days(3)), "decision": "approved"}
    for path, form in (
        (f"{HERE}withdraw/", "withdraw/"),
        (f"{HERE}reviews/", "reviews/"),
        *(
            (f"{HERE}reviews/{other.pk}/{name}/", f"reviews/{{id}}/{name}/")
            for name in ("decide", "replace", "claim", "remind")
        ),
    ):
        send(client, path, 403, schema, f"{FORM}{form}", **body)
    assert Revision.objects.get().state == "in-review"
