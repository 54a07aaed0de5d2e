"""Payments online are off, or wholly configured: half a configuration stops the program and names the variable."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.environment import Environment

NAMED = (("STRIPE_SECRET_KEY", ("sk_", "rk_")), ("STRIPE_WEBHOOK_SECRET", ("whsec_",)))


def read(monkeypatch: pytest.MonkeyPatch, key: str | None, secret: str | None) -> list[str]:
    for (name, _), value in zip(NAMED, (key, secret), strict=True):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    return Environment().both(*NAMED)


def test_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, None, None) == ["", ""]
    assert read(monkeypatch, "", "") == ["", ""]
    assert read(monkeypatch, "sk_test_1", "whsec_1") == ["sk_test_1", "whsec_1"]
    assert read(monkeypatch, "rk_live_1", "whsec_1") == ["rk_live_1", "whsec_1"]


@pytest.mark.parametrize(
    ("key", "secret", "named"),
    [
        ("sk_test_1", None, "STRIPE_WEBHOOK_SECRET must begin with whsec_"),
        (None, "whsec_1", "STRIPE_SECRET_KEY must begin with sk_ or rk_"),
        ("pk_test_1", "whsec_1", "STRIPE_SECRET_KEY"),
        ("sk_test_1", "sk_test_1", "STRIPE_WEBHOOK_SECRET"),
    ],
)
def test_half_of_it_stops_the_program(
    monkeypatch: pytest.MonkeyPatch, key: str | None, secret: str | None, named: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=named) as stopped:
        read(monkeypatch, key, secret)
    assert "go together" in str(stopped.value)
    assert "test_1" not in str(stopped.value), "no secret in a log"
