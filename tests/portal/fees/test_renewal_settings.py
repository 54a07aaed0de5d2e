"""The days of reminders, as the environment gives them."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.environment import Environment

NAME = "RENEWAL_REMINDER_DAYS"


@pytest.mark.parametrize(
    ("text", "found"), [("90,60,30", (90, 60, 30)), (" 7, 30 ,7", (30, 7)), ("", ()), ("1", (1,)), ("60,,30", (60, 30))]
)
def test_days_are_read_the_largest_first(monkeypatch: pytest.MonkeyPatch, text: str, found: tuple[int, ...]) -> None:
    monkeypatch.setenv(NAME, text)
    assert Environment().days(NAME, default="90,60,30") == found


@pytest.mark.parametrize("text", ["ninety", "90;60", "0", "30,-1", "7.5"])
def test_nonsense_stops_the_program_with_the_name_of_the_variable(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(NAME, text)
    with pytest.raises(ImproperlyConfigured, match=NAME):
        Environment().days(NAME, default="90,60,30")
