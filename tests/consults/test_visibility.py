"""Who sees a consult: in the queryset, in the database itself, and what an outsider is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from consults.models import (
    Assignment,
    Attachment,
    Citation,
    ClockEvent,
    CloseOut,
    Conference,
    Consult,
    Engagement,
    Message,
    Milestone,
    Statement,
    TimelineEntry,
)
from consults.services import answering
from portal.common import tenancy
from portal.members.models import Person, Role, Specialty
from tests.cast import Cast, give, make_person
from tests.consults.helpers import after, answered, closed, drafted, sent

pytestmark = pytest.mark.django_db


def sees(person: Person, consult: Consult) -> bool:
    return Consult.objects.visible_to(Person.objects.get(pk=person.pk)).filter(pk=consult.pk).exists()


def test_a_question_is_seen_by_its_author_and_the_network_and_nobody_else(cast: Cast) -> None:
    consult = sent(cast)
    for person in (
        cast.clinician_prairie,
        cast.specialist,
        cast.specialist2,
        cast.lead,
        cast.network_admin,
        cast.auditor,
    ):
        assert sees(person, consult), person
    colleague = give(make_person("second@prairie.example", "Ana Sol"), Role.Name.CLINICIAN, organization=cast.prairie)
    for person in (cast.admin_prairie, cast.clinician_lakeside, cast.editor, cast.reviewer, colleague):
        assert not sees(person, consult), person


def test_a_draft_is_its_authors_alone(cast: Cast) -> None:
    draft = drafted(cast)
    assert sees(cast.clinician_prairie, draft)
    for person in (cast.specialist, cast.lead, cast.network_admin, cast.auditor, cast.admin_prairie):
        assert not sees(person, draft), person


def test_specialists_of_another_specialty_do_not_see_it(cast: Cast) -> None:
    other = give(
        make_person("other@network.example", "Lee Park"),
        Role.Name.SPECIALIST,
        specialties=(Specialty.objects.get(slug="neurology"),),
    )
    assert not sees(other, sent(cast))


def test_a_person_without_any_role_sees_nothing_of_others(cast: Cast) -> None:
    assert not sees(make_person("nobody@prairie.example", "No One"), sent(cast))


class TestRowLevelSecurity:
    """With every filter of the application left out, the database alone lets no foreign row through."""

    PARTS = (
        Consult,
        Message,
        Assignment,
        ClockEvent,
        Milestone,
        TimelineEntry,
        CloseOut,
        Citation,
        Attachment,
        Statement,
    )

    @pytest.fixture
    def everything_there(self, cast: Cast) -> Consult:
        from django.core.files.uploadedfile import SimpleUploadedFile

        from consults.services import attachments, clockwork
        from knowledge.models import Document, Revision

        document = Document.objects.create(slug="d", kind="topic")
        revision = Revision.objects.create(document=document, number=1, title="D", body="x", content_hash="x")
        Document.objects.filter(pk=document.pk).update(current_revision=revision)
        document.refresh_from_db()
        consult = sent(cast)
        attachments.attach(
            consult, by=cast.clinician_prairie, upload=SimpleUploadedFile("a.txt", b"notes"), at=after(1)
        )
        answering.claim(consult, by=cast.specialist, at=after(1))
        clockwork.sweep(now=after(25))
        answering.answer(consult, by=cast.specialist, text="x", documents=[document], minutes=5, at=after(26))
        CloseOut.objects.create(consult=consult, course="new", referral="avoided", value=5)
        Statement.objects.create(
            consult=consult, kind="consent", wording=1, sentence="x", made_by=cast.clinician_prairie, made_at=after(1)
        )
        consult.documents.add(document)
        return consult

    def test_each_table_shows_its_rows_to_its_organization_only(self, cast: Cast, everything_there: Consult) -> None:
        tables = [model.objects.all() for model in self.PARTS] + [Consult.documents.through.objects.all()]
        for rows in tables:
            with tenancy.only([cast.prairie.pk]):
                assert rows.count() > 0, rows.model
            with tenancy.only([cast.lakeside.pk]):
                assert rows.count() == 0, rows.model
            with tenancy.only([]):
                assert rows.count() == 0, rows.model

    def test_nothing_set_shows_nothing(self, cast: Cast, everything_there: Consult) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('consilium.organizations', '', false)")
        assert Consult.objects.count() == Message.objects.count() == 0
        tenancy.open_session_scope()

    def test_a_foreign_row_is_neither_changed_nor_added(self, cast: Cast, everything_there: Consult) -> None:
        from django.db import transaction
        from django.db.utils import ProgrammingError

        with tenancy.only([cast.lakeside.pk]):
            assert Consult.objects.filter(pk=everything_there.pk).update(question="x") == 0
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                Message.objects.create(
                    consult_id=everything_there.pk, kind="note", author=cast.clinician_lakeside, text="x"
                )
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                Consult.objects.create(number="C-0", organization=cast.prairie, requester=cast.clinician_prairie)

    def test_every_table_that_leads_to_a_consult_is_walled(self) -> None:
        from django.apps import apps

        with connection.cursor() as cursor:
            cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
            walled = {row[0] for row in cursor.fetchall()}
        models = list(apps.get_app_config("consults").get_models(include_auto_created=True))
        leading: set[Any] = {Consult, Conference, Engagement}
        for _ in models:  # also what leads to something that leads there
            leading |= {row for row in models if any(f.related_model in leading for f in row._meta.concrete_fields)}
        expected = {model._meta.db_table for model in leading}
        expected |= {"consults_piece", "consults_preparationpolicy"}  # the network's own, and an organization's
        assert expected == {name for name in walled if name.startswith("consults_")}


def test_the_scope_ends_with_its_block_and_is_restored(cast: Cast) -> None:
    sent(cast)
    with tenancy.only([cast.lakeside.pk]):
        with tenancy.everything():
            assert Consult.objects.count() == 1
        assert Consult.objects.count() == 0
    assert Consult.objects.count() == 1


def test_expected_time_needs_eleven_answers_and_shows_no_row(cast: Cast) -> None:
    from consults.figures import expected_time

    now = after(24)
    for _ in range(10):
        closed(cast)
    with tenancy.only([cast.lakeside.pk]):
        assert expected_time(cast.cardiology.pk, now=now).median is None
        assert expected_time(cast.cardiology.pk, now=now).n == 10
    answered(cast)
    with tenancy.only([cast.lakeside.pk]):
        assert expected_time(cast.cardiology.pk, now=now).median == timedelta(hours=5)
        assert Consult.objects.count() == 0, "the figure opened no row to the caller"
