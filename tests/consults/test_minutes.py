"""Minutes mended after the answer: by whoever spent them alone, with what they were, and what follows from them."""

from datetime import UTC, datetime

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.db.utils import IntegrityError, ProgrammingError
from django.test import Client

from consults import scoreboard
from consults.models import BillingDecision, Call, Consult, Message, MinutesMend, Outcome
from consults.services import assigning, calls, deciding, mending
from portal.common import tenancy
from portal.common.models import AuditEvent
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Role, Specialty
from tests.cast import Cast, give, make_person, sign_in
from tests.consults.helpers import after, answered, closed
from tests.consults.test_after_the_answer import GOOD
from tests.consults.test_api import Api

pytestmark = pytest.mark.django_db
TYPO = "Typed 12 for 25"


def answer_of(consult: Consult) -> Message:
    return Message.objects.get(consult=consult, kind=Message.Kind.ANSWER)


def mended(cast: Cast, consult: Consult, minutes: int = 25, hours: float = 7) -> MinutesMend:
    return mending.mend(answer_of(consult), by=cast.specialist, minutes=minutes, reason=TYPO, at=after(hours))


def decided(cast: Cast, consult: Consult) -> BillingDecision:
    return deciding.decide(consult, by=cast.specialist, said=GOOD, refused_because="", is_refused=False, at=after(6))


def phoned(cast: Cast) -> Call:
    note = calls.Note("advised", "Dose on dialysis?", "5 mg twice daily.", 6)
    about = {"requester": cast.clinician_prairie, "specialty": cast.cardiology, "topic": "Apixaban"}
    return calls.note_dialled(by=cast.specialist, note=note, at=after(7), **about)  # type: ignore[arg-type]


class TestMending:
    def test_the_history_keeps_who_when_from_to_and_why(self, cast: Cast) -> None:
        consult = answered(cast)
        mended(cast, consult)
        mended(cast, consult, 20, 8)
        rows = MinutesMend.objects.values_list("by", "at", "before", "after", "reason")
        who = cast.specialist.pk
        assert list(rows) == [(who, after(7), 12, 25, TYPO), (who, after(8), 25, 20, TYPO)]
        assert answer_of(consult).minutes == 20
        assert AuditEvent.objects.filter(action="consult.minutes").count() == 2

    def test_minutes_that_were_never_given_are_entered(self, cast: Cast) -> None:
        consult = answered(cast)
        blank = Message.objects.create(
            consult=consult, kind=Message.Kind.ANSWER, author=cast.specialist2, text="And so.", created_at=after(6)
        )
        made = mending.mend(blank, by=cast.specialist2, minutes=8, reason="Forgot to enter them", at=after(7))
        assert (made.before, deciding.minutes_of(consult, cast.specialist2)) == (None, 8)

    def test_until_so_many_months_after_the_answer(self, cast: Cast, settings: LazySettings) -> None:
        consult = answered(cast)  # on the 24th of November
        last = datetime(2027, 2, 25, 5, 59, tzinfo=UTC)  # the 24th in the network's time
        at = last.replace(hour=6, minute=1)
        with pytest.raises(Conflict):
            mending.mend(answer_of(consult), by=cast.specialist, minutes=25, reason=TYPO, at=at)
        mending.mend(answer_of(consult), by=cast.specialist, minutes=25, reason=TYPO, at=last)
        settings.MINUTES_MENDED_MONTHS = 1
        with pytest.raises(Conflict):
            mending.mend(answer_of(consult), by=cast.specialist, minutes=26, reason=TYPO, at=last)

    @pytest.mark.parametrize(("minutes", "why"), [(0, "w"), (601, "w"), (12, "w"), (25, " \0 "), (25, "w" * 201)])
    def test_refused_without_sense(self, cast: Cast, minutes: int, why: str) -> None:
        consult = answered(cast)
        with pytest.raises(Invalid):
            mending.mend(answer_of(consult), by=cast.specialist, minutes=minutes, reason=why, at=after(7))
        assert not MinutesMend.objects.exists()

    def test_what_took_nobody_minutes_has_none_to_mend(self, cast: Cast) -> None:
        consult = answered(cast)
        said = Message.objects.create(
            consult=consult, kind=Message.Kind.OPINION, author=cast.specialist, text="Yes.", created_at=after(6)
        )
        row = calls.request_call(
            by=cast.clinician_prairie,
            specialty=cast.cardiology,
            number="217 555 0143",
            topic="On dialysis",
            at=after(6),
        )
        Call.objects.filter(pk=row.pk).update(consult=consult)
        taken = calls.take(row, by=cast.specialist, at=after(6))
        calls.sign_note(taken, by=cast.specialist, note=calls.Note("not-reached", "", "No.", None), at=after(7))
        silent = Message.objects.get(consult=consult, created_at=after(7))
        assert silent.kind == Message.Kind.ANSWER
        for message in (said, silent):
            with pytest.raises(Refused):
                mending.mend(message, by=cast.specialist, minutes=25, reason=TYPO, at=after(8))


