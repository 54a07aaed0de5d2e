"""A list of people to invite: read, judged line by line, sent once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from portal.common import tenancy
from portal.common.models import AuditEvent, Mail, Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members import npi, roster
from portal.members.models import Facility, Invitation, Organization, Person, Role
from portal.members.models_roster import Roster, RosterLine
from portal.members.services import invitations, rosters
from portal.members.tasks import work_on_rosters
from tests.cast import Cast, give, make_person, sign_in
from tests.portal.members.helpers import last_mail, link_in

GOOD_NPI = "1234567893"
LISTS = "/organizations/prairie/people/lists/"
HEADER = "email,name,role,facility,specialty,npi\n"
GOOD = f"{HEADER}a@prairie.example,Ana,clinician,Prairie West Clinic,cardiology,{GOOD_NPI}\n"
KNOWN = roster.Known(
    facilities={"west clinic": 1},
    specialties={"cardiology": 7},
    may_give=frozenset({"clinician", "local-editor", "organization-administrator"}),
    members={
        "in@x.example": roster.Member("Ina", True, frozenset({"clinician"})),
        "off@x.example": roster.Member("Olaf", False, frozenset({"clinician"})),
    },
    invited=frozenset({("open@x.example", "clinician")}),
)


def judged(text: str, known: roster.Known = KNOWN) -> list[roster.Judged]:
    return roster.judge(roster.read(text), known)


def said(text: str, known: roster.Known = KNOWN) -> list[tuple[int, str, str]]:
    return [(one.number, at.column, at.words) for one in judged(text, known) for at in one.problems]


def make(cast: Cast, text: str = GOOD) -> Roster:
    return rosters.make_roster(by=cast.admin_prairie, organization=cast.prairie, text=text, at=timezone.now())


def many(number: int) -> str:
    return "email,role\n" + "".join(f"p{n}@prairie.example,clinician\n" for n in range(number))


@pytest.mark.parametrize("number", ["1234567893", "1245319599", "2000000010"])
def test_numbers_that_can_be_an_npi(number: str) -> None:
    assert npi.problem_of(number) == ""


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("1234567890", "last digit"),
        ("1243567893", "last digit"),
        ("123456789", "10 digits"),
        ("12345678931", "10 digits"),
        ("123456789X", "10 digits"),
        ("١٢٣٤٥٦٧٨٩٣", "10 digits"),
        ("3234567892", "begins with 1 or 2"),
        ("", "10 digits"),
    ],
)
def test_numbers_that_cannot(number: str, why: str) -> None:
    assert why in npi.problem_of(number)


@given(st.integers(100_000_000, 299_999_999), st.integers(0, 8), st.integers(1, 9))
def test_any_one_digit_mistyped_is_found(body: int, place: int, by: int) -> None:
    right = next(f"{body}{digit}" for digit in range(10) if not npi.problem_of(f"{body}{digit}"))
    assert sum(not npi.problem_of(f"{body}{digit}") for digit in range(10)) == 1
    wrong = right[: place + 1] + str((int(right[place + 1]) + by) % 10) + right[place + 2 :]
    assert npi.problem_of(wrong)


def test_a_right_line() -> None:
    (one,) = judged(
        f"email,name,role,facility,specialty,npi\nA@X.example,Ana,Clinician,West Clinic,Cardiology,{GOOD_NPI}"
    )
    assert one == roster.Judged(2, "a@x.example", "Ana", "clinician", 1, 7, GOOD_NPI, ())


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (",clinician,,", "email", "no e-mail address. Fill it in"),
        ("nonsense,clinician,,", "email", "This is no e-mail address"),
        ("a@x.example,,,", "role", "There is no role"),
        ("a@x.example,boss,,", "role", "no such role"),
        ("a@x.example,Network administrator,,", "role", "beyond what you may give"),
        ("a@x.example,auditor,,", "role", "beyond what you may give"),
        ("a@x.example,clinician,East Clinic,", "facility", "This organization has no facility"),
        ("a@x.example,clinician,,1234567890", "npi", "last digit"),
        ("in@x.example,clinician,,", "email", "Ina has this role already"),
        ("IN@x.example,clinician,,", "email", "Ina has this role already"),
        ("off@x.example,local-editor,,", "email", "deactivated. Reactivate"),
        ("open@x.example,clinician,,", "email", "is open already"),
        ("a@x.example,clinician,,,more", "", "5 cells and the header 4"),
    ],
)
def test_what_is_wrong_is_named_with_line_and_column(row: str, column: str, words: str) -> None:
    found = said(f"email,role,facility,npi\nfine@x.example,clinician,,\n{row}\n")
    assert [(number, where) for number, where, _ in found] == [(3, column)]
    assert words in found[0][2]


def test_a_role_beyond_the_inviters_rights() -> None:
    known = roster.Known(facilities={}, specialties={}, may_give=frozenset({"clinician"}))
    assert said("email,role\na@x.example,organization administrator", known) == [
        (2, "role", "This role is beyond what you may give. Use clinician.")
    ]
    assert said("email,role\nin@x.example,local-editor") == []


def test_twice_in_the_file() -> None:
    text = "email,role\na@x.example,clinician\nb@x.example,clinician\nA@x.example,clinician\na@x.example,local editor"
    assert said(text) == [(4, "email", "This address has the same role in line 2. Take one of the two out.")]
    rows = ("a@x.example,clinician", "a@x.example,local editor", "b@x.example,clinician")
    text = "email,role,npi\n" + "".join(f"{row},{GOOD_NPI}\n" for row in rows)
    assert said(text) == [(4, "npi", "Line 2 has the same NPI for somebody else. Correct one of the two.")]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    text = 'email,role,name\n\n"a@x.example",clinician,"Ana\nPerez"\n\nbad,clinician,B\n'
    assert [number for number, _, _ in said(text)] == [6]
    assert [line.number for line in roster.read(text)] == [3, 6]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("email,role\n", "nobody below"),
        ("name,role\nAna,clinician", "column email cannot be found"),
        ("a@x.example,clinician", "column email and the column role cannot"),
        ("email,role,shoe\na@x.example,clinician,3", "“shoe” is not known"),
        ("email,role,role\na@x.example,clinician,x", "role is there twice"),
        ("email,role\n\0,x", "not a text file"),
        (many(5001), "more than 5,000"),
    ],
)
def test_a_list_that_cannot_be_read(text: str, words: str) -> None:
    with pytest.raises(roster.Unreadable, match=words):
        roster.read(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_spreadsheets_save_is_read(encoding: str, separator: str) -> None:
    text = (
        separator.join(("E-Mail", "Role", "Name"))
        + "\r\n"
        + separator.join(("a@x.example", "clinician", "Zoë"))
        + "\r\n"
    )
    (line,) = roster.read(roster.decoded(text.encode(encoding)))
    assert line.cells == {"email": "a@x.example", "role": "clinician", "name": "Zoë"}


@given(st.binary(max_size=400))
def test_no_file_breaks_it(data: bytes) -> None:
    with suppress(roster.Unreadable):
        judged(roster.decoded(data))


@given(st.text(max_size=300))
def test_no_lines_break_it(text: str) -> None:
    with suppress(roster.Unreadable):
        judged("email,role,npi\n" + text)


# --- services ---


def test_checking_changes_nothing_and_sending_invites(cast: Cast) -> None:
    row = make(cast)
    assert (row.state, row.total, row.bad) == ("checked", 1, 0)
    assert not Invitation.objects.exists()
    assert not Mail.objects.exists()
    rosters.send_roster(by=cast.admin_prairie, row=row, leave_out=False, at=timezone.now())
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role, invitation.organization) == (
        "a@prairie.example",
        "clinician",
        cast.prairie,
    )
    person = invitations.accept(
        secret=link_in(last_mail("a@prairie.example")).split("/")[2],
        name="Ana P",
        password="harbor-violet-93-kite",
        time_zone="America/Denver",
    )
    assert (person.facility, person.own_specialty, person.npi) == (cast.prairie_clinic, cast.cardiology, GOOD_NPI)
    assert person.actor.clinician_in == {cast.prairie.pk}
    row.refresh_from_db()
    assert (row.state, row.text) == ("sent", "")
    acts = set(AuditEvent.objects.filter(organization_id=cast.prairie.pk).values_list("action", flat=True))
    assert {"check list", "send list", "invite"} <= acts


def test_pressing_twice_sends_once(cast: Cast) -> None:
    row = make(cast)
    for _ in range(2):
        rosters.send_roster(by=cast.admin_prairie, row=row, leave_out=False, at=timezone.now())
    assert Invitation.objects.count() == Mail.objects.count() == 1


def test_bad_lines_stop_it_unless_they_are_left_out(cast: Cast) -> None:
    row = make(cast, GOOD + "bad,,clinician,,,\n")
    with pytest.raises(Conflict, match="Some lines are wrong"):
        rosters.send_roster(by=cast.admin_prairie, row=row, leave_out=False, at=timezone.now())
    assert not Invitation.objects.exists()
    rosters.send_roster(by=cast.admin_prairie, row=row, leave_out=True, at=timezone.now())
    assert [one.email for one in Invitation.objects.all()] == ["a@prairie.example"]
    with pytest.raises(Conflict, match="nobody to invite"):
        rosters.send_roster(
            by=cast.admin_prairie, row=make(cast, "email,role\nbad,clinician"), leave_out=True, at=timezone.now()
        )


def test_who_belongs_elsewhere_is_not_given_away(cast: Cast) -> None:
    row = make(cast, f"email,role\n{cast.clinician_lakeside.email},clinician\n{cast.clinician_prairie.email},clinician")
    assert [line.is_bad for line in row.lines.all()] == [False, True]
    row = make(cast, f"email,role,facility\nb@x.example,clinician,{cast.lakeside.facilities.get().name}")
    assert row.bad == 1, "another organization's facility is unknown here"


def test_nobody_beyond_their_rights(cast: Cast) -> None:
    row = make(cast)
    for who in (cast.clinician_prairie, cast.clinician_lakeside, cast.specialist, cast.editor, cast.auditor):
        with pytest.raises(Refused):
            rosters.make_roster(by=who, organization=cast.prairie, text=GOOD, at=timezone.now())
        with pytest.raises(Refused):
            rosters.send_roster(by=who, row=row, leave_out=False, at=timezone.now())
    with pytest.raises(Refused):
        rosters.make_roster(by=cast.admin_prairie, organization=cast.lakeside, text=GOOD, at=timezone.now())
    assert make(cast, "email,role\nx@y.example,network-administrator").bad == 1
    assert not Invitation.objects.exists()


def test_rights_lost_before_the_worker_comes(cast: Cast) -> None:
    row = make(cast, many(101))
    work_on_rosters()
    rosters.send_roster(by=cast.admin_prairie, row=row, leave_out=False, at=timezone.now())
    Role.objects.filter(person=cast.admin_prairie).delete()
    work_on_rosters()
    row.refresh_from_db()
    assert row.state == "sent"
    assert not Invitation.objects.exists()
    assert row.lines.exclude(why_not="").count() == 101


def test_a_deactivated_organization(cast: Cast) -> None:
    Organization.objects.filter(pk=cast.prairie.pk).update(deactivated_at=timezone.now())
    cast.prairie.refresh_from_db()
    with pytest.raises(Conflict, match="deactivated"):
        rosters.make_roster(by=cast.network_admin, organization=cast.prairie, text=GOOD, at=timezone.now())


def test_five_thousand_lines_by_a_worker_with_progress(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = make(cast, many(5000) + "")
    assert (row.state, row.done) == ("checking", 0)
    with CaptureQueriesContext(connection) as queries:
        assert rosters._one_part(timezone.now())
    assert len(queries) < 25, "a part costs the same however many lines it has"
    row.refresh_from_db()
    assert (row.state, row.done) == ("checking", 500)
    work_on_rosters()
    row.refresh_from_db()
    assert (row.state, row.done, row.bad) == ("checked", 5000, 0)
    assert Notice.objects.get(person=cast.admin_prairie).path == row.get_absolute_url()
    for _ in range(3):
        make(cast, many(101))
    with pytest.raises(Conflict, match="Several lists"):
        make(cast, many(101))


def test_a_list_too_large(cast: Cast) -> None:
    with pytest.raises(Invalid, match="larger"):
        make(cast, "email,role\n" + "x" * 3_000_000)


def test_several_workers_and_a_double_press_invite_each_once(committed_cast: Cast) -> None:
    row = make(committed_cast, many(230))
    other = make(committed_cast, many(230))

    def work(press: bool) -> int:
        try:
            tenancy.open_session_scope()
            by = Person.objects.get(pk=committed_cast.admin_prairie.pk)
            if press:
                for one in (row, other):
                    rosters.send_roster(by=by, row=one, leave_out=False, at=timezone.now())
            return rosters.work_on_rosters(now=timezone.now())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, [False] * 4))
        assert RosterLine.objects.count() == 460
        list(pool.map(work, [True] * 4))
        pool.submit(work, False).result()
    assert Invitation.objects.count() == 230
    assert Mail.objects.filter(key__startswith="invitation").count() == 230
    assert RosterLine.objects.exclude(why_not="").count() == 230, "the second list finds them invited"
    assert set(Roster.objects.values_list("state", flat=True)) == {"sent"}


def test_old_lists_are_forgotten(cast: Cast) -> None:
    make(cast)
    Roster.objects.update(made_at=timezone.now() - rosters.KEPT)
    work_on_rosters()
    assert not Roster.objects.exists()


def test_walls(cast: Cast) -> None:
    make(cast)
    with tenancy.only([cast.lakeside.pk]):
        assert not Roster.objects.exists()
        assert not RosterLine.objects.exists()
    with tenancy.only([cast.prairie.pk]):
        assert Roster.objects.exists()
        assert RosterLine.objects.exists()


# --- pages ---


def test_from_a_wrong_list_to_the_invitations(cast: Cast, client: Client) -> None:
    sign_in(client, cast.admin_prairie)
    answer = client.post(LISTS, {"text": "email,role\nbad,clinician\nfine@prairie.example,clinician\n"}, follow=True)
    page = answer.content.decode()
    assert "Nothing has been sent." in page
    assert "This is no e-mail address" in page
    assert "leave out 1 line" in page
    path = answer.redirect_chain[-1][0]
    client.post(path)
    assert not Invitation.objects.exists(), "without the word to leave them out nothing is sent"
    pk = path.rstrip("/").rpartition("/")[2]
    assert "bad,clinician" in client.get(f"{LISTS}?mend={pk}").content.decode()
    assert client.get(f"{path}?format=csv").content.decode().splitlines()[1].startswith("2,bad,")
    client.post(path, {"leave_out": "yes"})
    assert Invitation.objects.get().email == "fine@prairie.example"
    assert "1 line was left out" in client.get(path).content.decode()


def test_a_file_and_the_template(cast: Cast, client: Client, tmp_path: Any) -> None:
    sign_in(client, cast.admin_prairie)
    template = client.get(f"{LISTS}template.csv")
    assert template.headers["Content-Disposition"].startswith("attachment")
    (tmp_path / "list.csv").write_bytes(template.content)
    with (tmp_path / "list.csv").open("rb") as file:
        answer = client.post(LISTS, {"file": file}, follow=True)
    assert "Every line is right" in answer.content.decode()
    assert "Choose a file, or paste" in client.post(LISTS, {"text": ""}).content.decode()
    assert "cannot be found in the first line" in client.post(LISTS, {"text": "a,b\nc,d"}).content.decode()


@pytest.mark.parametrize("who", ["clinician_prairie", "clinician_lakeside", "specialist", "editor", "auditor"])
def test_others_do_not_get_to_lists(cast: Cast, who: str) -> None:
    row = make(cast)
    client = sign_in(Client(), getattr(cast, who))
    refused = 403 if who == "clinician_prairie" else 404
    for path in (LISTS, f"{LISTS}template.csv", row.get_absolute_url()):
        assert client.get(path).status_code == refused
    assert client.post(LISTS, {"text": GOOD}).status_code == refused
    assert client.post(row.get_absolute_url()).status_code == refused
    assert not Invitation.objects.exists()
    elsewhere = sign_in(
        Client(),
        give(
            make_person("admin@lakeside.example", "Al"),
            Role.Name.ORGANIZATION_ADMINISTRATOR,
            organization=cast.lakeside,
        ),
    )
    assert elsewhere.get(row.get_absolute_url()).status_code == 404
    assert elsewhere.get(f"/organizations/lakeside/people/lists/{row.pk}/").status_code == 404
    assert (
        elsewhere.get(f"/organizations/lakeside/people/lists/?mend={row.pk}").content.decode().count("a@prairie") == 0
    )


def test_as_many_queries_for_many_lines(cast: Cast, client: Client) -> None:
    sign_in(client, cast.admin_prairie)
    client.get("/account/")
    counts = []
    for number in (2, 20):
        row = make(cast, many(number) + "bad,x\n" * number)
        with CaptureQueriesContext(connection) as queries:
            client.get(row.get_absolute_url())
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Facility.objects.exists()
