"""What is remembered of searches: masked, counted once, without names after a while, and never another's."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge import figures
from knowledge.models import Document, SearchLog
from knowledge.services import indexing
from knowledge.services.searching import MASK, forget, masked, record_click, record_search
from knowledge.tasks import forget_searches
from portal.common import tenancy
from portal.members.models import Person
from tests.cast import Cast
from tests.knowledge.helpers import make_document, make_documents
from tests.knowledge.test_api import api, get
from tests.knowledge.test_pages import as_, text

pytestmark = pytest.mark.django_db


def searched(by: Person, query: str, *, count: int = 3, hours_ago: float = 1.0) -> SearchLog:
    number = record_search(
        query=query,
        count=count,
        corrected=False,
        degraded=False,
        is_first=True,
        by=by,
        at=timezone.now() - timedelta(hours=hours_ago),
    )
    assert number is not None
    return SearchLog.objects.get(pk=number)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("sepsis dose 30 ml/kg", "sepsis dose 30 ml/kg"),
        ("A41.9", "A41.9"),
        ("E10.10 in 2024", "E10.10 in 2024"),
        ("potassium 6.5 mmol 3-4 times", "potassium 6.5 mmol 3-4 times"),
        ("Mr Harold Fenwick sepsis", f"{MASK} sepsis"),
        ("patient John Smith dka", f"patient {MASK} dka"),
        ("MRN 00123456 sepsis", f"{MASK} sepsis"),
        ("sepsis 1234567", f"sepsis {MASK}"),
        ("fall 03/14/1951 hip", f"fall {MASK} hip"),
        ("a.b@c.example gout", f"{MASK} gout"),
        ("call 555-867-5309", f"call {MASK}"),
    ],
)
def test_what_looks_like_an_identifier_is_never_written(query: str, kept: str) -> None:
    assert masked(query) == kept


def test_a_search_is_one_row_its_pages_filters_and_repetitions_none(tmp_path: Path, cast: Cast) -> None:
    make_documents(tmp_path, 25)
    indexing.index_pending()
    client = as_(cast.clinician_prairie)
    for address in ("q=Murmur", "q=murmur&page=2", "q=murmur&kind=topic", "q=murmur%3F", "q=Murmur"):
        text(client, f"/search/?{address}")
    log = SearchLog.objects.get()
    assert (log.query, log.words, log.count, log.person, log.organization) == (
        "Murmur", "murmur", 25, cast.clinician_prairie, cast.prairie
    )  # fmt: skip
    text(client, "/search/?q=other&page=2")
    text(client, "/search/?q=")
    assert SearchLog.objects.count() == 1
    text(as_(cast.editor), "/search/?q=murmur")
    assert SearchLog.objects.get(person=cast.editor).organization is None


def test_the_first_result_opened_is_remembered_where_it_stood(tmp_path: Path, cast: Cast) -> None:
    make_documents(tmp_path, 25)
    indexing.index_pending()
    client = as_(cast.clinician_prairie)
    second = text(client, "/search/?q=murmur&page=2")
    assert "?from=" not in second, "a page whose first was never asked for is no search"
    text(client, "/search/?q=murmur")
    log = SearchLog.objects.get()
    page = text(client, "/search/?q=murmur&page=2")
    assert f"?from={log.pk}&amp;at=21" in page
    text(client, f"/documents/murmur-003/?from={log.pk}&at=21")
    text(client, f"/documents/murmur-004/?from={log.pk}&at=2")
    log.refresh_from_db()
    assert log.document is not None
    assert (log.document.slug, log.position) == ("murmur-003", 21)


ODD = ["from=x&at=1", "from=1", "at=1", f"from={'9' * 30}&at=1", "from=1&at=-1", "from=²&at=1", "from=1&at=99999999"]


@pytest.mark.parametrize("address", ODD)
def test_odd_clicks_are_pages_too(tmp_path: Path, cast: Cast, address: str) -> None:
    make_document(tmp_path, "a")
    assert "About a" in text(as_(cast.clinician_prairie), f"/documents/a/?{address}")


def test_nobody_clicks_for_another_or_much_later(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a")
    mine, old = searched(cast.clinician_prairie, "sepsis"), searched(cast.clinician_prairie, "gout", hours_ago=25)
    text(as_(cast.clinician_lakeside), f"/documents/a/?from={mine.pk}&at=1")
    text(as_(cast.editor), f"/documents/a/?from={mine.pk}&at=1")
    text(as_(cast.clinician_prairie), f"/documents/a/?from={old.pk}&at=1")
    assert not SearchLog.objects.exclude(document=None).exists()


def test_the_database_shows_an_organization_its_own_searches_alone(cast: Cast) -> None:
    mine = searched(cast.clinician_prairie, "sepsis")
    searched(cast.clinician_lakeside, "gout")
    searched(cast.editor, "dka")
    with tenancy.only([cast.prairie.pk]):
        assert list(SearchLog.objects.values_list("pk", flat=True)) == [mine.pk]
    with transaction.atomic(), tenancy.only([]):
        assert not SearchLog.objects.exists()


def test_names_go_first_and_rows_later(cast: Cast, settings: LazySettings) -> None:
    settings.SEARCH_LOG_DAYS, settings.SEARCH_LOG_KEEP_DAYS = 30, 100
    young = searched(cast.clinician_prairie, "young", hours_ago=24 * 29)
    older = searched(cast.clinician_prairie, "older", hours_ago=24 * 31)
    searched(cast.clinician_prairie, "oldest", hours_ago=24 * 101)
    forget_searches()
    young.refresh_from_db()
    older.refresh_from_db()
    assert (young.person, young.organization) == (cast.clinician_prairie, cast.prairie)
    assert (older.person, older.organization, older.words) == (None, None, "older")
    assert SearchLog.objects.count() == 2
    with CaptureQueriesContext(connection) as captured:
        forget(now=timezone.now())
    assert not any("UPDATE" in query["sql"] and older.words in query["sql"] for query in captured)


def test_editors_learn_what_is_missing_and_what_nobody_opens(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a")
    for person in (cast.clinician_prairie, cast.clinician_lakeside):
        searched(person, "Tirzepatide?", count=0)
    searched(cast.clinician_prairie, "zebra", count=0)
    searched(cast.clinician_prairie, "long ago", count=0, hours_ago=24 * 40)
    searched(cast.clinician_prairie, "gout")
    opened = searched(cast.clinician_lakeside, "gout")
    record_click(search=opened.pk, document=document, position=1, by=cast.clinician_lakeside, at=timezone.now())
    searched(cast.clinician_prairie, "still reading", hours_ago=0.05)
    since = timezone.now() - timedelta(days=30)
    with tenancy.only([cast.lakeside.pk]):
        vain = figures.found_nothing(since=since)
        left = figures.clicked_nothing(since=since, now=timezone.now())
    assert [(row.words, row.vain, row.searches) for row in vain] == [("tirzepatide", 2, 2), ("zebra", 1, 1)]
    assert [(row.words, row.vain, row.searches) for row in left] == [("gout", 1, 2)]
    assert len(figures.found_nothing(since=since, limit=1)) == 1


def test_shares_are_withheld_below_eleven(cast: Cast) -> None:
    since, now = timezone.now() - timedelta(days=1), timezone.now()
    for number in range(10):
        searched(cast.clinician_prairie, f"word {number}", count=number % 2)
    assert figures.shares(since=since, now=now) == figures.Shares(None, None, None, None)
    searched(cast.clinician_lakeside, "one more", count=0)
    assert figures.shares(since=since, now=now) == figures.Shares(11, 6 / 11, 5 / 11, 0.0)


def test_a_retired_documents_searches_stay(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a")
    log = searched(cast.clinician_prairie, "sepsis")
    record_click(search=log.pk, document=document, position=3, by=cast.clinician_prairie, at=timezone.now())
    assert SearchLog.objects.filter(document=Document.objects.get()).exists()


def test_a_search_over_rest_is_remembered_as_one_on_the_page(
    tmp_path: Path, cast: Cast, settings: LazySettings
) -> None:
    make_documents(tmp_path, 25)
    indexing.index_pending()
    client = api(cast.clinician_prairie)
    for address in ("q=Murmur+Mr+Harold+Fenwick", "q=gout&page=2", "q=gout&kind=topic", "q=gout&noted=true", "q="):
        get(client, f"search/?{address}")
    log = SearchLog.objects.get()
    assert (log.query, log.person) == (f"Murmur {MASK}", cast.clinician_prairie)
    forget(now=timezone.now() + timedelta(days=settings.SEARCH_LOG_DAYS + 1))
    log.refresh_from_db()
    assert (log.person, log.organization) == (None, None)
