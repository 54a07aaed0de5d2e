"""What follows from an answer: the billing code, the close-out, peer review and thanks; and who sees none of it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError, ProgrammingError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consults import billing
from consults.models import BillingDecision, CloseOut, Consult, FaqOffer, PeerReview, Statement, Thanks
from consults.services import calls, deciding, requesting, reviewing, thanking
from knowledge.models import Document
from portal.common import tenancy
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Role, Specialty
from tests.cast import Cast, give, make_person, sign_in
from tests.consults.helpers import after, answered, closed
from tests.consults.test_api import Api
from tests.consults.test_asking import published


def flat(client: Client, path: str, more: Callable[[], object]) -> None:
    """A page asks as much of the database with twenty rows as with two."""
    counts = []
    for n in (2, 18):
        for _ in range(n):
            more()
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1], path


# minutes, spoken, written, consent, seen, billed lately, requester -> code, billable
CASES = """
 4  spoken   written  consent  no       no       -          ->  -      no
 5  spoken   written  consent  no       no       -          ->  99446  yes
10  spoken   written  consent  no       no       -          ->  99446  yes
11  spoken   written  consent  no       no       -          ->  99447  yes
20  spoken   written  consent  no       no       -          ->  99447  yes
21  spoken   written  consent  no       no       -          ->  99448  yes
30  spoken   written  consent  no       no       -          ->  99448  yes
31  spoken   written  consent  no       no       -          ->  99449  yes
90  spoken   written  consent  no       no       -          ->  99449  yes
12  spoken   -        consent  no       no       -          ->  99447  no
 0  -        written  consent  no       no       -          ->  -      no
 4  -        written  consent  no       no       -          ->  -      no
 5  -        written  consent  no       no       -          ->  99451  yes
