"""The weekly digest: due on Monday at seven where the person is, titles only, once, and stopped with one click."""

import threading
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from knowledge import weeks
from knowledge.models import Acknowledgement, DeclaredChange, Digest, DigestChoice, Document
from knowledge.services import choose_digest, digest_frequency, follow, retire_document, send_digests, stop_token
from portal.common import outbox
from portal.common.models import AuditEvent, Mail
from portal.members.models import Organization, Person, Role
from tests.cast import Cast, give, make_person
from tests.knowledge.helpers import make_document
from tests.knowledge.test_pages import as_, text

CHICAGO = ZoneInfo("America/Chicago")
# Monday 23 November 2026 at 07:00 in Chicago, and what is before and after it.
MONDAY = datetime(2026, 11, 23, 7, tzinfo=CHICAGO)
BEFORE, AFTER = MONDAY - timedelta(minutes=1), MONDAY + timedelta(minutes=1)


@pytest.fixture
def world(cast: Cast) -> Cast:
    """Everyone came long ago."""
    Person.objects.update(created_at=MONDAY - timedelta(days=400))
    return cast


def published(folder: Path, slug: str, at: datetime, **values: object) -> Document:
    """A document published, or published anew, at a moment of the past."""
    with time_machine.travel(at, tick=False):
        return make_document(folder, slug, **values)


def digests() -> list[Mail]:
    return list(Mail.objects.filter(key__startswith="digest:").order_by("key"))


@pytest.mark.django_db
def test_it_says_the_titles_of_what_one_follows_and_nothing_else(tmp_path: Path, world: Cast) -> None:
    week = MONDAY - timedelta(days=3)
    followed = published(tmp_path, "a", week, title="Sepsis", summary="Give fluid.", specialties=["neurology"])
    published(tmp_path, "b", week, title="Murmurs", specialties=["cardiology"])
    published(tmp_path, "c", week, title="Elsewhere", specialties=["neurology"])
    published(tmp_path, "old", MONDAY - timedelta(days=8), title="Of the week before")
    published(tmp_path, "next", AFTER, title="Of this week")
    follow(what=followed, by=world.clinician_prairie)
    follow(what=world.cardiology, by=world.clinician_prairie)
    assert send_digests(now=AFTER) == 1
    (made,) = digests()
    assert made.to == world.clinician_prairie.email
    assert made.subject == "2 documents changed in what you follow"
    for words in ("- Sepsis", "/documents/a/", "- Murmurs", "New"):
        assert words in made.body
    for words in ("Elsewhere", "week", "fluid", "Of "):
        assert words not in made.body.replace("Stop this weekly mail", ""), words


@pytest.mark.django_db
def test_revised_retired_and_changed_practice_have_their_sections(tmp_path: Path, world: Cast) -> None:
    week = MONDAY - timedelta(days=2)
    for slug in ("revised", "retired", "relied"):
        published(tmp_path, slug, MONDAY - timedelta(days=30), title=f"The {slug} one", specialties=["neurology"])
    for slug in ("revised", "relied"):
        published(tmp_path, slug, week, title=f"The {slug} one", body="New.", specialties=["neurology"])
    retired, relied = Document.objects.get(slug="retired"), Document.objects.get(slug="relied")
    retire_document(document=retired, by="test", at=week)
    for slug in ("revised", "retired"):
        follow(what=Document.objects.get(slug=slug), by=world.clinician_prairie)
    assert relied.current_revision
    DeclaredChange.objects.create(
        revision=relied.current_revision, key="k", significance="practice", sentence="A sentence nobody mails."
    )
    Acknowledgement.objects.create(
        revision=relied.current_revision, document=relied, person=world.clinician_prairie, why="read"
    )
    send_digests(now=AFTER)
    (made,) = digests()
    body = made.body
    order = [body.index(words) for words in ("Changes practice", "The relied one", "Revised", "The revised one")]
    assert [*order, body.index("Retired"), body.index("The retired one")] == sorted(
        [*order, body.index("Retired"), body.index("The retired one")]
    )
    assert "sentence" not in body


