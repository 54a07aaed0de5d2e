"""Offers to renew: drafted, offered, accepted to the day, declined, withdrawn, lapsed; each reminder once."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.conf import LazySettings

from portal.common.models import AuditEvent, Mail, Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.fees.models import Agreement, Invoice, Renewal
from portal.fees.services import agreements, invoicing, plans, renewal_sweep, renewals
from portal.members.models import Person
from tests.cast import Cast
from tests.portal.fees.helpers import a_plan, noon, signed
from tests.portal.fees.renewals import AUTUMN, ENDS, NAME, NEXT, a_draft, accepted, an_offer

pytestmark = pytest.mark.django_db


def state(row: Renewal) -> str:
    return Renewal.objects.get(pk=row.pk).state


def test_accepted_it_becomes_the_next_agreement_as_it_was_offered(cast: Cast) -> None:
    old = signed(cast)
    row = an_offer(cast, old)
    made = accepted(cast, row, noon(date(2026, 12, 31)))
    terms = made.terms.get()
    assert (made.account, made.starts_on, made.until, made.cycle) == (old.account, ENDS, NEXT, 3)
    assert (terms.version, terms.clinicians, terms.facilities, terms.discount_points) == (row.version, 30, 2, 500)
    assert made.made_by == cast.admin_prairie
    kept = Renewal.objects.get(pk=row.pk)
    assert (kept.state, kept.made, kept.signed_name, kept.ended_by) == ("accepted", made, NAME, cast.admin_prairie)
    assert kept.ended_at == noon(date(2026, 12, 31))
    assert kept.sentence == (
        "On behalf of Prairie Health I accept this offer: Standard, version 1, from 1 January 2027 up to and with "
        "31 December 2027, at $19,699.20 a year with tax for 2 facilities and 30 clinicians, and what is used beyond "
        "the plan at the plan's prices."
    )
    invoicing.bill(at=noon(date(2026, 12, 20)))
    assert Invoice.objects.filter(agreement=made).get().net_cents == 1_824_000 // 4


def test_the_price_is_frozen_when_it_is_offered(cast: Cast) -> None:
    row = an_offer(cast, signed(cast))
    said = renewals.sentence_of(row)
    later = a_plan(cast, dues={"member": 99_000_00, "regional": 99_000_00})
    assert later.number == 2
    plans.withdraw(later.plan, by=cast.network_admin, at=AUTUMN)
    cast.prairie.tier = "regional"
    cast.prairie.save()
    made = accepted(cast, Renewal.objects.get(pk=row.pk))
    assert (made.terms.get().version, made.terms.get().tier) == (row.version, "member")
    assert Renewal.objects.get(pk=row.pk).sentence == said


def test_only_administrators_of_the_organization_answer(cast: Cast) -> None:
    row = an_offer(cast, signed(cast))
    people = (cast.network_admin, cast.auditor, cast.clinician_prairie, cast.clinician_lakeside, cast.specialist)
    for person in people:
        with pytest.raises(Refused):
            renewals.accept(row, by=person, name="x", sentence=renewals.sentence_of(row), at=AUTUMN)
        with pytest.raises(Refused):
            renewals.decline(row, by=person, reason="x", at=AUTUMN)
    assert state(row) == "offered"


def test_only_administrators_of_the_network_draft_offer_and_withdraw(cast: Cast) -> None:
    agreement = signed(cast)
    row = a_draft(cast, agreement)
    for person in (cast.admin_prairie, cast.auditor, cast.clinician_prairie, cast.editor):
        acts: list[Callable[[Person], object]] = [
            lambda by: renewals.draft(agreement, by=by, terms=_terms(row), at=AUTUMN),
            lambda by: renewals.offer(row, by=by, at=AUTUMN),
            lambda by: renewals.withdraw(row, by=by, reason="x", at=AUTUMN),
        ]
        for act in acts:
            with pytest.raises(Refused):
                act(person)
    assert state(row) == "draft"


def _terms(row: Renewal) -> renewals.Terms:
    return renewals.Terms(row.version, row.until, row.cycle, row.facilities, row.clinicians)


@pytest.mark.parametrize(
    ("name", "sentence", "field"), [("", None, "name"), ("x" * 121, None, "name"), (NAME, "I agree", "sentence")]
)
def test_an_acceptance_needs_a_name_and_the_very_sentence(
    cast: Cast, name: str, sentence: str | None, field: str
) -> None:
    row = an_offer(cast, signed(cast))
    words = renewals.sentence_of(row) if sentence is None else sentence
    with pytest.raises(Invalid) as refused:
        renewals.accept(row, by=cast.admin_prairie, name=name, sentence=words, at=AUTUMN)
    assert field in refused.value.fields
    assert state(row) == "offered"


def test_a_draft_is_drafted_anew_and_is_one(cast: Cast) -> None:
    agreement = signed(cast)
    first, second = a_draft(cast, agreement), a_draft(cast, agreement, clinicians=90)
    assert first.pk == second.pk
    assert Renewal.objects.get().clinicians == 90
    assert not Mail.objects.filter(subject__contains="renew").exists()
    renewals.offer(second, by=cast.network_admin, at=AUTUMN)
    with pytest.raises(Conflict, match="open already"):
        a_draft(cast, agreement)
    with pytest.raises(Conflict, match="Only a draft"):
        renewals.offer(second, by=cast.network_admin, at=AUTUMN)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 8, 31), "from 1 September 2026 on"),
        (date(2026, 9, 1), ""),
        (date(2026, 12, 31), ""),
        (date(2027, 1, 1), "is over"),
    ],
)
def test_an_offer_is_made_within_the_months_before_the_end(
    cast: Cast, settings: LazySettings, day: date, words: str
) -> None:
    settings.RENEWAL_MONTHS = 4
    agreement = signed(cast)
    if not words:
        assert an_offer(cast, agreement, noon(day)).starts_on == ENDS
        return
    with pytest.raises(Conflict, match=words):
        a_draft(cast, agreement, noon(day))


def test_what_is_followed_or_ended_already_is_not_offered_another(cast: Cast) -> None:
    agreement = signed(cast)
    row = a_draft(cast, agreement)
    signed(cast, version=row.version, starts_on=NEXT, until=date(2029, 1, 1))
    with pytest.raises(Conflict, match="follows this one"):
        renewals.offer(row, by=cast.network_admin, at=AUTUMN)
    other = signed(cast, cast.lakeside, version=row.version)
    agreements.end(other, by=cast.network_admin, on=date(2026, 11, 1), reason="They merge", at=AUTUMN)
    with pytest.raises(Conflict, match="ended early"):
        a_draft(cast, other)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"until": ENDS}, "until"),
        ({"cycle": 5}, "cycle"),
        ({"facilities": -1}, "facilities"),
        ({"discount_points": 10_001}, "discount_points"),
    ],
)
def test_what_no_agreement_can_have_is_not_drafted(cast: Cast, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        a_draft(cast, signed(cast), **change)
    assert field in refused.value.fields
    assert not Renewal.objects.exists()


def test_another_currency_and_a_withdrawn_plan_are_not_offered(cast: Cast) -> None:
    agreement = signed(cast)
    with pytest.raises(Invalid):
        a_draft(cast, agreement, version=a_plan(cast, name="Euro", currency="EUR"))
    row = a_draft(cast, agreement)
    plans.withdraw(row.version.plan, by=cast.network_admin, at=AUTUMN)
    with pytest.raises(Conflict, match="is withdrawn"):
        renewals.offer(row, by=cast.network_admin, at=AUTUMN)
    with pytest.raises(Conflict, match="is withdrawn"):
        a_draft(cast, agreement)


def test_declined_with_a_reason_and_offered_again(cast: Cast) -> None:
    agreement = signed(cast)
    row = an_offer(cast, agreement)
    with pytest.raises(Invalid):
        renewals.decline(row, by=cast.admin_prairie, reason=" ", at=AUTUMN)
    renewals.decline(row, by=cast.admin_prairie, reason="Too dear", at=AUTUMN)
    assert Renewal.objects.get(pk=row.pk).reason == "Too dear"
    for act in (
        lambda: accepted(cast, row),
        lambda: renewals.withdraw(row, by=cast.network_admin, reason="x", at=AUTUMN),
    ):
        with pytest.raises(Conflict, match="it is declined"):
            act()
    assert an_offer(cast, agreement, clinicians=20).pk != row.pk
    assert Agreement.objects.count() == 1


def test_what_was_withdrawn_is_not_accepted(cast: Cast) -> None:
    row = an_offer(cast, signed(cast))
    with pytest.raises(Invalid):
        renewals.withdraw(row, by=cast.network_admin, reason="", at=AUTUMN)
    renewals.withdraw(row, by=cast.network_admin, reason="Another plan comes", at=AUTUMN)
    with pytest.raises(Conflict, match="it is withdrawn"):
        accepted(cast, row)
    assert Notice.objects.filter(person=cast.admin_prairie, text__contains="withdrawn").count() == 1


def test_it_lapses_on_the_day_the_agreement_is_over(cast: Cast) -> None:
    row = an_offer(cast, signed(cast))
    assert renewal_sweep.sweep(at=noon(date(2026, 12, 31)))[1] == 0
    with pytest.raises(Conflict, match="has lapsed"):
        accepted(cast, row, noon(ENDS))
    assert renewal_sweep.sweep(at=noon(ENDS)) == (0, 1)
    assert renewal_sweep.sweep(at=noon(ENDS)) == (0, 0)
    assert state(row) == "lapsed"
    assert Notice.objects.filter(person=cast.network_admin, text__endswith="lapsed.").count() == 1
    assert not Agreement.objects.running(noon(ENDS)).exists()


def test_an_agreement_that_ends_early_takes_its_offer_with_it(cast: Cast) -> None:
    agreement = signed(cast)
    row = an_offer(cast, agreement)
    agreements.end(agreement, by=cast.network_admin, on=date(2026, 11, 1), reason="They merge", at=AUTUMN)
    with pytest.raises(Conflict, match="ended early"):
        accepted(cast, row)
    assert renewal_sweep.sweep(at=AUTUMN) == (0, 1)
    assert Renewal.objects.get(pk=row.pk).reason == "The agreement was ended early."


def test_every_step_is_told_and_in_the_audit_trail(cast: Cast) -> None:
    accepted(cast, an_offer(cast, signed(cast)))
    actions = list(AuditEvent.objects.filter(action__startswith="fees.renewal").values_list("action", flat=True))
    assert sorted(actions) == ["fees.renewal.accept", "fees.renewal.draft", "fees.renewal.offer"]
    told = {(row.person, row.text) for row in Notice.objects.filter(kind="renewal")}
    assert told == {
        (cast.admin_prairie, "An offer to renew the membership of Prairie Health waits for your answer."),
        (cast.network_admin, "The offer to renew the membership of Prairie Health: accepted."),
    }
