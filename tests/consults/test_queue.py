"""The queue's one statement and a consult's two: they find what the models find, and never more than may be seen."""

import re
from datetime import UTC

import pytest
from django.core.paginator import Paginator
from django.db import connection
from django.http import Http404
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consults import clock
from consults.at_hand import at_hand
from consults.models import (
    Calendar,
    CalendarVersion,
    Consult,
    ConsultQuerySet,
    OnBehalf,
    Promise,
    PromiseVersion,
    TimelineEntry,
)
from consults.presenting import clock_view
from consults.queue import Queue, look
from consults.services import answering, clockwork, requesting
from consults.views.reading import visible
from portal.members.models import Person, Role
from tests.cast import Cast, give, make_person, sign_in
from tests.consults.helpers import IN_STATE, after, answered, claimed, closed, sent, waiting
from tests.consults.test_asking import published

pytestmark = pytest.mark.django_db


def queue(person: Person, who: str = "", page: str | None = None, size: int = 25) -> Queue:
    return look(person, now=timezone.now(), zone=UTC, who=who, page=page, size=size)


def numbers(found: Queue) -> list[str]:
    return [row.number for row in found.page.object_list]


def test_the_page_that_is_asked_for_is_the_one_that_is_found(cast: Cast) -> None:
    rows = [*(sent(cast, at=after(-hours)).number for hours in range(5)), waiting(cast).number]
    ordered = [*reversed(rows[:5]), rows[5]]
    paginator = Paginator(ordered, 4)
    for page in (None, "", "1", "2", "3", "0", "-1", "99", "last", "1.5", "9" * 30, " 2 "):
        found, meant = queue(cast.specialist, page=page, size=4), paginator.get_page(page)
        assert (found.page.number, numbers(found)) == (meant.number, list(meant)), page
        assert found.page.paginator.count == 6
    assert numbers(queue(cast.specialist, "waiting", "2", 4)) == ordered[4:5]
    assert numbers(queue(cast.specialist, "mine", "7", 4)) == ordered[5:]


