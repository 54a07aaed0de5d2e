"""Reading the environment: a value that is wrong stops the program with the name of its variable."""

import shlex
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
_WORDS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Environment(environ.Env):  # type: ignore[misc] # the library is untyped
    """django-environ's reader, with readers that say which variable is wrong and what it should be."""

    def _read(self, name: str, default: Any, kind: Callable[[str], T], should_be: str) -> T:
        text = self.str(name, default=str(default))
        try:
            return kind(text)
        except (KeyError, ValueError):
            raise ImproperlyConfigured(f"{name} is {text!r}; it must be {should_be}.") from None

    def number(self, name: str, *, default: int, least: int = 0) -> int:
        """A whole number of at least ``least``."""
        return self._read(name, default, lambda text: _at_least(int(text), least), f"a whole number from {least}")

    def days(self, name: str, *, default: str) -> tuple[int, ...]:
        """Numbers of days, such as 90,60,30, the largest first; none where the variable is empty."""
        return self._read(name, default, _days, "numbers of days from 1, such as 90,60,30")

    def yes_or_no(self, name: str, *, default: bool) -> bool:
        return self._read(name, default, lambda text: _WORDS[text.lower()], "true or false")

    def one_of(self, name: str, *, default: str, choices: tuple[str, ...]) -> str:
        return self._read(name, default, lambda text: choices[choices.index(text)], f"one of {', '.join(choices)}")

    def rate(self, name: str, *, default: str) -> str:
        """So many requests in a time, such as 600/min."""
        return self._read(name, default, _rate, "a number and a time, such as 600/min")

    def command(self, name: str) -> tuple[str, ...]:
        """A program with its arguments, written as in a shell; none where the variable is empty."""
        return self._read(name, "", lambda text: tuple(shlex.split(text)), "a command such as clamdscan --fdpass")

    def web_address(self, name: str, *, default: str | None) -> str:
        """An address of a site, without a slash at its end; without a default the variable must be set."""
        text = str(self.str(name) if default is None else self.str(name, default=default))
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ImproperlyConfigured(f"{name} is {text!r}; it must be an address such as https://consilium.example.")
        return text.rstrip("/")

    def both(self, *named: tuple[str, tuple[str, ...]]) -> list[str]:
        """Secrets that go together, each with how it may begin: all are set, or none is (then they are empty)."""
        found = [self.str(name, default="") for name, _ in named]
        if not any(found):
            return found
        for text, (name, begins) in zip(found, named, strict=True):
            if not text.startswith(begins):
                together = " and ".join(name for name, _ in named)
                raise ImproperlyConfigured(f"{name} must begin with {' or '.join(begins)}; {together} go together.")
        return found

    def contact(self, name: str) -> str:
        """Where to write to, as mailto:somebody@example or https://…; empty where the variable is."""
        return self._read(name, "", _contact, "an address such as mailto:security@network.example or https://…")

    def postgresql(self, name: str) -> dict[str, Any]:
        """A Django database from a postgresql:// address."""
        try:
            database: dict[str, Any] = self.db(name)
        except Exception:  # noqa: BLE001 - the library raises whatever it trips over
            database = {}
        if database.get("ENGINE") != "django.db.backends.postgresql":
            raise ImproperlyConfigured(f"{name} must be an address such as postgresql://role:password@host/database.")
        return database


def _at_least(value: int, least: int) -> int:
    if value < least:
        raise ValueError
    return value


def _days(text: str) -> tuple[int, ...]:
    found = {_at_least(int(part), 1) for part in text.split(",") if part.strip()}
    return tuple(sorted(found, reverse=True))


def _contact(text: str) -> str:
    if text and (not text.startswith(("mailto:", "https://")) or not text.isprintable() or " " in text):
        raise ValueError
    return text


def _rate(text: str) -> str:
    number, _, period = text.partition("/")
    if int(number) < 1 or period[:1] not in ("s", "m", "h", "d"):
        raise ValueError
    return text