class TestNobodyElse:
    def others(self, cast: Cast) -> list[Person]:
        outside = give(
            make_person("neuro@network.example", "Lee Park"),
            Role.Name.SPECIALIST,
            specialties=(Specialty.objects.get(slug="neurology"),),
        )
        staff = [cast.specialist2, cast.lead, cast.network_admin, cast.auditor, cast.editor, outside]
        return [*staff, cast.clinician_prairie, cast.admin_prairie, cast.clinician_lakeside]

    def test_mends_or_posts(self, cast: Cast) -> None:
        consult = answered(cast)
        message = answer_of(consult)
        said = {"message": message.pk, "minutes": 25, "reason": TYPO}
        for person in self.others(cast):
            with pytest.raises(Refused):
                mending.mend(message, by=person, minutes=25, reason=TYPO, at=after(7))
            path = f"consults/{consult.number}/minutes/"
            assert sign_in(Client(), person).post(f"/{path}", said).status_code == 404, person
            assert Api(person).post(path, said).status_code == 404, person
        assert answer_of(consult).minutes == 12

    def test_a_colleague_with_minutes_of_their_own_mends_only_those(self, cast: Cast) -> None:
        consult = answered(cast)
        Message.objects.create(
            consult=consult, kind="answer", author=cast.specialist2, text="Too.", created_at=after(6), minutes=5
        )
        said = {"message": answer_of_first(consult).pk, "minutes": 25, "reason": TYPO}
        path = f"consults/{consult.number}/minutes/"
        assert sign_in(Client(), cast.specialist2).post(f"/{path}", said).status_code == 404
        assert Api(cast.specialist2).post(path, said).status_code == 404
        shown = Api(cast.specialist2).get(path).json()
        assert [row["minutes"] for row in shown] == [5], "not the colleague's"

    def test_reads_what_they_were_but_leads_administrators_and_auditors(self, cast: Cast) -> None:
        consult = answered(cast)
        mended(cast, consult)
        path = f"consults/{consult.number}/minutes/"
        may = (cast.lead, cast.network_admin, cast.auditor)
        for person in self.others(cast):
            page, api = sign_in(Client(), person).get(f"/{path}"), Api(person).get(path)
            expected = 200 if person in may else 404
            assert (page.status_code, api.status_code) == (expected, expected), person
            if person in may:
                assert TYPO in page.content.decode()
                assert "Keep these minutes" not in page.content.decode()
                assert [row["may_mend"] for row in api.json()] == [False]
            if (seen := sign_in(Client(), person).get(f"/consults/{consult.number}/")).status_code == 200:
                assert TYPO not in seen.content.decode()
                assert (path in seen.content.decode()) == (person in may), person

    def test_the_database_holds_to_it(self, cast: Cast) -> None:
        message = answer_of(answered(cast))
        row = {"message": message, "at": after(7), "after": 25, "reason": TYPO}
        for wrong in ({"by": cast.specialist2, "before": 12}, {"by": cast.specialist, "before": 11}):
            with pytest.raises(IntegrityError, match="only its author"), transaction.atomic():
                MinutesMend.objects.create(**row, **wrong)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Message.objects.filter(pk=message.pk).update(minutes=25)
        made = MinutesMend.objects.create(**row, by=cast.specialist, before=12)
        for change in (lambda: MinutesMend.objects.update(after=9), made.delete):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                change()
        for place in (cast.prairie, cast.lakeside):
            with tenancy.only([place.pk]):
                assert not MinutesMend.objects.exists(), "not even the requester's organization"


def answer_of_first(consult: Consult) -> Message:
    return Message.objects.filter(consult=consult, kind=Message.Kind.ANSWER).order_by("created_at")[0]