def test_nothing_is_shown_that_the_models_do_not_let_one_see(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden, shown = sent(cast), claimed(cast)
    assert len(numbers(queue(cast.specialist))) == 2
    monkeypatch.setattr(ConsultQuerySet, "visible_to", lambda self, person: self.exclude(pk=hidden.pk))
    found = queue(cast.specialist)
    assert numbers(found) == [shown.number]
    assert found.counts == {"open": 1, "mine": 1, "waiting": 0, "late": 1, "at_risk": 0}
    request = RequestFactory().get("/")
    request.user = cast.specialist
    assert visible(request, shown.number) == shown
    with pytest.raises(Http404):
        visible(request, hidden.number)


def test_clocks_are_read_as_the_models_say(cast: Cast) -> None:
    calendar = CalendarVersion.objects.create(
        calendar=Calendar.objects.create(name="Office"),
        number=1,
        zone="America/Chicago",
        week=[[["08:00", "17:00"]]] * 5 + [[], []],
    )
    promise = Promise.objects.create(urgency="soon")
    hours = PromiseVersion.objects.create(promise=promise, number=1, answer_seconds=28_800, calendar=calendar)
    row = waiting(cast)
    clockwork.retarget(row, at=after(3), why="another urgency", terms=clockwork.Terms(hours))
    row.save()
    again = answered(cast)
    requesting.reply(again, by=cast.clinician_prairie, text="And at night?", at=after(9))
    late = sent(cast, at=after(-60))
    found = {one.number: one.clock for one in queue(cast.specialist).page.object_list}
    assert set(found) == {row.number, again.number, late.number}
    for number, seen in found.items():
        meant = clock_view(Consult.objects.get(number=number), now=seen.reading.now, zone=UTC)
        for name in ("state", "due_at", "is_late", "is_at_risk", "remaining_seconds", "share_used", "paused_since"):
            assert getattr(seen, name) == getattr(meant, name), (number, name)
        assert seen.counts_every_hour == meant.counts_every_hour == (number != row.number)


def test_what_others_wrote_is_text_in_the_queue(cast: Cast) -> None:
    row = sent(cast)
    Consult.objects.filter(pk=row.pk).update(question='<b>"Now" & here</b>')
    Person.objects.filter(pk=cast.specialist2.pk).update(name="<i>Kim</i>")
    answering.claim(sent(cast), by=cast.specialist2, at=timezone.now())
    page = sign_in(Client(), cast.specialist).get("/queue/").content.decode()
    assert "&lt;b&gt;&quot;Now&quot; &amp; here&lt;/b&gt;</a>" in page
    assert "With &lt;i&gt;Kim&lt;/i&gt;</span>" in page


def test_the_button_of_a_row_claims_it(cast: Cast) -> None:
    row, client = sent(cast), sign_in(Client(enforce_csrf_checks=True), cast.specialist)
    form = re.search(r'action="([^"]+/claim/)"><input[^>]+value="(\w+)"', client.get("/queue/").content.decode())
    assert form
    assert client.post(form[1], {"csrfmiddlewaretoken": form[2][::-1]}).status_code == 403
    assert client.post(form[1], {"csrfmiddlewaretoken": form[2]}).status_code == 302
    row.refresh_from_db()
    assert row.assignee == cast.specialist


@pytest.mark.parametrize("state", sorted(IN_STATE.keys() - {"draft"}))
def test_a_consult_is_found_with_what_stands_beside_it(cast: Cast, state: str) -> None:
    meant, request = IN_STATE[state](cast), RequestFactory().get("/")
    request.user = cast.specialist
    row = visible(request, meant.number)
    names = ("specialty", "organization", "assignee", "requester", "facility")
    with CaptureQueriesContext(connection) as asked:
        beside = [getattr(row, name) for name in names]
        columns = [field.attname for field in row._meta.concrete_fields if field.name != "words"]
        values = {name: getattr(row, name) for name in columns}
    assert not asked.captured_queries
    meant = Consult.objects.select_related(*names).get(pk=meant.pk)
    assert values == {name: getattr(meant, name) for name in values}
    assert [vars(one) | {"_state": 0} if one else None for one in beside] == [
        vars(getattr(meant, name)) | {"_state": 0} if getattr(meant, name) else None for name in names
    ]


def test_what_was_said_and_happened_is_told_as_the_models_tell_it(cast: Cast) -> None:
    document = published("cited")
    row = claimed(cast)
    answering.answer(row, by=cast.specialist, text="5 mg.", documents=[document], minutes=12, at=after(5))
    colleague = give(make_person("ana@prairie.example", "Ana Ruiz"), Role.Name.CLINICIAN, organization=cast.prairie)
    OnBehalf.objects.create(consult=row, colleague=colleague, written_by=cast.clinician_prairie)
    TimelineEntry.objects.create(consult=row, kind="half", at=after(24))  # by nobody
    row.refresh_from_db()
    here = at_hand(row, person=cast.specialist)
    messages = list(row.messages.all())
    assert [(one.pk, one.author.name, one.get_kind_display, one.created_at, one.minutes) for one in here.thread] == [
        (one.pk, one.author.name, one.get_kind_display(), one.created_at, one.minutes) for one in messages
    ]
    assert [(one.address, one.title) for one in here.thread[-1].citations] == [
        (one.get_absolute_url(), one.revision.title) for one in messages[-1].citations.all()
    ]
    assert [(one.kind, one.at, one.actor and one.actor.name, one.get_kind_display) for one in here.timeline] == [
        (one.kind, one.at, one.actor and one.actor.name, one.get_kind_display()) for one in row.timeline.all()
    ]
    assert here.behalf
    assert here.behalf.written_by == cast.clinician_prairie.name
    assert here.behalf.colleague == "Ana Ruiz"
    assert clock.read(here.log, now=after(7)) == clockwork.reading(row, now=after(7))


def test_how_it_was_closed_is_told_in_words(cast: Cast) -> None:
    here = at_hand(closed(cast), person=cast.specialist)
    assert here.close_out
    assert here.close_out.get_referral_display() == "A referral was contemplated and is now avoided"
    assert here.close_out.value == 5
    assert not here.bills_preparation
