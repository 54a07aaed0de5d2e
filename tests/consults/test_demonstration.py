"""The demonstration network: every state is there, nothing is mailed, and loading it again changes nothing."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from consults.demonstration.meetings import meeting_moments
from consults.models import Conclusion, Conference, Consult, Measure, Milestone
from knowledge.demonstrating.documents import FOLDER
from knowledge.models import Acknowledgement, Document
from knowledge.services import export_documents, import_documents
from portal.common.models import Mail, Notice
from portal.members.demonstration import load_people
from portal.members.models import Person

pytestmark = pytest.mark.django_db


def load() -> str:
    out = StringIO()
    call_command("load_demonstration", stdout=out)
    return out.getvalue()


def test_it_is_never_loaded_in_production(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="never loaded in production"):
        load()
    assert not Person.objects.exists()


@pytest.mark.parametrize("hour", [0, 5, 12, 23])
def test_an_engagement_is_entered_at_any_hour_of_the_day(hour: int) -> None:
    """It may be tomorrow already by UTC where it is still today for whoever enters it."""
    load_people()
    now = datetime(2026, 11, 26, hour, 10, tzinfo=UTC)
    (begun, _, enter), *_ = meeting_moments(now)
    enter(begun)
    assert Measure.objects.get().points.count() == 20


def test_loaded_and_loaded_again(settings: Any, tmp_path: Any) -> None:
    from knowledge.search import store

    settings.SEARCH_INDEX_DIR = tmp_path / "index"
    try:
        load()
        store.close()
        rows = Consult.objects.all()
        assert set(rows.values_list("state", flat=True)) == set(Consult.State.values), "no page is empty"
        now = timezone.now()
        assert rows.filter(state__in=Consult.OPEN_STATES, due_at__lt=now).exists(), "one is late"
        assert Milestone.objects.filter(kind="breach").exists()
        assert not rows.filter(created_at__gt=now).exists()
        assert not rows.filter(next_milestone_at__lte=now - timedelta(minutes=1)).exists(), "nothing is left to a sweep"
        assert rows.filter(created_at__lt=now - timedelta(days=14)).exists(), "a few weeks of them"
        assert not Mail.objects.exists()
        assert Conference.objects.upcoming(now).count() == Conference.objects.past(now).count() == 1
        assert Conclusion.objects.exists()
        assert Measure.objects.get().points.count() == 20
        assert Notice.objects.filter(read_at=None).exists()
        assert len({row.organization_id for row in rows}) == 2
        told = Acknowledgement.objects.filter(document__slug="acute-stroke")
        assert told.open().exists(), "changed practice waits for somebody"
        assert told.exclude(acknowledged_at=None).exists(), "somebody has acknowledged it"
        assert Document.objects.exclude(owner=None).exists()
        again = import_documents(path=FOLDER, by="test")
        assert (again.added, again.changed) == (0, 0)
        export_documents(folder=tmp_path / "out", by="test")
        again = import_documents(path=tmp_path / "out", by="test")
        assert (again.added, again.changed) == (0, 0)
        before = (
            list(told.values()),
            list(Document.objects.order_by("pk").values()),
            list(Consult.objects.order_by("pk").values()),
            list(Person.objects.order_by("pk").values()),
            Notice.objects.count(),
        )
        assert "Consults are there already." in load()
        assert before == (
            list(told.values()),
            list(Document.objects.order_by("pk").values()),
            list(Consult.objects.order_by("pk").values()),
            list(Person.objects.order_by("pk").values()),
            Notice.objects.count(),
        )
    finally:
        store.close()
