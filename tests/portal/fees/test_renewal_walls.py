"""What the database holds to of offers: behind the wall, frozen once offered, followed to the day, answered once."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from portal.common import tenancy
from portal.common.refusals import Conflict
from portal.fees.models import Agreement, Renewal, RenewalReminder
from portal.fees.services import renewal_sweep, renewals
from tests.cast import Cast
from tests.portal.fees.helpers import noon, signed
from tests.portal.fees.renewals import AUTUMN, ENDS, NEXT, a_draft, accepted, an_offer
from tests.portal.fees.test_at_once import at_once

WALLED = (Renewal, RenewalReminder)


def reminded(cast: Cast) -> Renewal:
    row = an_offer(cast, signed(cast))
    assert renewal_sweep.sweep(at=noon(date(2026, 10, 3))) == (1, 0)
    return row


@pytest.mark.django_db
def test_another_organization_sees_and_writes_none_of_it(cast: Cast) -> None:
    row = reminded(cast)
    with tenancy.only([cast.prairie.pk]):
        assert all(model._default_manager.exists() for model in WALLED)
    for scope in ([cast.lakeside.pk], []):
        with tenancy.only(scope):
            assert not any(model._default_manager.exists() for model in WALLED)
            assert Renewal.objects.update(reason="x") == 0
    copy = {field.attname: getattr(row, field.attname) for field in Renewal._meta.concrete_fields if field.name != "id"}
    with (
        tenancy.only([cast.lakeside.pk]),
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        Renewal.objects.create(**copy | {"state": "withdrawn"})


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"clinicians": 1}, {"discount_points": 10_000}, {"until": date(2030, 1, 1)}])
def test_the_terms_of_an_offer_are_frozen(cast: Cast, change: dict[str, Any]) -> None:
    row = an_offer(cast, signed(cast))
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Renewal.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(DatabaseError, match="never a draft again"), transaction.atomic():
        Renewal.objects.filter(pk=row.pk).update(state="draft")


@pytest.mark.django_db
def test_what_has_ended_stays_and_nothing_is_removed(cast: Cast) -> None:
    agreement = signed(cast)
    row = an_offer(cast, agreement)
    renewals.decline(row, by=cast.admin_prairie, reason="No", at=AUTUMN)
    with pytest.raises(DatabaseError, match="has ended"), transaction.atomic():
        Renewal.objects.filter(pk=row.pk).update(reason="Yes")
    draft = a_draft(cast, agreement)
    with pytest.raises(DatabaseError, match="never removed"), transaction.atomic():
        connection.cursor().execute("DELETE FROM fees_renewal WHERE id = %s", [draft.pk])


@pytest.mark.django_db
def test_reminders_are_only_added(cast: Cast) -> None:
    reminded(cast)
    for statement in ("UPDATE fees_renewalreminder SET id = id", "DELETE FROM fees_renewalreminder"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)


@pytest.mark.django_db
def test_none_is_accepted_without_what_follows_to_the_day(cast: Cast) -> None:
    row = an_offer(cast, signed(cast))
    other = signed(cast, cast.lakeside, version=row.version, starts_on=ENDS, until=NEXT)
    late = signed(cast, version=row.version, starts_on=date(2027, 2, 1), until=NEXT)
    said = {
        "state": "accepted",
        "ended_by": cast.admin_prairie,
        "ended_at": AUTUMN,
        "sentence": "x",
        "signed_name": "x",
    }
    for made in (other, late):
        with pytest.raises(DatabaseError, match="follows to the day"), transaction.atomic():
            Renewal.objects.filter(pk=row.pk).update(**said, made=made)
    with pytest.raises(DatabaseError), transaction.atomic():
        Renewal.objects.filter(pk=row.pk).update(**said)


@pytest.mark.django_db
def test_an_agreement_has_one_open_offer(cast: Cast) -> None:
    row = an_offer(cast, signed(cast))
    copy = {field.attname: getattr(row, field.attname) for field in Renewal._meta.concrete_fields if field.name != "id"}
    with pytest.raises(IntegrityError, match="renewal_open_once"), transaction.atomic():
        Renewal.objects.create(**copy | {"state": "draft"})


def test_of_an_acceptance_and_a_withdrawal_at_once_one_holds(committed_cast: Cast) -> None:
    cast = committed_cast
    row = an_offer(cast, signed(cast))
    works = [
        lambda: accepted(cast, row),
        lambda: renewals.withdraw(row, by=cast.network_admin, reason="Another comes", at=AUTUMN),
        lambda: accepted(cast, row),
    ]
    found = at_once(*works, threads=3)
    assert sum(isinstance(one, Conflict) for one in found) == 2
    held = Renewal.objects.get(pk=row.pk).state
    assert Agreement.objects.count() == (2 if held == "accepted" else 1)


def test_two_sweeps_at_once_remind_once(committed_cast: Cast) -> None:
    cast = committed_cast
    an_offer(cast, signed(cast))
    found = at_once(*[lambda: renewal_sweep.sweep(at=noon(date(2026, 10, 3)))] * 3, threads=3)
    assert sorted(found) == [(0, 0), (0, 0), (1, 0)]  # type: ignore[type-var]
    assert RenewalReminder.objects.count() == 1