@pytest.mark.django_db
def test_nobody_gets_one_without_changes_or_without_a_way_in(tmp_path: Path, world: Cast) -> None:
    document = published(tmp_path, "a", MONDAY - timedelta(days=1))
    late = make_person("late@prairie.example", "Came Later")
    give(late, Role.Name.CLINICIAN, organization=world.prairie)
    for person in (world.clinician_lakeside, world.specialist, world.editor, world.admin_prairie, late):
        follow(what=document, by=person)
    Person.objects.filter(pk=world.clinician_lakeside.pk).update(is_active=False, deactivated_at=timezone.now())
    world.specialist.roles.all().delete()
    choose_digest(frequency="off", by=world.editor)
    Organization.objects.filter(pk=world.prairie.pk).update(deactivated_at=timezone.now())
    Person.objects.filter(pk=late.pk).update(created_at=AFTER)
    assert send_digests(now=AFTER) == 0
    assert digests() == []


@pytest.mark.django_db
def test_it_goes_at_seven_where_the_person_is_once_and_also_late(tmp_path: Path, world: Cast) -> None:
    document = published(tmp_path, "a", MONDAY - timedelta(days=1))
    for person in (world.clinician_prairie, world.clinician_lakeside):
        follow(what=document, by=person)
    assert send_digests(now=BEFORE) == 1, "in New York it is eight"
    assert digests()[0].to == world.clinician_lakeside.email
    assert send_digests(now=MONDAY) == 1
    assert send_digests(now=MONDAY) == send_digests(now=AFTER) == send_digests(now=MONDAY + timedelta(days=6)) == 0
    assert len(digests()) == 2
    first = Digest.objects.get(person=world.clinician_prairie, week=date(2026, 11, 23))
    with pytest.raises(DatabaseError), transaction.atomic():
        Digest.objects.create(person=first.person, week=first.week, until=MONDAY, titles=1)
    Digest.objects.all().delete()
    assert send_digests(now=MONDAY + timedelta(days=4)) == 2
    assert len(digests()) == 2, "a mail has a key of its own besides"


@pytest.mark.django_db
def test_a_week_that_was_missed_is_told_with_the_next(tmp_path: Path, world: Cast) -> None:
    document = published(tmp_path, "a", MONDAY - timedelta(days=30), title="Long ago")
    follow(what=document, by=world.clinician_prairie)
    send_digests(now=MONDAY - timedelta(days=14) + timedelta(hours=1))
    published(tmp_path, "a", MONDAY - timedelta(days=12), title="Long ago", body="Anew.")
    send_digests(now=AFTER)
    assert "Long ago" in digests()[-1].body


@pytest.mark.django_db
def test_who_turns_it_on_again_begins_with_the_week_that_ends(tmp_path: Path, world: Cast) -> None:
    document = published(tmp_path, "a", MONDAY - timedelta(days=20))
    follow(what=document, by=world.clinician_prairie)
    Digest.objects.create(
        person=world.clinician_prairie, week=date(2026, 11, 2), until=MONDAY - timedelta(days=21), titles=0
    )
    DigestChoice.objects.create(person=world.clinician_prairie, changed_at=MONDAY - timedelta(days=1))
    assert send_digests(now=AFTER) == 0, "what changed while it was off is not told"
    DigestChoice.objects.update(changed_at=MONDAY + timedelta(seconds=30))
    Digest.objects.all().delete()
    published(tmp_path, "a", MONDAY - timedelta(days=1), body="Anew.")
    assert send_digests(now=AFTER) == 0, "turned on after it was due: from the next Monday on"
    assert send_digests(now=AFTER + timedelta(days=7)) == 0


