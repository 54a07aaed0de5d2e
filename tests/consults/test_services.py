"""The journey of a consult through the services: what each step changes, tells and refuses."""

from datetime import timedelta
from typing import Any

import pytest

from consults.models import ClockEvent, Consult
from consults.policy import IN_STATES, Action
from consults.services import answering, drafting, joining, promising, requesting, sending
from portal.common.models import AuditEvent, Mail, Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person
from tests.cast import Cast, away
from tests.consults.helpers import IN_STATE, NOON, after, answered, claimed, drafted, sent, waiting

pytestmark = pytest.mark.django_db


def kinds(consult: Consult) -> list[str]:
    return list(consult.timeline.values_list("kind", flat=True))


def told(person: Person) -> list[str]:
    return list(Notice.objects.filter(person=person).order_by("id").values_list("text", flat=True))


def test_from_question_to_close(cast: Cast) -> None:
    consult = sent(cast)
    assert (consult.state, consult.due_at) == ("queued", NOON + timedelta(hours=48))
    answering.claim(consult, by=cast.specialist, at=after(1))
    answering.ask_back(consult, by=cast.specialist, text="Which weight?", at=after(2))
    requesting.reply(consult, by=cast.clinician_prairie, text="70 kg", at=after(12))
    consult.refresh_from_db()
    assert (consult.state, consult.due_at) == ("assigned", NOON + timedelta(hours=58))
    answering.answer(consult, by=cast.specialist, text="5 mg twice daily.", documents=[], minutes=9, at=after(20))
    requesting.close(consult, by=cast.clinician_prairie, course="new", referral="avoided", value=5, at=after(30))
    consult.refresh_from_db()
    assert (consult.state, consult.ended_at, consult.due_at) == ("closed", after(30), None)
    assert kinds(consult) == ["submitted", "claimed", "asked-back", "replied", "answered", "closed"]
    assert list(consult.clock_events.values_list("kind", flat=True)) == ["start", "pause", "resume", "stop"]
    actions = AuditEvent.objects.filter(object_id=consult.number).order_by("id").values_list("action", flat=True)
    steps = ("send", "claim", "ask", "reply", "answer", "close")
    assert list(actions) == [f"consult.{step}" for step in steps]


def test_everyone_in_the_specialty_is_told_of_a_new_question_but_nobody_away(cast: Cast) -> None:
    away(cast.specialist2, after(24))
    consult = sent(cast)
    expected = [f"Consult {consult.number} waits for an answer."]
    assert told(cast.specialist) == told(cast.lead) == expected
    assert told(cast.specialist2) == []


def test_mail_says_nothing_clinical(cast: Cast) -> None:
    answering.ask_back(claimed(cast), by=cast.specialist, text="Weight and creatinine trend?", at=after(2))
    assert Mail.objects.count() >= 4
    for mail in Mail.objects.all():
        text = f"{mail.subject} {mail.body}".lower()
        for word in ("apixaban", "fibrillation", "egfr", "72-year-old", "creatinine", "weight"):
            assert word not in text


def test_a_named_specialist_has_it_at_once(cast: Cast) -> None:
    consult = sent(cast, to=cast.specialist2)
    assert (consult.state, consult.assignee) == ("assigned", cast.specialist2)
    assert told(cast.specialist) == []


def test_nobody_away_is_given_a_question(cast: Cast) -> None:
    away(cast.specialist2, after(24))
    with pytest.raises(Invalid) as refused:
        sent(cast, to=cast.specialist2)
    assert "away" in refused.value.fields["assignee"]
    with pytest.raises(Invalid, match="away"):
        answering.hand_over(claimed(cast), by=cast.specialist, to=cast.specialist2, at=after(2))


def test_an_incomplete_question_is_not_sent_and_each_gap_is_named(cast: Cast) -> None:
    draft = drafted(cast, specialty=None, reason="", question="", summary="")
    with pytest.raises(Invalid) as refused:
        sending.send(draft, by=cast.clinician_prairie, attested=False, at=NOON)
    assert set(refused.value.fields) == {"specialty", "reason", "question", "summary"}
    draft.refresh_from_db()
    assert (draft.state, draft.clock_events.count()) == ("draft", 0)