class TestWhatFollows:
    def test_the_decision_asks_to_be_confirmed_anew(self, client: Client, cast: Cast) -> None:
        consult = answered(cast)
        decided(cast, consult)
        page, path = f"/consults/{consult.number}/billing/", f"consults/{consult.number}/billing/"
        sign_in(client, cast.specialist)
        assert "confirm anew" not in client.get(page).content.decode()
        mended(cast, consult)
        shown = client.get(page).content.decode()
        assert "Please confirm anew" in shown
        assert TYPO in shown
        assert "Please confirm anew" in client.get(f"/consults/{consult.number}/minutes/").content.decode()
        rest = Api(cast.specialist).get(path).json()
        assert (rest["minutes"], rest["decided_minutes"], rest["to_confirm"]) == (25, 12, True)
        decided(cast, consult)
        assert "Please confirm anew" not in client.get(page).content.decode()
        assert Api(cast.specialist).get(path).json()["to_confirm"] is False

    def test_the_code_the_month_and_the_file_follow(self, cast: Cast) -> None:
        call = phoned(cast)
        assert call.consult
        decided(cast, call.consult)
        assert BillingDecision.objects.get().code == "99446"
        message = Message.objects.get(consult=call.consult)
        mending.mend(message, by=cast.specialist, minutes=25, reason=TYPO, at=after(8))
        assert deciding.suggestion(call.consult, person=cast.specialist, said=GOOD).code == "99448"
        page = sign_in(Client(), cast.lead).get("/billing/?month=2026-11").content.decode()
        assert "To be confirmed anew" in page
        saved = sign_in(Client(), cast.lead).get("/billing/?month=2026-11&format=csv").content.decode()
        head, line = (row.split(",") for row in saved.splitlines())
        found = dict(zip(head, line, strict=True))
        assert (found["minutes"], found["minutes decided on"], found["confirm anew"]) == ("25", "6", "yes")
        (listed,) = Api(cast.lead).get("billing/", month="2026-11").json()
        assert (listed["minutes"], listed["decided_minutes"], listed["to_confirm"]) == (25, 6, True)

    def test_the_note_stays_as_signed_and_says_that_its_minutes_were_mended(self, cast: Cast) -> None:
        call = phoned(cast)
        message = Message.objects.get(consult=call.consult)
        page = sign_in(Client(), cast.specialist).get(call.get_absolute_url()).content.decode()
        assert "Mend your minutes" in page
        assert "mended since" not in page
        mending.mend(message, by=cast.specialist, minutes=9, reason=TYPO, at=after(8))
        page = sign_in(Client(), cast.specialist).get(call.get_absolute_url()).content.decode()
        assert "6 min, by word of mouth and in writing; mended since to 9 min" in page
        (note,) = Api(cast.specialist).get(f"calls/{call.pk}/").json()["notes"]
        assert (note["minutes"], note["minutes_now"]) == (6, 9)
        assert "Mend your minutes" not in sign_in(Client(), cast.lead).get(call.get_absolute_url()).content.decode()

    def test_the_scoreboard_and_what_an_answer_usually_takes(self, cast: Cast) -> None:
        consult = answered(cast)
        assert scoreboard.totals(Outcome.objects.all()).minutes == 12
        mended(cast, consult)
        assert scoreboard.totals(Outcome.objects.all()).minutes == 25
        (found,) = assigning.candidates([cast.specialist], specialty_id=cast.cardiology.pk, now=after(8))
        assert found.minutes_lately == 25


class TestPageAndRest:
    @pytest.fixture(autouse=True)
    def _whenever_this_runs(self, settings: LazySettings) -> None:
        settings.MINUTES_MENDED_MONTHS = 1200

    def test_mended_on_the_page(self, client: Client, cast: Cast) -> None:
        consult = closed(cast)
        page = f"/consults/{consult.number}/minutes/"
        assert "Keep these minutes" in sign_in(client, cast.specialist).get(page).content.decode()
        said = {"message": answer_of(consult).pk, "minutes": "25", "reason": ""}
        assert "This field is required" in client.post(page, said).content.decode()
        assert client.post(page, said | {"message": "nonsense", "reason": "w"}).status_code == 404
        assert client.post(page, said | {"minutes": "12", "reason": "w"}).status_code == 200
        assert not MinutesMend.objects.exists()
        assert client.post(page, said | {"reason": TYPO}).status_code == 302
        assert TYPO in client.get(page).content.decode()

    def test_over_rest(self, cast: Cast) -> None:
        consult = answered(cast)
        path, api = f"consults/{consult.number}/minutes/", Api(cast.specialist)
        (first,) = api.get(path).json()
        assert (first["minutes"], first["until"], first["mends"]) == (12, "2126-11-24", [])
        wrong = {"message": first["message"], "minutes": 12, "reason": "w"}
        assert api.post(path, wrong).status_code == 400
        assert api.post(path, wrong | {"message": first["message"] + 999, "minutes": 3}).status_code == 404
        (done,) = api.post(path, wrong | {"minutes": 25}).json()
        assert (done["minutes"], [(row["before"], row["after"]) for row in done["mends"]]) == (25, [(12, 25)])

    def test_over_rest_too_late(self, cast: Cast, settings: LazySettings) -> None:
        settings.MINUTES_MENDED_MONTHS = 0
        consult = answered(cast, hours=-48)
        path, api = f"consults/{consult.number}/minutes/", Api(cast.specialist)
        (first,) = api.get(path).json()
        assert first["may_mend"] is False
        assert api.post(path, {"message": first["message"], "minutes": 3, "reason": "w"}).status_code == 409
        page = sign_in(Client(), cast.specialist).get(f"/{path}").content.decode()
        assert "They could be mended until" in page
        assert "Keep these minutes" not in page
