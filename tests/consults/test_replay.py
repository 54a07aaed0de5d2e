"""The replay of a year runs, with all its rules, on a few hundred consults: a smoke test, so that it cannot rot."""

from random import Random

import pytest

from tests.bench import world
from tests.bench.routing import RULES, gini, main, replay


@pytest.mark.parametrize("rule", list(RULES))
def test_each_rule_answers_every_consult_of_a_few_weeks(rule: str) -> None:
    outcome = replay(5, rule, 0.6, seed=1, days=28, promises=world.PROMISES)
    n = len(outcome.waits) + outcome.unanswered
    assert n > 150
    assert outcome.unanswered <= n * 0.1
    assert 0 < outcome.on_time <= n
    assert all(share > 0 for share in outcome.shares)
    assert all(wait > 0 for wait in outcome.waits)


def test_the_same_seed_is_the_same_year() -> None:
    one, other = (replay(5, "Least expected lateness", 0.6, 3, 14, world.PROMISES) for _ in range(2))
    assert one == other


def test_nobody_is_worked_while_away() -> None:
    for doctor in world.doctors(6, days=90, rng=Random(2)):
        for start, end in doctor.absences:
            assert doctor.kept.worked(end) == doctor.kept.worked(start)


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--sizes", "4", "--days", "14", "--loads", "0.6", "--processes", "1"])
    assert "| 60% | Round robin |" in capsys.readouterr().out


def test_gini() -> None:
    assert gini([3.0, 3.0, 3.0]) == 0
    assert gini([0.0, 0.0, 0.0, 8.0]) == 0.75
