"""What a reminder says, by its level, in each language that `letters.yaml` has words in. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from portal.fees.money import CURRENCIES, in_words


@dataclass(frozen=True)
class Words:
    """One language."""

    title: str
    facts: Sequence[str]
    levels: Sequence[str]
    safe: str
    crossed: str
    foot: str
    months: str
    day: str
    decimal: str


LANGUAGES: Mapping[str, Words] = {
    name: Words(**words)
    for name, words in yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")).items()
}


@dataclass(frozen=True)
class Letter:
    """One reminder, in values."""

    language: str
    level: int
    number: str
    organization: str
    written_on: date
    issued_on: date
    due_on: date
    cents: int
    currency: str


def written(letter: Letter) -> dict[str, object]:
    """What the template of the PDF is given, but for the paper's size."""
    words = LANGUAGES[letter.language]
    days = (letter.written_on - letter.due_on).days
    values = {"level": letter.level, "number": letter.number, "days": days, "due": day(letter.due_on, letter.language)}
    dates = [day(one, letter.language) for one in (letter.written_on, letter.issued_on, letter.due_on)]
    facts = [*dates, str(days), amount(letter.cents, letter.currency, letter.language)]
    body = words.levels[min(letter.level, len(words.levels)) - 1]
    return {
        "title": words.title.format(**values),
        "lang": letter.language,
        "organization": letter.organization,
        "facts": [list(pair) for pair in zip(words.facts, facts, strict=True)],
        "body": [body.format(**values), words.safe, words.crossed],
        "foot": [words.title.format(**values), words.foot],
    }


def day(value: date, language: str) -> str:
    words = LANGUAGES[language]
    return words.day.format(day=value.day, month=words.months.split()[value.month - 1], year=value.year)


def amount(cents: int, currency: str, language: str) -> str:
    """As the language writes it: ``$1,234.50``, ``1.234,50 $``, ``1 234,50 $``."""
    if LANGUAGES[language].decimal == ".":
        return in_words(cents, currency)
    units, rest = divmod(cents, 100)
    grouped = f"{units:,}".replace(",", "." if language == "es" else "\u202f")
    return f"{grouped},{rest:02}\u00a0{CURRENCIES[currency]}"