def test_likely_identifiers_stop_sending_until_attested(cast: Cast) -> None:
    draft = drafted(cast, summary="Mr. Gunderson, MRN 00482913, has AF.")
    with pytest.raises(Invalid) as refused:
        sending.send(draft, by=cast.clinician_prairie, attested=False, at=NOON)
    assert "a person's name" in refused.value.fields["attested"]
    row = sending.send(draft, by=cast.clinician_prairie, attested=True, at=NOON)
    assert row.attested_at == NOON


def test_handing_over_keeps_the_clock(cast: Cast) -> None:
    consult = waiting(cast)
    answering.hand_over(consult, by=cast.specialist, to=cast.specialist2, at=after(3))
    consult.refresh_from_db()
    assert (consult.state, consult.assignee) == ("waiting", cast.specialist2)
    requesting.reply(consult, by=cast.clinician_prairie, text="70 kg", at=after(12))
    consult.refresh_from_db()
    assert consult.due_at == NOON + timedelta(hours=58), "the pause from 2 to 12 h was kept"
    assert consult.assignments.filter(ended_at=None).get().specialist == cast.specialist2


def test_back_to_the_queue_and_taken_by_another(cast: Cast) -> None:
    consult = claimed(cast)
    answering.hand_over(consult, by=cast.specialist, to=None, at=after(2))
    consult.refresh_from_db()
    assert (consult.state, consult.assignee, consult.due_at) == ("queued", None, NOON + timedelta(hours=48))
    assert answering.claim(consult, by=cast.specialist2, at=after(3)).assignee == cast.specialist2


def test_handing_over_goes_to_specialists_of_the_specialty_only(cast: Cast) -> None:
    with pytest.raises(Invalid):
        answering.hand_over(claimed(cast), by=cast.specialist, to=cast.editor, at=after(2))
    with pytest.raises(Invalid):
        answering.hand_over(claimed(cast), by=cast.specialist, to=cast.specialist, at=after(2))


def test_a_follow_up_starts_a_new_clock_with_whoever_answered(cast: Cast) -> None:
    consult = answered(cast)
    requesting.reply(consult, by=cast.clinician_prairie, text="And after dialysis?", at=after(30))
    consult.refresh_from_db()
    assert (consult.state, consult.assignee, consult.cycle) == ("assigned", cast.specialist, 2)
    assert consult.due_at == after(78)
    first = ClockEvent.objects.filter(consult=consult, cycle=1).values_list("kind", "at")
    assert list(first) == [("start", NOON), ("stop", after(5))], "the first cycle is unchanged"


def test_a_follow_up_goes_to_the_queue_when_whoever_answered_is_away(cast: Cast) -> None:
    consult = answered(cast)
    away(cast.specialist, after(90))
    requesting.reply(consult, by=cast.clinician_prairie, text="And after dialysis?", at=after(30))
    consult.refresh_from_db()
    assert (consult.state, consult.assignee) == ("queued", None)


def test_an_answer_while_waiting_ends_the_pause(cast: Cast) -> None:
    consult = waiting(cast)
    answering.answer(consult, by=cast.specialist, text="Either way 5 mg.", documents=[], minutes=5, at=after(40))
    consult.refresh_from_db()
    assert (consult.state, consult.due_at, consult.next_milestone_at) == ("answered", None, None)
    assert not consult.milestones.exists(), "of 40 hours only 2 counted"


@pytest.mark.parametrize("minutes", [0, -3, 601])
def test_minutes_outside_1_to_600_are_refused(cast: Cast, minutes: int) -> None:
    with pytest.raises(Invalid, match="minutes"):
        answering.answer(claimed(cast), by=cast.specialist, text="x", documents=[], minutes=minutes, at=after(2))


@pytest.mark.parametrize("text", ["", "   \n ", "\x00"])
def test_empty_words_are_refused_and_nothing_changes(cast: Cast, text: str) -> None:
    consult = claimed(cast)
    with pytest.raises(Invalid):
        answering.ask_back(consult, by=cast.specialist, text=text, at=after(2))
    consult.refresh_from_db()
    assert (consult.state, consult.clock_events.count()) == ("assigned", 1)