31  -        written  consent  no       no       -          ->  99451  yes
12  -        -        consent  no       no       -          ->  99451  no
12  -        written  -        no       no       -          ->  99451  no
12  -        written  consent  yes      no       -          ->  99451  no
12  -        written  consent  no       yes      -          ->  99451  no
12  -        written  consent  unknown  no       -          ->  99451  no
12  -        written  consent  no       unknown  -          ->  99451  no
15  -        written  consent  unknown  no       requester  ->  -      no
16  -        written  consent  unknown  no       requester  ->  99452  yes
30  spoken   written  consent  unknown  no       requester  ->  99452  yes
31  -        written  consent  unknown  no       requester  ->  -      no
20  -        written  -        unknown  no       requester  ->  99452  no
20  -        written  consent  unknown  unknown  requester  ->  99452  no
20  -        written  consent  unknown  yes      requester  ->  99452  no
"""
KNOWN = {"yes": True, "no": False, "unknown": None}


@pytest.mark.parametrize("line", CASES.strip().splitlines())
def test_billing_cases(line: str) -> None:
    given, expected = (part.split() for part in line.split("->"))
    minutes, spoken, written, consent, seen, lately, whose = given
    case = billing.Case(
        minutes=int(minutes),
        verbal=spoken == "spoken",
        written=written == "written",
        consent=consent == "consent",
        seen=KNOWN[seen],
        billed_lately=KNOWN[lately],
        is_requester=whose == "requester",
    )
    found = billing.suggest(case)
    assert [found.code or "-", "yes" if found.is_billable else "no"] == expected


GOOD = deciding.Said(seen=False, billed_lately=False, consent=True)


@pytest.mark.django_db
class TestBilling:
    def test_confirmed_then_refused_instead(self, cast: Cast) -> None:
        consult = answered(cast)
        done = deciding.decide(
            consult, by=cast.specialist, said=GOOD, refused_because="", is_refused=False, at=after(6)
        )
        assert (done.code, done.minutes) == ("99451", 12)
        deciding.decide(
            consult, by=cast.specialist, said=GOOD, refused_because="Seen last week", is_refused=True, at=after(7)
        )
        assert BillingDecision.objects.get().code == ""

    def test_a_signed_note_of_a_call_makes_it_spoken_and_stated_consent_is_known(self, cast: Cast) -> None:
        consult = answered(cast)
        assert deciding.suggestion(consult, person=cast.specialist, said=GOOD).code == "99451"
        note = calls.Note("advised", "Dose on dialysis?", "5 mg twice daily.", 6)
        calls.note_dialled(
            by=cast.specialist2,
            requester=cast.clinician_prairie,
            specialty=cast.cardiology,
            topic="Apixaban",
            note=note,
            at=after(7),
        )
        spoken = Consult.objects.get(question="Apixaban")
        silent = deciding.Said(seen=False, billed_lately=False)
        assert not deciding.suggestion(spoken, person=cast.specialist2, said=silent).is_billable, "consent is not known"
        Statement.objects.create(
            consult=spoken, kind="consent", wording=1, sentence="s", made_by=cast.clinician_prairie, made_at=after(7)
        )
        found = deciding.suggestion(spoken, person=cast.specialist2, said=silent)
        assert (found.code, found.is_billable) == ("99446", True)
        assert not deciding.is_spoken(spoken, cast.specialist), "somebody else spoke"

    def test_what_nobody_has_said_is_not_confirmed(self, cast: Cast) -> None:
        for said in (deciding.Said(), deciding.Said(False, False, False), deciding.Said(True, False, True)):
            with pytest.raises(Invalid):
                deciding.decide(
                    answered(cast), by=cast.specialist, said=said, refused_because="", is_refused=False, at=after(6)
                )

    def test_nobody_else_decides_or_reads(self, cast: Cast) -> None:
        consult = answered(cast)
        for person in (
            cast.specialist2,
            cast.lead,
            cast.clinician_prairie,
            cast.network_admin,
            cast.clinician_lakeside,
        ):
            with pytest.raises(Refused):
                deciding.decide(consult, by=person, said=GOOD, refused_because="", is_refused=False, at=after(6))
            path = f"consults/{consult.number}/billing/"
            page, api = sign_in(Client(), person), Api(person)
            assert [page.get(f"/{path}").status_code, page.post(f"/{path}").status_code] == [404, 404], person
            assert [api.get(path).status_code, api.post(path).status_code] == [404, 404], person
        assert not BillingDecision.objects.exists()

    def test_over_rest(self, cast: Cast) -> None:
        path, api = f"consults/{answered(cast).number}/billing/", Api(cast.specialist)
        first = api.get(path).json()
        assert (first["minutes"], first["suggested"], first["decided"]) == (12, "99451", None)
        assert api.post(path, {"consent": True}).status_code == 400, "two conditions are not said yet"
        assert api.post(path, {"consent": True, "seen": False, "billed_lately": False}).json()["decided"] == "99451"
        assert api.post(path, {"refused_because": "Seen last week"}).json()["decided"] == ""
        month = f"{BillingDecision.objects.get().decided_at:%Y-%m}"
        listed = Api(cast.lead).get("billing/", month=month).json()
        assert [row["refused_because"] for row in listed] == ["Seen last week"]

    def test_the_month_asks_no_more_of_the_database_with_more_rows(self, client: Client, cast: Cast) -> None:
        path = f"/billing/?month={after(6):%Y-%m}"
        sign_in(client, cast.lead)

        def more() -> None:
            deciding.decide(
                answered(cast), by=cast.specialist, said=GOOD, refused_because="", is_refused=False, at=after(6)
            )

        for address in (path, f"{path}&format=csv"):
            BillingDecision.objects.all().delete()
            flat(client, address, more)

    def test_the_page_and_the_month(self, client: Client, cast: Cast) -> None:
        consult = answered(cast)
        page = f"/consults/{consult.number}/billing/"
        assert "99451" in sign_in(client, cast.specialist).get(page).content.decode()
        said = {"seen": "no", "billed_lately": "no", "consent": "on", "confirm": "1"}
        assert client.post(page, said).status_code == 302
        month = f"{BillingDecision.objects.get().decided_at:%Y-%m}"
        for person in (cast.lead, cast.network_admin):
            saved = sign_in(Client(), person).get(f"/billing/?month={month}&format=csv").content.decode()
            assert consult.number in saved
            assert "apixaban" not in saved
            assert sign_in(Client(), person).get("/billing/?month=nonsense").status_code == 200
        for person in (cast.specialist, cast.clinician_prairie, cast.admin_prairie, cast.editor, cast.auditor):
            for path in ("/billing/", "/billing/?format=csv"):
                assert sign_in(Client(), person).get(path).status_code == 403, (person, path)
            assert Api(person).get("billing/").status_code == 404, person

    def test_a_lead_exports_their_own_specialties_only(self, cast: Cast) -> None:
        deciding.decide(
            answered(cast), by=cast.specialist, said=GOOD, refused_because="", is_refused=False, at=after(6)
        )
        other = give(
            make_person("lead2@network.example", "Uma Holt"),
            Role.Name.SECTION_LEAD,
            specialties=(Specialty.objects.get(slug="neurology"),),
        )
        assert deciding.decided_in(after(6).date(), by=cast.lead).count() == 1
        assert deciding.decided_in(after(6).date(), by=other).count() == 0


@pytest.mark.django_db
class TestCloseOut:
    def test_comment_and_seconds_reach_whoever_answered_and_nobody_else(self, client: Client, cast: Cast) -> None:
        consult = answered(cast)
        form = {"course": "new", "referral": "avoided", "value": "5", "comment": "Just what I needed", "seconds": "9"}
        sign_in(client, cast.clinician_prairie).post(f"/consults/{consult.number}/close/", form)
        assert (CloseOut.objects.get().comment, CloseOut.objects.get().seconds) == ("Just what I needed", 9)

        def seen_by(person: Person) -> list[str]:
            page, api = sign_in(Client(), person).get("/my-results/"), Api(person).get("my-results/")
            assert page.status_code == api.status_code, person
            return [answer.content.decode() for answer in (page, api) if answer.status_code == 200]

        assert all("Just what I needed" in text for text in seen_by(cast.specialist))
        for person in (cast.specialist2, cast.lead):
            assert len(seen_by(person)) == 2
            assert not any("Just what I needed" in text for text in seen_by(person))
        for person in (cast.clinician_prairie, cast.admin_prairie, cast.network_admin, cast.auditor, cast.editor):
            assert seen_by(person) == [], person

    def test_results_ask_no_more_of_the_database_with_more_rows(self, client: Client, cast: Cast) -> None:
        flat(sign_in(client, cast.specialist), "/my-results/", lambda: closed(cast))

    def test_an_unlikely_time_is_not_kept_and_a_long_comment_is_refused(self, cast: Cast) -> None:
        def close(**more: object) -> None:
            by, consult = cast.clinician_prairie, answered(cast)
            requesting.close(
                consult,
                by=by,
                course="new",
                referral="avoided",
                value=4,
                at=after(6),
                **more,  # type: ignore[arg-type]
            )

        close(seconds=100_000)
        assert CloseOut.objects.get().seconds is None
        with pytest.raises(Invalid):
            close(comment="x" * 501)


DECEMBER = datetime(2026, 12, 2, 12, tzinfo=UTC)
SCORES: dict[str, int | None] = dict.fromkeys(reviewing.ITEMS, 4) | {"referral": None}


def test_the_sample_is_the_same_every_time_grows_with_its_share_and_has_its_size() -> None:
    month = DECEMBER.date()
    numbers = [f"C-{n}" for n in range(5000)]
    drawn = {
        share: {n for n in numbers if reviewing.is_drawn(n, month=month, percent=share)} for share in (0, 5, 20, 100)
    }
    assert drawn[0] < drawn[5] < drawn[20] < drawn[100]
    assert len(drawn[100]) == 5000
    assert 850 < len(drawn[20]) < 1150
    assert len(reviewing.ITEMS) == 10


@pytest.mark.django_db
class TestPeerReview:
    @pytest.fixture
    def review(self, cast: Cast) -> PeerReview:
        closed(cast)
        reviewing.set_share(cast.cardiology, by=cast.lead, percent=100, at=after(7))
        assert reviewing.draw(now=DECEMBER)["drawn"] == 1
        assert reviewing.draw(now=DECEMBER)["drawn"] == 0
        return PeerReview.objects.get()

    def test_written_once_by_a_colleague(self, cast: Cast, review: PeerReview) -> None:
        reviewing.write(review, by=cast.specialist2, scores=SCORES, note="Clear.", at=DECEMBER)
        with pytest.raises(Conflict):
            reviewing.write(review, by=cast.lead, scores=SCORES, note="", at=DECEMBER)
        for person in (cast.specialist, cast.specialist2, cast.lead):
            assert PeerReview.objects.visible_to(person).count() == 1
        for person in (cast.network_admin, cast.auditor, cast.editor, cast.clinician_prairie, cast.clinician_lakeside):
            assert PeerReview.objects.visible_to(person).count() == 0

    def test_never_ones_own_nor_another_sections(self, cast: Cast, review: PeerReview) -> None:
        other = give(
            make_person("neuro@network.example", "Lee Park"),
            Role.Name.SPECIALIST,
            specialties=(Specialty.objects.get(slug="neurology"),),
        )
        number = review.consult.number
        for person in (cast.specialist, other, cast.clinician_prairie, cast.editor, cast.network_admin, cast.auditor):
            with pytest.raises(Refused):
                reviewing.write(review, by=person, scores=SCORES, note="", at=DECEMBER)
            client = sign_in(Client(), person)
            assert client.get(f"/reviews-of-answers/{number}/").status_code == 404, person
            assert Api(person).post(f"peer-reviews/{number}/", {"scores": SCORES}).status_code == 404, person
            listed = Api(person).get("peer-reviews/")
            assert listed.status_code == 404 or listed.json() == {"to_do": [], "done": []}, person
        with pytest.raises(IntegrityError), transaction.atomic():
            PeerReview.objects.update(reviewer=cast.specialist, done_at=DECEMBER)

    def test_each_item_needs_a_score(self, cast: Cast, review: PeerReview) -> None:
        for wrong in ({}, SCORES | {"clarity": 6}, SCORES | {"clarity": 0}):
            with pytest.raises(Invalid):
                reviewing.write(review, by=cast.lead, scores=wrong, note="", at=DECEMBER)

    def test_only_the_lead_sets_the_share_and_saves_the_results(self, cast: Cast, review: PeerReview) -> None:
        for person in (cast.specialist, cast.network_admin, cast.clinician_prairie, cast.editor):
            with pytest.raises(Refused):
                reviewing.set_share(cast.cardiology, by=person, percent=5, at=after(1))
            client = sign_in(Client(), person)
            assert client.post("/reviews-of-answers/share/cardiology/", {"percent": 5}).status_code == 404
            assert client.get("/reviews-of-answers/?format=csv").status_code == 404
            assert Api(person).post("specialties/cardiology/review-share/", {"percent": 5}).status_code == 404
        assert Api(cast.lead).post("specialties/cardiology/review-share/", {"percent": 5}).json() == {"percent": 5}
        assert Api(cast.lead).post("specialties/cardiology/review-share/", {"percent": 101}).status_code == 400

    def test_over_rest(self, cast: Cast, review: PeerReview) -> None:
        number, api = review.consult.number, Api(cast.specialist2)
        assert [row["number"] for row in api.get("peer-reviews/").json()["to_do"]] == [number]
        assert api.post(f"peer-reviews/{number}/", {"scores": {"clarity": 4}}).status_code == 400
        done = api.post(f"peer-reviews/{number}/", {"scores": SCORES, "note": "Clear."}).json()
        assert (done["scores"]["referral"], done["reviewer"]["name"]) == (None, "Lena Moritz")
        assert api.post(f"peer-reviews/{number}/", {"scores": SCORES}).status_code == 404, "once"

    @pytest.mark.parametrize("list_of", ["waiting", "written"])
    def test_lists_ask_no_more_of_the_database_with_more_rows(self, client: Client, cast: Cast, list_of: str) -> None:
        reviewing.set_share(cast.cardiology, by=cast.lead, percent=100, at=after(7))
        sign_in(client, cast.lead)

        def more() -> None:
            closed(cast)
            reviewing.draw(now=DECEMBER)
            if list_of == "written":
                row = PeerReview.objects.get(done_at=None)
                reviewing.write(row, by=cast.lead, scores=SCORES, note="", at=DECEMBER)

        flat(client, "/reviews-of-answers/", more)

    def test_pages(self, client: Client, cast: Cast, review: PeerReview) -> None:
        sign_in(client, cast.specialist2)
        number = review.consult.number
        assert number in client.get("/reviews-of-answers/").content.decode()
        page = f"/reviews-of-answers/{number}/"
        assert client.get(page).status_code == 200
        assert client.post(page, {"note": "x"}).status_code == 200, "without scores the form comes again"
        form = {item: "na" if score is None else str(score) for item, score in SCORES.items()}
        assert client.post(page, form).status_code == 302
        assert "Not applicable" in client.get(page).content.decode()
        saved = sign_in(Client(), cast.lead).get("/reviews-of-answers/?format=csv").content.decode()
        assert "n/a" in saved
        assert number in saved

    def test_the_database_keeps_it_from_other_organizations(self, cast: Cast, review: PeerReview) -> None:
        deciding.decide(
            review.consult, by=cast.specialist, said=GOOD, refused_because="", is_refused=False, at=after(8)
        )
        for place, n in ((cast.prairie, 1), (cast.lakeside, 0)):
            with tenancy.only([place.pk]):
                assert (PeerReview.objects.count(), BillingDecision.objects.count()) == (n, n)
        other = answered(cast)
        rows = (
            BillingDecision(consult=other, specialist=cast.specialist, minutes=5, code="99451", decided_at=after(8)),
            PeerReview(consult=other, specialist=cast.specialist, month=DECEMBER.date(), drawn_at=DECEMBER),
        )
        for row in rows:
            with tenancy.only([cast.lakeside.pk]), transaction.atomic():
                with pytest.raises(ProgrammingError, match="row-level security"):
                    row.save()
                transaction.set_rollback(True)
        with tenancy.only([cast.lakeside.pk]):
            assert PeerReview.objects.update(note="x") == BillingDecision.objects.update(minutes=1) == 0


@pytest.mark.django_db
class TestThanks:
    @pytest.fixture
    def faq(self, cast: Cast) -> Document:
        consult = closed(cast)
        document = published("dose")
        Document.objects.filter(pk=document.pk).update(kind=Document.Kind.FAQ)
        FaqOffer.objects.filter(consult=consult).update(document=document, decided_by=cast.editor, decided_at=after(7))
        return Document.objects.get(pk=document.pk)

    def test_thanked_once_undone_and_counted_for_its_author_alone(self, cast: Cast, faq: Document) -> None:
        for _ in range(2):
            thanking.thank(faq, by=cast.clinician_lakeside)
        thanking.thank(faq, by=cast.specialist)  # one's own do not count
        assert [row.thanked for row in thanking.of_author(cast.specialist)] == [1]
        for person in (cast.specialist2, cast.lead, cast.editor, cast.clinician_prairie):
            assert thanking.of_author(person) == []
        thanking.unthank(faq, by=cast.clinician_lakeside)
        assert [row.thanked for row in thanking.of_author(cast.specialist)] == [0]

    def test_only_published_faqs(self, cast: Cast) -> None:
        with pytest.raises(Invalid):
            thanking.thank(Document.objects.create(slug="t", kind="topic"), by=cast.clinician_prairie)

    def test_by_click_and_over_rest(self, client: Client, cast: Cast, faq: Document) -> None:
        sign_in(client, cast.clinician_lakeside)
        client.post("/thanks/dose/")
        client.post("/thanks/dose/", {"undo": "1"})
        assert not Thanks.objects.exists()
        api = Api(cast.clinician_lakeside)
        assert api.post("documents/dose/thanks/").status_code == 204
        assert Thanks.objects.get().person == cast.clinician_lakeside
        assert api.client.delete("/api/v1/documents/dose/thanks/", headers=api.headers).status_code == 204
        assert not Thanks.objects.exists()
        assert api.post("documents/no-such/thanks/").status_code == 404
        assert client.post("/thanks/no-such/").status_code == 404
        assert Consult.objects.count() == 1
