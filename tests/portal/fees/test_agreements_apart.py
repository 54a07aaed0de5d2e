"""Two agreements of one account never cover the same day: by the services, and by the database without them."""

from datetime import date
from threading import Barrier

import pytest
from django.db import IntegrityError, transaction

from portal.common.refusals import Conflict
from portal.fees.models import Account, Agreement
from portal.fees.services import agreements
from tests.cast import Cast
from tests.portal.fees.helpers import NOON, a_plan, signed
from tests.portal.fees.test_at_once import at_once

YEAR, NEXT = date(2027, 1, 1), date(2028, 1, 1)


def written(account: Account, cast: Cast, starts_on: date, until: date, ended_on: date | None = None) -> Agreement:
    """A row, past the services."""
    return Agreement.objects.create(
        account=account,
        starts_on=starts_on,
        until=until,
        ended_on=ended_on,
        cycle=12,
        made_by=cast.network_admin,
        made_at=NOON,
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("starts_on", "until"),
    [
        (date(2026, 1, 1), YEAR),
        (date(2026, 12, 31), NEXT),
        (date(2025, 6, 1), date(2026, 1, 2)),
        (date(2026, 5, 1), date(2026, 5, 2)),
        (date(2025, 1, 1), NEXT),
    ],
)
def test_the_database_refuses_a_day_twice(cast: Cast, starts_on: date, until: date) -> None:
    account = signed(cast).account
    with pytest.raises(IntegrityError, match="agreement_days_once"), transaction.atomic():
        written(account, cast, starts_on, until)
    other = signed(cast, cast.lakeside, version=a_plan(cast), starts_on=YEAR, until=NEXT).account
    assert written(other, cast, starts_on, min(until, YEAR)).pk


@pytest.mark.django_db
def test_what_follows_to_the_day_or_comes_after_an_end_is_welcome(cast: Cast) -> None:
    first = signed(cast)
    assert written(first.account, cast, YEAR, NEXT).pk
    assert written(first.account, cast, date(2025, 1, 1), first.starts_on).pk
    agreements.end(first, by=cast.network_admin, on=date(2026, 7, 1), reason="They merge", at=NOON)
    assert written(first.account, cast, date(2026, 7, 1), YEAR).pk
    assert written(first.account, cast, date(2026, 3, 1), YEAR, ended_on=date(2026, 3, 1)).pk  # never had a day


@pytest.mark.django_db
def test_none_is_moved_over_another(cast: Cast) -> None:
    first = signed(cast)
    second = written(first.account, cast, YEAR, NEXT)
    with pytest.raises(IntegrityError, match="agreement_days_once"), transaction.atomic():
        Agreement.objects.filter(pk=second.pk).update(starts_on=date(2026, 12, 31))
    agreements.end(first, by=cast.network_admin, on=date(2026, 7, 1), reason="They merge", at=NOON)
    written(first.account, cast, date(2026, 7, 1), YEAR)
    with pytest.raises(IntegrityError, match="agreement_days_once"), transaction.atomic():
        Agreement.objects.filter(pk=first.pk).update(ended_on=None)


def test_of_two_written_at_once_one_stays(committed_cast: Cast) -> None:
    """Each has looked and found the days free: the second waits for the first to commit, and is refused."""
    cast = committed_cast
    account = signed(cast).account
    both_looked = Barrier(2, timeout=20)

    def write() -> object:
        try:
            with transaction.atomic():
                assert not Agreement.objects.filter(account=account, until__gt=YEAR).exists()
                both_looked.wait()
                return written(account, cast, YEAR, NEXT)
        except IntegrityError as refusal:
            return refusal

    found = at_once(write, write, threads=2)
    assert sorted(type(row).__name__ for row in found) == ["Agreement", "IntegrityError"]
    assert Agreement.objects.filter(account=account, starts_on=YEAR).count() == 1


def test_of_two_signed_at_once_one_is_refused_in_words(committed_cast: Cast) -> None:
    cast = committed_cast
    version = signed(cast).terms.get().version

    def sign() -> object:
        return signed(cast, version=version, starts_on=YEAR, until=NEXT)

    found = at_once(sign, sign, threads=2)
    assert sum(isinstance(row, Agreement) for row in found) == 1
    assert sum(isinstance(row, Conflict) for row in found) == 1