def act(action: Action, consult: Consult, by: Person, cast: Cast) -> None:
    at = after(9)
    calls: dict[Action, Any] = {
        Action.SEND: lambda: sending.send(consult, by=by, attested=True, at=at),
        Action.CLAIM: lambda: answering.claim(consult, by=by, at=at),
        Action.ASK: lambda: answering.ask_back(consult, by=by, text="x", at=at),
        Action.REPLY: lambda: requesting.reply(consult, by=by, text="x", at=at),
        Action.ANSWER: lambda: answering.answer(consult, by=by, text="x", documents=[], minutes=5, at=at),
        Action.HANDOVER: lambda: answering.hand_over(consult, by=by, to=cast.specialist2, at=at),
        Action.DECLINE: lambda: answering.decline(consult, by=by, reason="x", at=at),
        Action.WITHDRAW: lambda: requesting.withdraw(consult, by=by, at=at),
        Action.CLOSE: lambda: requesting.close(consult, by=by, course="new", referral="avoided", value=4, at=at),
        Action.TRANSFER: lambda: joining.transfer(consult, by=by, to=cast.hospital_medicine, reason="x", at=at),
        Action.SECOND: lambda: joining.ask_second(consult, by=by, specialist=cast.specialist2, text="x", at=at),
        Action.RETARGET: lambda: promising.set_urgency(consult, by=by, urgency="urgent", at=at),
    }
    if action is Action.RETARGET:
        promising.define_promise(by=cast.network_admin, urgency="urgent", answer=timedelta(hours=4))
    calls[action]()


OF_THE_REQUESTER = {Action.SEND, Action.REPLY, Action.WITHDRAW, Action.CLOSE}


@pytest.mark.parametrize("state", list(IN_STATE))
@pytest.mark.parametrize("action", list(Action))
def test_each_action_in_each_state(cast: Cast, action: Action, state: str) -> None:
    """By whoever may: allowed where the table says so, and a Conflict that changes nothing elsewhere."""
    consult = IN_STATE[state](cast)
    by = cast.clinician_prairie if action in OF_THE_REQUESTER else cast.lead
    if action in (Action.ASK, Action.ANSWER):
        by = cast.specialist
        if consult.assignee != by:
            with pytest.raises((Conflict, Refused)):
                act(action, consult, by, cast)
            return
    if state in IN_STATES[action]:
        act(action, consult, by, cast)
        return
    before = Consult.objects.values().get(pk=consult.pk)
    with pytest.raises(Conflict):
        act(action, consult, by, cast)
    assert Consult.objects.values().get(pk=consult.pk) == before


@pytest.mark.parametrize("action", list(Action))
def test_each_action_refused_to_everyone_it_is_not_for(cast: Cast, action: Action) -> None:
    state = sorted(IN_STATES[action])[0]
    consult = IN_STATE[state](cast)
    everyone = [
        cast.clinician_prairie,
        cast.admin_prairie,
        cast.clinician_lakeside,
        cast.specialist2,
        cast.editor,
        cast.network_admin,
        cast.auditor,
    ]
    may = {
        Action.CLAIM: [cast.specialist2],
        **{of: [cast.clinician_prairie] for of in OF_THE_REQUESTER},
    }.get(action, [])
    for person in everyone:
        if person not in may:
            with pytest.raises(Refused):
                act(action, consult, person, cast)


def test_a_clinician_who_left_the_organization_no_longer_acts_for_it(cast: Cast) -> None:
    consult = sent(cast)
    cast.clinician_prairie.roles.all().delete()
    person = Person.objects.get(pk=cast.clinician_prairie.pk)
    with pytest.raises(Refused, match="no longer"):
        requesting.withdraw(consult, by=person, at=after(1))


def test_only_clinicians_ask(cast: Cast) -> None:
    for person in (cast.admin_prairie, cast.specialist, cast.editor, cast.network_admin, cast.auditor):
        with pytest.raises(Refused):
            drafted(cast, by=person)


def test_discarding_a_draft_removes_it_and_only_for_its_author(cast: Cast) -> None:
    draft = drafted(cast)
    with pytest.raises(Refused):
        drafting.discard_draft(draft, by=cast.clinician_lakeside)
    drafting.discard_draft(draft, by=cast.clinician_prairie)
    assert not Consult.objects.filter(pk=draft.pk).exists()
    with pytest.raises(Conflict):
        drafting.discard_draft(sent(cast), by=cast.clinician_prairie)


def test_a_sent_question_is_not_edited(cast: Cast) -> None:
    with pytest.raises(Conflict):
        drafting.save_draft(sent(cast), by=cast.clinician_prairie, content=drafting.Content(), at=after(1))