@pytest.mark.django_db
def test_the_mail_can_be_stopped_with_one_click_and_started_again(tmp_path: Path, world: Cast) -> None:
    follow(what=published(tmp_path, "a", MONDAY - timedelta(days=1)), by=world.clinician_prairie)
    send_digests(now=AFTER)
    assert outbox.send_due() >= 1
    sent = next(message for message in mail.outbox if "changed in what you follow" in message.subject)
    link = sent.extra_headers["List-Unsubscribe"].strip("<>")
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert str(sent.message()["List-Unsubscribe"]).strip("<>") == link
    assert link in sent.body
    path = "/" + link.split("/", 3)[3]
    outsider = Client(enforce_csrf_checks=True)
    page = outsider.get(path)
    assert "The weekly mail is stopped" in page.content.decode()
    assert digest_frequency(world.clinician_prairie) == "off"
    again = path.replace("/stop/", "/start/")
    assert outsider.post(again).status_code == 403, "starting again is our page's own button"
    token = page.content.decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert "on again" in outsider.post(again, {"csrfmiddlewaretoken": token}).content.decode()
    assert digest_frequency(world.clinician_prairie) == "weekly"
    answer = outsider.post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert digest_frequency(world.clinician_prairie) == "off"
    assert AuditEvent.objects.filter(action="digest.off", actor_id=world.clinician_prairie.pk).count() == 2
    assert digest_frequency(world.clinician_lakeside) == "weekly", "nobody else's"


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["1", "1:x", "x", "9" * 40, "secret"])
def test_a_link_that_we_did_not_sign_does_nothing(world: Cast, token: str) -> None:
    for method in (Client().get, Client().post):
        assert method(f"/digest/stop/{token}/").status_code == 404
        assert not DigestChoice.objects.exists()
    forged = stop_token(world.clinician_prairie).replace(str(world.clinician_prairie.pk), str(world.editor.pk), 1)
    assert Client().get(f"/digest/stop/{forged}/").status_code == 404


@pytest.mark.django_db
def test_it_is_chosen_on_the_page_of_what_one_follows(world: Cast) -> None:
    client = as_(world.clinician_prairie)
    assert 'value="weekly" checked' in text(client, "/account/following/")
    assert client.post("/account/digest/", {"frequency": "off"}).status_code == 302
    assert 'value="off" checked' in text(client, "/account/following/")
    client.post("/account/digest/", {"frequency": "hourly"})
    assert digest_frequency(world.clinician_prairie) == "off"


@pytest.mark.django_db
def test_a_sweep_costs_the_same_however_many_follow(tmp_path: Path, world: Cast) -> None:
    document = published(tmp_path, "a", MONDAY - timedelta(days=1))
    Person.objects.update(time_zone="America/Chicago")

    def cost(people: list[Person], now: datetime) -> int:
        for person in people:
            follow(what=document, by=person)
        with CaptureQueriesContext(connection) as seen:
            send_digests(now=now)
        return len(seen)

    few = cost([world.clinician_prairie], AFTER)
    published(tmp_path, "a", MONDAY + timedelta(days=1), body="Anew.")
    people = [make_person(f"p{number}@prairie.example", "P", created_at=BEFORE) for number in range(40)]
    for person in people:
        give(person, Role.Name.CLINICIAN, organization=world.prairie)
    many = cost(people, AFTER + timedelta(days=7))
    assert len(digests()) == 42
    assert many <= few + 1  # one for what each had before


@pytest.fixture
def following(committed_cast: Cast, tmp_path: Path) -> list[Person]:
    Person.objects.update(created_at=MONDAY - timedelta(days=400), time_zone="America/Chicago")
    people = [make_person(f"p{number}@prairie.example", "P", created_at=BEFORE) for number in range(30)]
    document = published(tmp_path, "a", MONDAY - timedelta(days=1))
    for person in people:
        give(person, Role.Name.CLINICIAN, organization=committed_cast.prairie)
        follow(what=document, by=person)
    return people


def test_two_sweeps_at_once_tell_each_person_once(following: list[Person]) -> None:
    from django.db import connections

    from portal.common import tenancy

    failed: list[Exception] = []

    def sweep() -> None:
        try:
            tenancy.open_session_scope()
            send_digests(now=AFTER)
        except Exception as error:  # noqa: BLE001 - shown below
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert Mail.objects.filter(key__startswith="digest:").count() == len(following)


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)), st.sampled_from([  # noqa: DTZ001
    "America/Chicago", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu", "Europe/Berlin", "UTC",
]))  # fmt: skip
def test_it_is_always_the_last_monday_at_seven(naive: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    now = naive.replace(tzinfo=ZoneInfo("UTC"))
    found = weeks.due(now, zone)
    local = found.moment.astimezone(zone)
    assert (local.weekday(), local.hour, local.date()) == (0, 7, found.week)
    assert timedelta(0) <= now - found.moment < timedelta(days=7, hours=2)


def test_a_long_week_names_forty_and_counts_the_rest() -> None:
    titles = [weeks.Title("new", f"Title {number}", f"/documents/d{number}/") for number in range(50)]
    body = weeks.body(name="Dana", titles=titles, site="https://x.example", stop="https://x.example/s")
    assert body.count("- Title") == 40
    assert "And 10 more" in body
