"""What falls due: the rule, who is told and how often, verifying, withdrawing, and the pages."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from knowledge.freshness import add_months, is_to_withdraw, milestone, next_due
from knowledge.models import Document, DueMilestone, Recommendation, Verification
from knowledge.services import (
    check_freshness,
    export_documents,
    follow,
    import_documents,
    indexing,
    look_after,
    record_reading,
    verify_recommendations,
)
from knowledge.tasks import check_freshness as task
from portal.common.models import AuditEvent, Mail, Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Role, Specialty
from tests.cast import Cast, give, make_person, sign_in
from tests.knowledge.helpers import load_rows, make_document, row

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
ORDER = ["", "month", "week", "overdue"]
TODAY = date(2026, 11, 25)


class TestRule:
    @given(due=DAYS, today=DAYS)
    def test_a_mark_is_told_from_its_day_on(self, due: date, today: date) -> None:
        left = (due - today).days
        expected = "overdue" if left < 0 else "week" if left <= 7 else "month" if left <= 30 else ""
        assert milestone(due, today) == expected

    @given(due=DAYS, today=DAYS, later=st.integers(0, 400))
    def test_marks_only_ever_advance(self, due: date, today: date, later: int) -> None:
        then = today + timedelta(days=later)
        assert ORDER.index(milestone(due, today)) <= ORDER.index(milestone(due, then))

    @given(due=DAYS, after=st.none() | st.integers(0, 4000), today=DAYS, later=st.integers(0, 400))
    def test_withdrawn_only_when_set_overdue_and_long_enough(
        self, due: date, after: int | None, today: date, later: int
    ) -> None:
        now = is_to_withdraw(due, after, today)
        assert not now or (after is not None and today > due and today - due >= timedelta(days=after))
        assert not now or is_to_withdraw(due, after, today + timedelta(days=later)), "it never ceases to be so"
        if after is not None:
            assert is_to_withdraw(due, after, due + timedelta(days=max(after, 1)))
            assert not is_to_withdraw(due, after, due + timedelta(days=max(after, 1) - 1))

    @given(day=DAYS, months=st.integers(0, 60))
    def test_months_on_is_that_month_and_no_later_day(self, day: date, months: int) -> None:
        found = add_months(day, months)
        assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
        assert found.day == day.day or (found.day < day.day and (found + timedelta(days=1)).day == 1)

    def test_a_notice_is_looked_at_sooner(self) -> None:
        assert next_due("protocol", date(2026, 2, 28)) == date(2027, 2, 28)
        assert next_due("notice", date(2026, 8, 31)) == date(2027, 2, 28)


def due(folder: Path, slug: str, *days: int, **values: Any) -> Document:
    """A document whose recommendations are due so many days from TODAY."""
    parts = [
        {"key": f"r{number}", "text": f"Do {number}.", "verified_on": "2020-01-01", "due_on": str(TODAY + timedelta(n))}
        for number, n in enumerate(days)
    ]
    return make_document(folder, slug, recommendations=parts, **{"review_due": "2035-01-01"} | values)


def told(person: Person) -> list[str]:
    return list(person.notices.order_by("pk").values_list("text", flat=True))


@pytest.mark.django_db
class TestTelling:
    def test_the_owner_is_told_three_times_and_once_each(self, tmp_path: Path, cast: Cast) -> None:
        document = due(tmp_path, "a", 40, 200)
        look_after(document=document, owner=cast.lead, withdraw_after_days=None, by=cast.editor)
        Notice.objects.all().delete()
        for day in range(60):
            check_freshness(today=TODAY + timedelta(days=day))
            check_freshness(today=TODAY + timedelta(days=day))
        words = "“About a” falls due for review on 4 Jan 2027."
        assert told(cast.lead) == [words, words, "“About a” is overdue for review since 5 Jan 2027."]
        marks = DueMilestone.objects.order_by("pk").values_list("kind", flat=True)
        assert list(marks) == ["month", "week", "overdue"]
        assert told(cast.editor) == []
        assert Notice.objects.filter(person=cast.lead, path="/documents/a/verify/").count() == 3
        assert "Do 0" not in "".join(Mail.objects.values_list("body", flat=True))

    def test_a_missed_week_is_told_late_and_only_what_is_true_now(self, tmp_path: Path, cast: Cast) -> None:
        document = due(tmp_path, "a", 40)
        look_after(document=document, owner=cast.lead, withdraw_after_days=None, by=cast.editor)
        Notice.objects.all().delete()
        check_freshness(today=TODAY + timedelta(days=300))
        assert told(cast.lead) == ["“About a” is overdue for review since 5 Jan 2027."]

    def test_a_new_due_date_is_told_anew(self, tmp_path: Path, cast: Cast, time_machine: Any) -> None:
        time_machine.move_to("2026-11-25 12:00+00:00", tick=False)
        document = due(tmp_path, "a", 5)
        check_freshness(today=TODAY)
        verify_recommendations(document=document, keys=["r0"], by=cast.editor, due_on=TODAY + timedelta(days=100))
        check_freshness(today=TODAY)
        check_freshness(today=TODAY + timedelta(days=95))
        assert len(told(cast.editor)) == 2

    @pytest.mark.parametrize("gone", ["nobody", "deactivated", "roleless"])
    def test_editors_are_told_in_one_sentence_where_no_owner_can_be(
        self, tmp_path: Path, cast: Cast, gone: str
    ) -> None:
        for number in range(12):
            document = due(tmp_path, f"d{number:02}", 6 if number else -3)
            if gone != "nobody":
                look_after(document=document, owner=cast.lead, withdraw_after_days=None, by=cast.editor)
        Notice.objects.all().delete()
        if gone == "deactivated":
            Person.objects.filter(pk=cast.lead.pk).update(is_active=False, deactivated_at=timezone.now())
        elif gone == "roleless":
            cast.lead.roles.all().delete()
        assert check_freshness(today=TODAY) == {"withdrawn": 0, "told": 12}
        assert check_freshness(today=TODAY + timedelta(days=1)) == {"withdrawn": 0, "told": 0}
        expected = [
            "11 documents without an owner fall due for review within 7 days.",
            "“About d00” is overdue for review since 23 Nov 2026.",
        ]
        assert told(cast.editor) == told(cast.reviewer) == expected
        assert told(cast.lead) == []

    def test_drafts_and_retired_documents_are_left_alone(self, tmp_path: Path, cast: Cast) -> None:
        document = due(tmp_path, "a", -3)
        Document.objects.filter(pk=document.pk).update(retired_at=timezone.now())
        load_rows(tmp_path, row("b", review_due="2020-01-01"), draft=True)
        assert check_freshness(today=TODAY) == {"withdrawn": 0, "told": 0}

    def test_the_cost_is_flat(self, tmp_path: Path, cast: Cast) -> None:
        def queries(documents: int) -> int:
            for number in range(documents):
                due(tmp_path, f"{documents}-{number}", 3)
            with CaptureQueriesContext(connection) as captured:
                check_freshness(today=TODAY)
            return len(captured)

        assert queries(5) == queries(40)

    def test_the_task_is_safe_twice(self, tmp_path: Path, cast: Cast, time_machine: Any) -> None:
        time_machine.move_to("2026-11-25 06:10+00:00", tick=False)
        due(tmp_path, "a", 3)
        assert (task(), task()) == ({"withdrawn": 0, "told": 1}, {"withdrawn": 0, "told": 0})

    def test_the_database_holds_to_once(self, tmp_path: Path, cast: Cast) -> None:
        document = due(tmp_path, "a", 3)
        check_freshness(today=TODAY)
        with pytest.raises(DatabaseError, match="due_milestone_once"), transaction.atomic():
            DueMilestone.objects.create(document=document, due_on=TODAY + timedelta(days=3), kind="week")


@pytest.mark.django_db
class TestWithdrawing:
    def test_withdrawn_when_overdue_for_so_long_and_told(self, tmp_path: Path, cast: Cast) -> None:
        document = due(tmp_path, "a", -9, 200)
        look_after(document=document, owner=cast.lead, withdraw_after_days=10, by=cast.editor)
        follow(what=document, by=cast.clinician_lakeside)
        follow(what=cast.cardiology, by=cast.specialist)
        record_reading(document=document, by=cast.clinician_prairie)
        Notice.objects.all().delete()
        check_freshness(today=TODAY)
        assert Document.objects.published().exists()
        assert check_freshness(today=TODAY + timedelta(days=1))["withdrawn"] == 1
        assert check_freshness(today=TODAY + timedelta(days=2))["withdrawn"] == 0
        document.refresh_from_db()
        assert document.retired_because == (
            "Something in it was due for review on 16 Nov 2026 and was not verified within 10 days, "
            "so it withdrew itself."
        )
        words = "“About a” is withdrawn: its review is overdue. Do not act on it."
        assert told(cast.clinician_prairie) == told(cast.clinician_lakeside) == [words]
        assert told(cast.lead)[-1] == words
        assert told(cast.specialist) == ["“About a” is retired."]
        event = AuditEvent.objects.get(action="document.retire")
        assert event.actor == "withdraw_overdue"
        page = sign_in(Client(), cast.clinician_prairie).get("/documents/a/").content.decode()
        assert "was not verified within 10 days, so it withdrew itself." in page

    def test_editors_are_told_where_there_is_no_owner(self, tmp_path: Path, cast: Cast) -> None:
        document = due(tmp_path, "a", -9)
        look_after(document=document, owner=None, withdraw_after_days=0, by=cast.editor)
        check_freshness(today=TODAY)
        words = "“About a” is withdrawn: its review is overdue. Do not act on it."
        assert told(cast.editor) == told(cast.reviewer) == [words]
        document.refresh_from_db()
        assert document.retired_because.endswith("was not verified by then, so it withdrew itself.")

    def test_the_reason_travels_with_an_export(self, tmp_path: Path, cast: Cast) -> None:
        document = due(tmp_path, "a", -9)
        look_after(document=document, owner=None, withdraw_after_days=1, by=cast.editor)
        check_freshness(today=TODAY)
        document.refresh_from_db()
        export_documents(folder=tmp_path / "out", by="test")
        assert import_documents(path=tmp_path / "out", by="test").unchanged == 1
        Document.objects.update(retired_at=None, retired_because="")
        assert import_documents(path=tmp_path / "out", by="test").changed == 1, "it retires it here"
        Document.objects.get(retired_because=document.retired_because)
        make_document(tmp_path, "a", title="Back again")
        Document.objects.get(retired_because="", retired_at=None)

    def test_not_when_verified_in_time_nor_unless_set(self, tmp_path: Path, cast: Cast) -> None:
        document = due(tmp_path, "a", -30)
        due(tmp_path, "b", -900)
        look_after(document=document, owner=None, withdraw_after_days=10, by=cast.editor)
        verify_recommendations(document=document, keys=["r0"], by=cast.editor)
        assert check_freshness(today=TODAY)["withdrawn"] == 0
        assert Document.objects.published().count() == 2


@pytest.mark.django_db
class TestVerifying:
    def test_the_dates_move_and_a_record_stays(self, tmp_path: Path, cast: Cast) -> None:
        document = due(tmp_path, "a", -3, 200)
        indexing.index_pending()
        before = Document.objects.get()
        done = verify_recommendations(document=document, keys=["r0"], by=cast.specialist, remark=" A new trial. ")
        assert done == 1
        row = Recommendation.objects.get(key="r0")
        today = timezone.localdate()
        assert (row.verified_on, row.verified_by, row.due_on) == (today, "Kofi Arden", add_months(today, 12))
        assert Recommendation.objects.get(key="r1").verified_on == date(2020, 1, 1)
        record = Verification.objects.get()
        assert (record.person, record.remark, record.due_on) == (cast.specialist, "A new trial.", row.due_on)
        with pytest.raises(DatabaseError), transaction.atomic():
            Verification.objects.update(remark="Other")
        document.refresh_from_db()
        assert (document.version, document.changed_at) == (before.version, before.changed_at), "nothing was published"
        assert indexing.index_pending() == 0, "search holds nothing of it"
        assert AuditEvent.objects.get(action="document.verify").detail["recommendations"] == 1

    def test_exports_take_it_up_and_imports_leave_it(self, tmp_path: Path, cast: Cast) -> None:
        document = due(tmp_path, "a", -3, 200)
        verify_recommendations(document=document, keys=["r0"], by=cast.editor)
        assert import_documents(path=tmp_path / "documents.jsonl", by="test").unchanged == 1, "the first file again"
        export_documents(folder=tmp_path / "out", by="test")
        assert f"verified_on: {timezone.localdate()}" in (tmp_path / "out" / "a.md").read_text()
        again = import_documents(path=tmp_path / "out", by="test")
        assert (again.changed, again.unchanged) == (0, 1)
        assert Recommendation.objects.get(key="r0").verified_by == cast.editor.name

    def test_who_may(self, tmp_path: Path, cast: Cast) -> None:
        document = due(tmp_path, "a", -3)
        neurologist = give(
            make_person("n@network.example", "N"),
            Role.Name.SPECIALIST,
            specialties=(Specialty.objects.get(slug="neurology"),),
        )
        strangers = (cast.clinician_prairie, cast.admin_prairie, cast.network_admin, cast.auditor, neurologist)
        for person in strangers:
            with pytest.raises(Refused, match="Only editors, this document's owner"):
                verify_recommendations(document=document, keys=["r0"], by=person)
            client = sign_in(Client(), person)
            assert client.get("/documents/a/verify/").status_code == 403
            assert "/documents/a/verify/" not in client.get("/documents/a/").content.decode()
        look_after(document=document, owner=neurologist, withdraw_after_days=None, by=cast.editor)
        for person in (cast.editor, cast.lead, cast.specialist, neurologist):
            verify_recommendations(document=document, keys=["r0"], by=person)
            client = sign_in(Client(), person)
            assert client.get("/documents/a/verify/").status_code == 200
            assert "/documents/a/verify/" in client.get("/documents/a/").content.decode()
        neurologist.roles.all().delete()
        with pytest.raises(Refused):
            verify_recommendations(document=document, keys=["r0"], by=Person.objects.get(pk=neurologist.pk))

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"keys": []}, "keys"),
            ({"keys": ["r0", "none"]}, "keys"),
            ({"verified_on": date(2100, 1, 1), "due_on": date(2101, 1, 1)}, "verified_on"),
            ({"verified_on": date(2019, 12, 31)}, "verified_on"),
            ({"due_on": date(2026, 1, 1)}, "due_on"),
            ({"due_on": date(2100, 1, 1)}, "due_on"),
            ({"remark": "x" * 401}, "remark"),
        ],
    )
    def test_what_is_wrong_is_named(self, tmp_path: Path, cast: Cast, values: dict[str, Any], field: str) -> None:
        document = due(tmp_path, "a", -3)
        values = {"keys": ["r0"]} | values
        with pytest.raises(Invalid) as error:
            verify_recommendations(document=document, by=cast.editor, **values)
        assert field in error.value.fields
        assert not Verification.objects.exists()

    def test_only_what_stands_is_verified(self, tmp_path: Path, cast: Cast) -> None:
        document = due(tmp_path, "a", -3)
        Document.objects.filter(pk=document.pk).update(retired_at=timezone.now())
        with pytest.raises(Conflict, match="Only what is published"):
            verify_recommendations(document=document, keys=["r0"], by=cast.editor)
        assert sign_in(Client(), cast.editor).get("/documents/a/verify/").status_code == 404

    def test_the_page(self, tmp_path: Path, cast: Cast) -> None:
        due(tmp_path, "a", -400, 2000)
        client = sign_in(Client(), cast.lead)
        today = timezone.localdate(timezone=ZoneInfo(cast.lead.time_zone))
        shown = client.get("/documents/a/verify/").content.decode()
        assert "Overdue" in shown
        assert shown.count(" checked") == 1, "what is due is chosen already"
        data = {
            "keys": ["r0"],
            "verified_on": "2030-01-01",
            "due_on": str(today + timedelta(400)),
            "remark": "Read it.",
        }
        wrong = client.post("/documents/a/verify/", data).content.decode()
        assert "Give the day on which it was looked at" in wrong
        assert "Read it." in wrong
        done = client.post("/documents/a/verify/", data | {"verified_on": str(today)}, follow=True)
        assert "Verified, with your name and the date." in done.content.decode()
        assert "by Paola Reyes" in done.content.decode()


@pytest.mark.django_db
class TestOwner:
    def test_an_editor_sets_it_and_the_owner_is_told(self, tmp_path: Path, cast: Cast) -> None:
        document = due(tmp_path, "a", 100)
        client = sign_in(Client(), cast.editor)
        shown = client.get("/documents/a/settings/").content.decode()
        assert cast.lead.name in shown
        assert cast.clinician_prairie.name not in shown
        client.post("/documents/a/settings/", {"owner": str(cast.lead.pk), "withdraw_after_days": "30"})
        document.refresh_from_db()
        assert (document.owner, document.withdraw_after_days) == (cast.lead, 30)
        assert told(cast.lead) == ["You now look after “About a”: you are told before something in it falls due."]
        client.post("/documents/a/settings/", {"owner": "", "withdraw_after_days": ""})
        document.refresh_from_db()
        assert (document.owner, document.withdraw_after_days) == (None, None)

    def test_nobody_else_does_and_nobody_outside_is_made_owner(self, tmp_path: Path, cast: Cast) -> None:
        document = due(tmp_path, "a", 100)
        for person in (cast.clinician_prairie, cast.lead, cast.network_admin):
            with pytest.raises(Refused):
                look_after(document=document, owner=person, withdraw_after_days=None, by=person)
            assert sign_in(Client(), person).get("/documents/a/settings/").status_code == 403
        for person in (cast.clinician_prairie, cast.admin_prairie, cast.auditor):
            with pytest.raises(Invalid, match="Choose an editor"):
                look_after(document=document, owner=person, withdraw_after_days=None, by=cast.editor)
        for days in (-1, 4000):
            with pytest.raises(Invalid, match="0 to 3,650"):
                look_after(document=document, owner=None, withdraw_after_days=days, by=cast.editor)


@pytest.mark.django_db
class TestPage:
    def test_what_is_due_the_latest_first(self, tmp_path: Path, cast: Cast, time_machine: Any) -> None:
        time_machine.move_to("2026-11-25 18:00+00:00", tick=False)
        due(tmp_path, "late", -3)
        later = due(tmp_path, "later", -30, 10, 300)
        due(tmp_path, "soon", 20, specialties=["neurology"])
        due(tmp_path, "quarter", 80)
        due(tmp_path, "fine", 91)
        look_after(document=later, owner=cast.lead, withdraw_after_days=60, by=cast.editor)
        client = sign_in(Client(), cast.editor)

        def shown(query: str = "") -> list[str]:
            page = client.get(f"/documents/freshness/?{query}").content.decode()
            places = {
                slug: page.find(f'<a href="/documents/{slug}/">')
                for slug in ("late", "later", "soon", "quarter", "fine")
            }
            return sorted((slug for slug, place in places.items() if place >= 0), key=lambda slug: places[slug])

        assert shown() == ["later", "late", "soon", "quarter"]
        assert shown("within=30") == ["later", "late", "soon"]
        assert shown("within=overdue") == ["later", "late"]
        assert shown("within=x&page=99&owner=%C2%B2") == ["later", "late", "soon", "quarter"]
        assert shown("specialty=neurology") == ["soon"]
        assert shown(f"owner={cast.lead.pk}") == ["later"]
        assert shown("owner=none") == ["late", "soon", "quarter"]
        page = client.get("/documents/freshness/").content.decode()
        assert "Withdraws itself after 60 days" in page
        assert "<dt>Overdue</dt><dd>2</dd>" in page

    def test_it_is_for_editors(self, tmp_path: Path, cast: Cast) -> None:
        for person in (cast.clinician_prairie, cast.lead, cast.network_admin, cast.auditor):
            assert sign_in(Client(), person).get("/documents/freshness/").status_code == 403

    def test_the_cost_is_flat(self, tmp_path: Path, cast: Cast) -> None:
        client = sign_in(Client(), cast.editor)

        def queries(documents: int) -> int:
            for number in range(documents):
                due(tmp_path, f"{documents}-{number}", 3)
            client.get("/documents/freshness/")
            with CaptureQueriesContext(connection) as captured:
                client.get("/documents/freshness/")
            return len(captured)

        assert queries(5) == queries(30)
