"""Applications before administrators of the network: list, checklist, notes, questions, and the decision."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.common.models import AuditEvent
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members import checklist
from portal.members.models import Invitation, Organization, Person, Role
from portal.members.models_applications import Application, ApplicationCheck, MembershipPeriod
from portal.members.services import vetting
from tests.cast import Cast, give, make_person, sign_in
from tests.portal.members.applications import EMAIL, FORM, WELCOME, accepted, apply, ready, token_of, waiting
from tests.portal.members.helpers import last_mail, link_in

pytestmark = pytest.mark.django_db
LIST = "/network/applications/"


def test_the_list_shows_what_waits_with_counts(cast: Cast) -> None:
    waiting()
    declined = waiting(name="Far Clinic", contact_email="far@far.example")
    vetting.decline(declined, by=cast.network_admin, reason="No.", at=timezone.now())
    apply(name="Never Confirmed", contact_email="never@far.example")
    client = sign_in(Client(), cast.network_admin)
    page = client.get(LIST).content.decode()
    assert "Riverbend Health" in page
    assert "Far Clinic" not in page
    everything = client.get(f"{LIST}?state=all").content.decode()
    assert "Far Clinic" in everything
    assert "Never Confirmed" not in everything, "the address is not proven"
    assert "Riverbend Health" not in client.get(f"{LIST}?state=declined").content.decode()
    assert client.get(f"{LIST}?state=all&q=riverbend+h").context["page"].paginator.count == 1
    tabs = client.get(LIST).context["tabs"]
    assert [(state, number) for state, _, number in tabs] == [
        ("waiting", 1),
        ("asked", 0),
        ("accepted", 0),
        ("declined", 1),
    ]
    assert "Applications" in client.get("/organizations/").content.decode()


def test_ticks_stay_on_record(cast: Cast) -> None:
    row, client = waiting(), sign_in(Client(), cast.network_admin)
    path = f"{LIST}{row.pk}/check/"
    for done in ("yes", "yes", "no"):
        client.post(path, {"item": "licence-seen", "done": done})
    assert list(ApplicationCheck.objects.values_list("is_done", flat=True)) == [True, False]
    assert vetting.done(row) == {}
    client.post(path, {"item": "made-up", "done": "yes"})
    assert ApplicationCheck.objects.count() == 2
    client.post(path, {"item": "licence-seen", "done": "yes"})
    page = client.get(f"{LIST}{row.pk}/").content.decode()
    assert f"Ticked by {cast.network_admin.name}" in page
    assert "3 more items" in page


def test_the_operators_own_checklist(cast: Cast, settings: Any, tmp_path: Any) -> None:
    file = tmp_path / "list.yaml"
    file.write_text("- {key: one, words: Look at one thing, needed: true}\n")
    settings.APPLICATION_CHECKLIST = str(file)
    row = waiting()
    with pytest.raises(Conflict, match="Look at one thing"):
        vetting.accept(row, by=cast.network_admin, welcome=vetting.Welcome(**WELCOME), at=timezone.now())
    vetting.tick(row, by=cast.network_admin, item="one", is_done=True, at=timezone.now())
    vetting.accept(row, by=cast.network_admin, welcome=vetting.Welcome(**WELCOME), at=timezone.now())


@pytest.mark.parametrize(
    "text",
    [
        "- {key: a b, words: x, needed: true}",
        "- {key: a, words: x}",
        "- {key: a, words: x, needed: 'yes'}",
        "- a",
        "3",
        "- {key: a, words: x, needed: true}\n- {key: a, words: y, needed: true}",
    ],
)
def test_no_checklists(tmp_path: Any, text: str) -> None:
    file = tmp_path / "list.yaml"
    file.write_text(text)
    with pytest.raises(ValueError, match="must be a list of rows"):
        checklist.read(str(file))


def test_notes_and_questions_by_the_page(cast: Cast) -> None:
    row, client = waiting(), sign_in(Client(), cast.network_admin)
    path = f"{LIST}{row.pk}/"
    assert client.post(f"{path}note/", {"note-text": " "}).status_code == 200
    client.post(f"{path}note/", {"note-text": "Called them."})
    client.post(f"{path}ask/", {"ask-text": "Which licence?"})
    page = client.get(path).content.decode()
    assert "Called them." in page
    assert "Which licence?" in page
    assert "Waiting for the applicant" in page
    assert f"/apply/{token_of(row).partition(':')[0]}" in link_in(last_mail(EMAIL))


def test_accepting_needs_the_checklist(cast: Cast) -> None:
    row, client = waiting(), sign_in(Client(), cast.network_admin)
    page = client.post(f"{LIST}{row.pk}/accept/", WELCOME)
    assert "Still to be checked" in page.content.decode()
    assert not Organization.objects.filter(name="Riverbend Health").exists()


def test_accepting_by_the_page(cast: Cast) -> None:
    row, client = ready(cast), sign_in(Client(), cast.network_admin)
    form = client.get(f"{LIST}{row.pk}/accept/").context["form"]
    assert form.initial["facility_kind"] == "hospital"
    answer = client.post(f"{LIST}{row.pk}/accept/", WELCOME)
    place = Organization.objects.get(name="Riverbend Health")
    assert answer["Location"] == place.get_absolute_url()
    assert (place.membership, place.tier) == ("joining", "member")
    facility = place.facilities.get()
    assert facility.address == "12 Main Street, Riverbend, Kansas 67601"
    assert [(period.state, period.ends_at is None) for period in place.periods.all()] == [
        ("applied", False),
        ("joining", True),
    ]
    row.refresh_from_db()
    assert place.periods.all()[0].starts_at == row.confirmed_at
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role, invitation.organization) == (EMAIL, "organization-administrator", place)
    assert row.invitation == invitation
    assert "Accepted" in Client().get(f"/apply/{token_of(row)}/").content.decode()
    actions = AuditEvent.objects.filter(object_type="application").values_list("action", flat=True)
    assert {"apply", "confirm application", "tick application", "accept application"} <= set(actions)


def test_a_name_that_is_taken(cast: Cast) -> None:
    row = ready(cast, name="Prairie Health")
    welcome = vetting.Welcome(**WELCOME | {"name": "Prairie Health"})
    with pytest.raises(Invalid, match="Another organization"):
        vetting.accept(row, by=cast.network_admin, welcome=welcome, at=timezone.now())
    row.refresh_from_db()
    assert row.state == "waiting"


def test_decided_once(cast: Cast) -> None:
    row = ready(cast)
    welcome = vetting.Welcome(**WELCOME)
    vetting.accept(row, by=cast.network_admin, welcome=welcome, at=timezone.now())
    by, now = cast.network_admin, timezone.now()
    for act in (
        lambda: vetting.accept(row, by=by, welcome=welcome, at=now),
        lambda: vetting.decline(row, by=by, reason="No.", at=now),
        lambda: vetting.ask(row, by=by, text="?", at=now),
        lambda: vetting.tick(row, by=by, item="licence-seen", is_done=False, at=now),
    ):
        with pytest.raises(Conflict, match="decided already"):
            act()
    vetting.add_note(row, by=by, text="Afterwards, too.", at=now)
    client = sign_in(Client(), by)
    assert "decided already" in client.get(f"{LIST}{row.pk}/accept/").content.decode()


def test_declined_with_a_reason(cast: Cast) -> None:
    row, client = waiting(), sign_in(Client(), cast.network_admin)
    assert client.post(f"{LIST}{row.pk}/decline/", {"reason": " "}).status_code == 200
    assert client.post(f"{LIST}{row.pk}/decline/", {"reason": "Too far."}).status_code == 302
    assert "Too far" not in last_mail(EMAIL).body
    assert "Too far." in Client().get(f"/apply/{token_of(row)}/").content.decode()
    assert not Organization.objects.filter(name=FORM["name"]).exists()


def test_nobody_else_vets(cast: Cast) -> None:
    row = ready(cast)
    admin = make_person("admin@lakeside.example", "Al")
    others: list[Person] = [cast.clinician_prairie, cast.admin_prairie, cast.specialist, cast.editor, cast.auditor]
    others.append(give(admin, Role.Name.ORGANIZATION_ADMINISTRATOR, organization=cast.lakeside))
    now = timezone.now()
    for who in others:
        client = sign_in(Client(), who)
        for path in (LIST, f"{LIST}{row.pk}/", f"{LIST}{row.pk}/accept/", f"{LIST}{row.pk}/decline/", f"{LIST}99999/"):
            answer = client.get(path)
            assert answer.status_code == 403
            assert "Riverbend" not in answer.content.decode()
        for act in ("check", "note", "ask", "decline", "accept"):
            assert client.post(f"{LIST}{row.pk}/{act}/").status_code == 403
        for run in (
            lambda who=who: vetting.accept(row, by=who, welcome=vetting.Welcome(**WELCOME), at=now),
            lambda who=who: vetting.decline(row, by=who, reason="No.", at=now),
            lambda who=who: vetting.ask(row, by=who, text="?", at=now),
            lambda who=who: vetting.add_note(row, by=who, text="!", at=now),
            lambda who=who: vetting.tick(row, by=who, item="licence-seen", is_done=False, at=now),
        ):
            with pytest.raises(Refused):
                run()
    row.refresh_from_db()
    assert row.state == "waiting"


def test_an_unconfirmed_one_is_not_there(cast: Cast) -> None:
    apply()
    row, client = Application.objects.get(), sign_in(Client(), cast.network_admin)
    assert client.get(f"{LIST}{row.pk}/").status_code == 404
    assert client.post(f"{LIST}{row.pk}/decline/", {"reason": "No."}).status_code == 404


def test_the_history_is_of_the_organization(cast: Cast) -> None:
    place = accepted(cast)
    admin = give(make_person("a@riverbend.example", "A"), Role.Name.ORGANIZATION_ADMINISTRATOR, organization=place)
    clinician = give(make_person("c@riverbend.example", "C"), Role.Name.CLINICIAN, organization=place)
    for who, sees in ((admin, True), (cast.network_admin, True), (clinician, False)):
        page = sign_in(Client(), who).get(place.get_absolute_url()).content.decode()
        assert ("The network accepted it." in page) is sees
        assert MembershipPeriod.objects.visible_to(who).filter(organization=place).exists() is sees
    assert not MembershipPeriod.objects.visible_to(cast.admin_prairie).exists()


def test_as_many_queries_for_many(cast: Cast) -> None:
    client, counts = sign_in(Client(), cast.network_admin), []
    for number in (2, 20):
        for n in range(number):
            Application.objects.create(
                name=f"N {number} {n}",
                kind="clinic",
                contact_email=EMAIL,
                clinicians=1,
                state="waiting",
                confirmed_at=timezone.now(),
            )
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
