"""An organization applies: the form, the link that proves the contact's address, and how the application stands."""

from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from portal.common import tenancy
from portal.common.models import Mail, Notice
from portal.common.refusals import Conflict
from portal.members.models_applications import Application, ApplicationNote
from portal.members.services import applying, vetting
from portal.members.tasks import work_on_rosters
from tests.cast import Cast
from tests.portal.members.applications import EMAIL, FORM, apply, days, ready, token_of, waiting
from tests.portal.members.helpers import last_mail, link_in, same_body

pytestmark = pytest.mark.django_db


def test_from_the_sign_in_page_to_the_network(cast: Cast) -> None:
    visitor = Client()
    assert "/apply/" in visitor.get("/accounts/login/").content.decode()
    link = apply()
    body = last_mail(EMAIL).body
    assert "Riverbend" not in body
    assert "Nora" not in body, "nobody's words reach an address that is not proven"
    assert not Notice.objects.exists(), "nobody is bothered before the address is proven"
    page = visitor.get(link).content.decode()
    assert "Confirm your application" in page
    assert Application.objects.get().state == "unconfirmed", "opening the link does nothing"
    assert visitor.post(link).status_code == 302
    row = Application.objects.get()
    assert row.state == "waiting"
    assert row.address == "12 Main Street, Riverbend, Kansas 67601"
    assert [notice.person_id for notice in Notice.objects.all()] == [cast.network_admin.pk]
    assert "Riverbend" not in last_mail(cast.network_admin.email).body
    page = visitor.get(link).content.decode()
    assert "The network looks at it" in page
    assert "Answers within two days." in page


def test_confirming_twice_tells_once(cast: Cast) -> None:
    link = apply()
    assert [Client().post(link).status_code for _ in range(2)] == [302, 200]
    assert Notice.objects.count() == 1


def test_the_same_answer_for_every_address(cast: Cast) -> None:
    waiting()
    known, new = EMAIL, "somebody@elsewhere.example"
    answers = [
        Client().post("/apply/", FORM | {"contact_email": email}, follow=True)
        for email in (known, new, cast.clinician_prairie.email)
    ]
    assert all(same_body(answers[0], other) for other in answers[1:])


def test_a_lost_link_comes_again(cast: Cast) -> None:
    row = waiting()
    assert link_in(last_mail(EMAIL)).split("/")[2].partition(":")[0] == token_of(row).partition(":")[0]
    again = apply()
    assert again.split("/")[2].partition(":")[0] == token_of(row).partition(":")[0]
    assert "is under way" in last_mail(EMAIL).body
    other = apply(name="Another Hospital")
    assert other.split("/")[2].partition(":")[0] != token_of(row).partition(":")[0]


def test_applying_is_limited(cast: Cast, settings: Any) -> None:
    for _ in range(5):
        applying.apply(applied=applying.Applied(**FORM | {"clinicians": 4}), at=timezone.now())  # type: ignore[arg-type]
    assert Mail.objects.filter(to=EMAIL).count() == 3
    settings.ACCOUNT_RATE_LIMITS = {"apply": "2/m/ip"}
    answers = [Client().post("/apply/", FORM) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 200]
    assert "Too many applications" in answers[2].content.decode()


@pytest.mark.parametrize("field", [name for name in FORM if name != "hopes"])
def test_what_must_be_said(cast: Cast, field: str) -> None:
    page = Client().post("/apply/", FORM | {field: ""})
    assert page.status_code == 200
    assert not Application.objects.exists()


def test_a_network_that_takes_none(cast: Cast, settings: Any) -> None:
    row = waiting()
    settings.APPLICATIONS_OPEN = False
    assert Client().get("/apply/").status_code == 404
    assert Client().post("/apply/", FORM).status_code == 404
    with pytest.raises(Conflict):
        applying.apply(applied=applying.Applied(**FORM), at=timezone.now())  # type: ignore[arg-type]
    assert "/apply/" not in Client().get("/accounts/login/").content.decode()
    assert Client().get(f"/apply/{token_of(row)}/").status_code == 200, "those under way go on"


def test_links_that_do_not_work(cast: Cast) -> None:
    link = apply()
    for wrong in (link[:-4] + "xxx/", "/apply/secret/", f"/apply/{'a' * 40}/"):
        assert Client().get(wrong).status_code == Client().post(wrong).status_code == 404
    with time_machine.travel(timezone.now() + days(4)):
        assert Client().get(link).status_code == Client().post(link).status_code == 404
        work_on_rosters()
    assert not Application.objects.exists(), "what nobody confirmed is forgotten"


def test_what_was_confirmed_is_kept_and_its_link_dies_after_the_decision(cast: Cast) -> None:
    row = waiting()
    vetting.decline(row, by=cast.network_admin, reason="Not in our states.", at=timezone.now())
    path = f"/apply/{token_of(row)}/"
    assert "Not in our states." in Client().get(path).content.decode()
    with time_machine.travel(timezone.now() + days(91)):
        assert Client().get(path).status_code == 404
        work_on_rosters()
    assert Application.objects.get().state == "declined"


def test_asked_back_and_answered(cast: Cast) -> None:
    row = waiting()
    path = f"/apply/{token_of(row)}/"
    vetting.add_note(row, by=cast.network_admin, text="Their lawyer is my cousin.", at=timezone.now())
    vetting.ask(row, by=cast.network_admin, text="Which licence?", at=timezone.now())
    assert "licence" not in last_mail(EMAIL).body
    visitor = Client()
    page = visitor.get(path).content.decode()
    assert "Which licence?" in page
    assert "cousin" not in page, "notes are the network's own"
    assert visitor.post(path, {"text": ""}).status_code == 200
    assert visitor.post(path, {"text": "Number 4711."}).status_code == 302
    assert visitor.post(path, {"text": "Once more."}).status_code == 200, "nothing is asked any more"
    row.refresh_from_db()
    assert row.state == "waiting"
    assert [(note.kind, note.by) for note in row.notes.all()][1:] == [
        ("asked", cast.network_admin),
        ("answered", None),
    ]
    assert Notice.objects.filter(person_id=cast.network_admin.pk).count() == 2


def test_behind_the_walls(cast: Cast) -> None:
    row = ready(cast)
    vetting.add_note(row, by=cast.network_admin, text="Seen.", at=timezone.now())
    with tenancy.only([cast.prairie.pk, cast.lakeside.pk]):
        assert not Application.objects.exists()
        assert not ApplicationNote.objects.exists()
    with tenancy.only([cast.prairie.pk]), pytest.raises(DatabaseError), transaction.atomic():
        Application.objects.create(name="x", kind="clinic", contact_email=EMAIL, clinicians=1)


@pytest.mark.parametrize("table", ["applicationnote", "applicationcheck"])
def test_notes_and_ticks_are_never_changed(cast: Cast, table: str) -> None:
    vetting.add_note(ready(cast), by=cast.network_admin, text="Seen.", at=timezone.now())
    for statement in (f"UPDATE members_{table} SET at = now()", f"DELETE FROM members_{table}"):  # noqa: S608 - ours
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "accepted"},
        {"state": "declined", "decided_at": timezone.now()},
        {"state": "unconfirmed"},
        {"confirmed_at": None},
        {"decided_at": timezone.now()},
    ],
)
def test_states_that_cannot_be(cast: Cast, change: dict[str, object]) -> None:
    row = waiting()
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=row.pk).update(**change)
