"""What sending goes by, in one query: as the questions that everything else asks have it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consults.models import Attachment, Consult, OnBehalf, RoutingPolicy
from consults.offered import offered
from consults.services import answering, base, gating, ladders, promising, telling
from consults.services.known import known_of
from consults.services.sending import answering_specialties
from portal.common import tenancy
from portal.members.models import Role, Specialty
from tests.cast import Cast, away, give, make_person, sign_in
from tests.consults.helpers import NOON, after, drafted, sent
from tests.knowledge.helpers import make_document


def opened(cast: Cast) -> Consult:
    """A draft with everything that is counted and looked for."""
    draft = drafted(cast)
    colleague = give(make_person("c@prairie.example", "C"), Role.Name.CLINICIAN, organization=cast.prairie)
    OnBehalf.objects.create(consult=draft, colleague=colleague, written_by=cast.clinician_prairie)
    Attachment.objects.create(consult=draft, name="a", content_type="text/plain", size=1, added_by=draft.requester)
    return draft


@pytest.mark.django_db
def test_one_query_finds_what_each_would(cast: Cast) -> None:
    for number in (1, 2):
        gating.define(by=cast.lead, specialty=cast.cardiology, rules={}, consent="off")
        ladders.set_ladder(by=cast.network_admin, specialty=None, at=after(number))
    policy = RoutingPolicy.objects.create(specialty=cast.cardiology, direct_allowed=False)
    promising.define_promise(by=cast.network_admin, urgency="urgent", answer=timedelta(hours=4), tier="basic")
    away(cast.specialist, after(1), since=NOON)
    cast.lead.is_active, cast.lead.deactivated_at = False, NOON
    cast.lead.save()
    with CaptureQueriesContext(connection) as seen:
        found = known_of(opened(cast), now=NOON)
    assert [query for query in seen.captured_queries if "consults_gateversion" in query["sql"]][1:] == []
    assert found.gate == gating.version_of(cast.cardiology.pk)
    assert found.ladder == ladders.holding(cast.cardiology.pk)
    assert (found.policy, found.policy.direct_allowed) == (policy, False)
    assert (found.documents, found.files, found.is_for_colleague) == (0, 1, True)
    assert (found.is_answered_for, found.is_suspended) == (True, False)
    assert [(row.urgency, row.tier, row.specialty_id) for row in found.promises] == [("urgent", "basic", None)]
    assert [(row.pk, row.email, row.name) for row in found.here] == [
        (row.pk, row.email, row.name) for row in telling.specialists_of(cast.cardiology.pk, now=NOON)
    ]
    assert [row.pk for row in found.here] == [cast.specialist2.pk]
    assert len(known_of(drafted(cast), now=after(1)).here) == 2  # an absence is over at its end


@pytest.mark.django_db
def test_of_a_question_without_a_specialty_nothing_is_known(cast: Cast) -> None:
    found = known_of(drafted(cast, specialty=None), now=NOON)
    assert [found.gate, found.ladder, found.policy.pk, found.documents, found.files] == [None, None, None, 0, 0]
    assert (found.is_answered_for, found.is_for_colleague, found.here, found.promises) == (False, False, [], [])


@pytest.mark.django_db
def test_the_form_offers_the_specialties_for_which_someone_answers(cast: Cast) -> None:
    cast.lead.roles.all().delete()
    for person in (cast.specialist, cast.specialist2):
        person.roles.filter(specialty=cast.hospital_medicine).delete()
    version = gating.define(by=cast.network_admin, specialty=cast.cardiology, rules={}, consent="required")
    found = offered("cardiology")
    assert found.specialties == list(answering_specialties()) == [cast.cardiology]
    assert found.gate == version.gate
    assert offered("nothing").gate == offered("").gate == gating.gate_of(None)
    assert Specialty.objects.count() > 1


@pytest.mark.django_db
def test_a_draft_of_before_is_sent_at_the_moment_it_is_sent(cast: Cast, client: Client) -> None:
    long_ago = timezone.now() - timedelta(days=1)
    draft = drafted(cast, at=long_ago)
    sign_in(client, cast.clinician_prairie)
    data = {"draft": draft.number, "question": draft.question, "summary": draft.summary}
    assert client.post("/ask/", data | {"specialty": "cardiology", "reason": "dosing"}).status_code == 302
    draft.refresh_from_db()
    assert draft.submitted_at
    assert draft.submitted_at > long_ago + timedelta(hours=23)


def test_whoever_waited_for_a_consult_finds_whom_it_names_now(committed_cast: Cast) -> None:
    """Of rows joined while it waits, PostgreSQL would find none: it looks at the held row anew, not at the others."""
    cast = committed_cast
    consult = sent(cast, at=timezone.now())

    def look() -> tuple[str, str, str]:
        try:
            with tenancy.everything():
                row = base.held(consult)
                return str(row.assignee), str(row.specialty), str(row.requester)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            answering.claim(consult, by=cast.specialist, at=timezone.now())
            Consult.objects.filter(pk=consult.pk).update(
                specialty=cast.hospital_medicine, requester=cast.clinician_lakeside
            )
            waiting = pool.submit(look)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=1)
        assert waiting.result(timeout=20) == ("Kofi Arden", "Hospital medicine", "Imani Brooks")


@pytest.mark.django_db
def test_documents_named_twice_are_kept_once(cast: Cast, tmp_path: Path) -> None:
    read = make_document(tmp_path, "read")
    draft = drafted(cast, documents=[read, read])
    assert [row.pk for row in draft.documents.all()] == [read.pk]
    assert known_of(draft, now=NOON).documents == 1
